"""An upload's life in any order: Hypothesis draws what happens, and after each step the promises hold.

The quota is so small that two or three files use it up, and all that a rule does is a call or two, so that a few
seconds see each limit reached and each end of an upload met by each latecomer.
"""

from datetime import timedelta
from typing import Any, LiteralString

import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from functions.sweeper import reconciliation
from shared import settings
from shared.db import connection, execute
from shared.domain import uploads
from shared.repositories.file_steps import Quota
from tests.support.api import Api, invoke
from tests.support.context import Context
from tests.support.factories import Account, make_account
from tests.support.queues import checks_queued, deliver, object_created, scan_result, work_outbox
from tests.support.storage import put, put_object, send, sha256, versions
from tests.support.uploads import UPLOADS, key_of, row_of, upload_body
from tests.support.usage import true_usage_of, usage_of

QUOTAS = [Quota(bytes=200, files=2, pending_files=9), Quota(bytes=200, files=9, pending_files=2), Quota(25, 9, 9)]
"""In each of them another limit is the first to be reached."""

ENDS = ["expired", "deleted", "rejected", "available", "sent"]
"""What the uploads that each life begins with have come to: all that a latecomer can meet."""

NEWEST = st.integers(0, len(ENDS) - 1)
"""Which of the latest uploads or arrivals: the ones that something can still become of."""
VERDICTS = ["THREATS_FOUND", "FAILED"]
LATER: dict[str, LiteralString] = {
    "now": "SELECT 1",
    "when URLs are dead": "UPDATE files SET url_expires_at = now() - interval '2 hours'",
    "when checks are lost": "UPDATE files SET status_changed_at = now() - interval '25 hours'",
    "when nothing is kept": "UPDATE files SET kept_until = now() - interval '1 hour' WHERE kept_until IS NOT NULL",
}


class Life(RuleBasedStateMachine):
    """One user, whose uploads are created, sent, told of, completed, deleted, expired and swept."""

    api = Api()
    user: Account
    admin: Account

    @initialize(quota=st.sampled_from(QUOTAS), events_get_lost=st.booleans(), overwritten=st.booleans())
    def begin(self, quota: Quota, events_get_lost: bool, overwritten: bool) -> None:
        """A world of this run alone, with an upload in it for each of `ENDS`."""
        self.quota, self.environment = quota, pytest.MonkeyPatch()
        self.environment.setenv("USER_QUOTA_BYTES", str(quota.bytes))
        self.environment.setenv("USER_QUOTA_FILES", str(quota.files))
        self.environment.setenv("MAX_PENDING_UPLOADS", str(quota.pending_files))
        settings.storage.cache_clear()
        with connection() as conn:
            for sql in ("DELETE FROM files", "DELETE FROM storage_usage", "DELETE FROM sweeps"):
                execute(conn, sql, {})
        checks_queued()
        self.user, self.admin = make_account(), make_account(role="admin")
        self.events_get_lost = events_get_lost
        self.made: list[dict[str, Any]] = []
        self.keys: dict[str, str] = {}
        self.sent: list[tuple[str, str]] = []
        self.overwritten: set[str] = set()
        self.seen: dict[str, str] = {}
        for end in ENDS:
            self.create("small", is_text=end != "rejected", declares_hash=False)
            self._bring_to(end)
        if overwritten:
            self.send(0, "over it")

    def _bring_to(self, end: str) -> None:
        match end:
            case "expired":
                self.run("when URLs are dead")
            case "deleted":
                self.ask(0, "delete")
            case _:
                self._put(self.made[-1])
        if end in {"rejected", "available"}:
            self.tell(0, "arrival")

    def _upload(self, newest: int) -> dict[str, Any]:
        return self.made[-1 - newest % len(self.made)]

    def _arrival(self, newest: int) -> tuple[str, str]:
        return self.sent[-1 - newest % len(self.sent)]

    def _put(self, created: dict[str, Any]) -> None:
        answer = put(created["upload"], created["content"])
        assert answer.status in {200, 412}
        if answer.status == 200:
            self.sent.append((self.keys[created["id"]], answer.headers["x-amz-version-id"]))

    @rule(
        size=st.sampled_from(["small", "small", "all that is left", "a byte more"]),
        is_text=st.booleans(),
        declares_hash=st.booleans(),
    )
    def create(self, size: str, is_text: bool, declares_hash: bool) -> None:
        """Announce bytes: taken if they fit, to the byte, and else not."""
        usage = true_usage_of(self.user.id)
        left = self.quota.bytes - usage.bytes
        length = {"small": 10, "all that is left": max(1, left), "a byte more": left + 1}[size]
        content = (b"text" if is_text else bytes(4)) * length
        content = content[:length]
        fits = length <= left and usage.files < self.quota.files and usage.pending_files < self.quota.pending_files
        fields = {"sha256": sha256(content)} if declares_hash else {}
        answer = self.api.post(UPLOADS, token=self.user.token, json=upload_body(content, **fields))
        assert answer.status == (201 if fits else 409)
        if fits:
            created: dict[str, Any] = {**answer.json(), "content": content}
            self.made.append(created)
            self.keys[created["id"]] = key_of(created["id"])

    @rule(newest=NEWEST, how=st.sampled_from(["late", "again", "over it"]))
    def send(self, newest: int, how: str) -> None:
        """PUT bytes that are not there yet, however late; or once more; or other ones, as only an operator can."""
        sent = {key for key, _ in self.sent}
        unsent = [created for created in self.made if self.keys[created["id"]] not in sent]
        if how == "over it":
            key, _ = self._arrival(newest)
            self.sent.append((key, put_object(key, b"evil text\n")))
            self.overwritten.add(key)
        elif how == "late" and unsent:
            self._put(unsent[-1 - newest % len(unsent)])
        else:
            self._put(self._upload(newest))

    @rule(newest=NEWEST, what=st.sampled_from(["arrival", "arrival of no version", *VERDICTS]))
    def tell(self, newest: int, what: str) -> None:
        """A message of an arrival or of a scanner's verdict comes, at any time and again."""
        key, version_id = self._arrival(newest)
        if what in VERDICTS:
            assert deliver(scan_result(key, version_id, what)) == []
        else:
            assert deliver(object_created(key, version_id if what == "arrival" else None)) == []

    @rule(newest=NEWEST, what=st.sampled_from(["complete", "complete", "delete", "rescan"]))
    def ask(self, newest: int, what: str) -> None:
        """Its owner says that the bytes are sent, true or not, or deletes it; an admin has it scanned again."""
        path = f"{UPLOADS}/{self._upload(newest)['id']}"
        match what:
            case "complete":
                assert self.api.post(f"{path}/complete", token=self.user.token).status in {200, 404, 409}
            case "delete":
                assert self.api.delete(path, token=self.user.token).status in {204, 404}
            case _:
                assert self.api.post(f"{path}/rescan", token=self.admin.token).status in {202, 404, 409}

    @rule(what=st.sampled_from(["checks", "outbox", *LATER]))
    def run(self, what: str) -> None:
        """A function takes its queue, or the sweeper comes, perhaps much later."""
        match what:
            case "checks":
                for key in checks_queued():
                    assert deliver(uploads.check_message(key)) == []
            case "outbox":
                work_outbox()
                for upload in self._listed():
                    if upload["status"] == "rejected" and upload["reason"] != "SCAN_FAILED":
                        file = row_of(upload["id"])
                        assert file.version_id not in versions(file.file_path)
            case _:
                with connection() as conn:
                    execute(conn, LATER[what], {})
                report = invoke("sweeper", {"queue_lost": True}, Context(remaining_ms=120_000))
                # Else the daily count would make good what a status forgot to count.
                assert report["recounted"] == 0

    def _listed(self) -> list[dict[str, Any]]:
        return self.api.get(UPLOADS, token=self.user.token, query={"limit": 100}).json()["items"]

    @invariant()
    def what_is_listed_is_true(self) -> None:
        """Nobody downloads bytes that differ from what their row says, and no latecomer changes an end."""
        for upload in self._listed():
            if upload["status"] == "available":
                self._check_download(upload)
            before, now = self.seen.get(upload["id"]), upload["status"]
            assert before not in {"expired", "rejected"} or now == before
            assert before != "available" or now in {"available", "rejected"}
            # What could not be scanned may be looked at again.
            self.seen[upload["id"]] = "scanning" if upload["reason"] == "SCAN_FAILED" else now

    def _check_download(self, upload: dict[str, Any]) -> None:
        path = f"{UPLOADS}/{upload['id']}/download"
        stored = send("GET", self.api.get(path, token=self.user.token).headers["location"])
        found = (stored.status, sha256(stored.body), len(stored.body))
        assert found == (200, upload["sha256"], upload["file_size"])
        assert b"\0" not in stored.body

    @invariant()
    def quota_holds(self) -> None:
        """The counters never differ from the rows, nor do these pass the limits."""
        usage = usage_of(self.user.id)
        assert usage == true_usage_of(self.user.id)
        assert usage.bytes <= self.quota.bytes
        assert usage.files <= self.quota.files
        assert usage.pending_files <= self.quota.pending_files

    def teardown(self) -> None:
        """After the sweeps nothing is left behind, and every upload is settled."""
        if hasattr(self, "made"):
            try:
                self._end()
            finally:
                self.environment.undo()
                settings.storage.cache_clear()

    def _end(self) -> None:
        # Each event comes once at least, and then nothing needs the daily reconciliation; but that makes good a lost one.
        # (Not for a version beside the one that is served: by presigned URLs none can come to lie there.)
        for key, version_id in self.sent:
            if key in self.overwritten or not self.events_get_lost:
                assert deliver(object_created(key, version_id)) == []
        if self.events_get_lost:
            self._reconcile()
        for later in ("when URLs are dead", "when nothing is kept"):
            for what in (later, "checks", "outbox"):
                self.run(what)
        self._send_too_late()
        status = {item["id"]: item["status"] for item in self._listed()}
        assert set(status.values()) <= {"available", "rejected", "expired"}
        for upload_id, key in self.keys.items():
            assert len(versions(key)) == (1 if status.get(upload_id) == "available" else 0)
        self._delete_all(list(status))

    def _send_too_late(self) -> None:
        # Of each upload that has ended; where nothing lies any more, the storage takes the bytes.
        for created in self.made:
            answer = put(created["upload"], created["content"])
            if answer.status == 200:
                arrival = object_created(self.keys[created["id"]], answer.headers["x-amz-version-id"])
                assert deliver(arrival) == []
        self.run("outbox")

    def _reconcile(self) -> None:
        # Twice, since the first may queue a check whose object goes afterwards.
        for _ in range(2):
            with pytest.MonkeyPatch.context() as patch, connection() as conn:
                patch.setattr(reconciliation, "_YOUNG", timedelta(days=-1))
                execute(conn, "DELETE FROM sweeps", {})
                self.run("when URLs are dead")
            self.run("checks")
            self.run("outbox")

    def _delete_all(self, upload_ids: list[str]) -> None:
        if upload_ids:
            self.api.post(f"{UPLOADS}/bulk-delete", token=self.user.token, json={"ids": upload_ids})
        self.run("outbox")
        assert [version for key in self.keys.values() for version in versions(key)] == []
        usage = usage_of(self.user.id)
        assert (usage.bytes, usage.files, usage.pending_files) == (0, 0, 0)


Life.TestCase.settings = hypothesis_settings(
    max_examples=30,
    stateful_step_count=30,
    deadline=None,
    # No shrinking, which would take minutes against real services: the steps of one short life are read well enough.
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    print_blob=True,
)
test_a_life_in_any_order = pytest.mark.slow(pytest.mark.timeout(300)(Life.TestCase))
