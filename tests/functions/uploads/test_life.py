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
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from functions.sweeper import reconciliation
from shared import settings
from shared.db import connection, execute
from shared.domain import uploads
from shared.repositories.files import Quota
from tests.support.api import Api, invoke
from tests.support.context import Context
from tests.support.factories import Account, make_account
from tests.support.queues import checks_queued, deliver, object_created, scan_result, work_outbox
from tests.support.storage import put, put_object, send, sha256, versions
from tests.support.uploads import UPLOADS, key_of, upload_body
from tests.support.usage import true_usage_of, usage_of

QUOTAS = [Quota(bytes=40, files=2, pending_files=9), Quota(bytes=40, files=9, pending_files=2), Quota(25, 9, 9)]
"""In each of them another limit is the first to be reached."""

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

    @initialize(quota=st.sampled_from(QUOTAS), events_get_lost=st.booleans())
    def begin(self, quota: Quota, events_get_lost: bool) -> None:
        """A world of this run alone, with an upload in it."""
        self.quota, self.environment = quota, pytest.MonkeyPatch()
        self.environment.setenv("USER_QUOTA_BYTES", str(quota.bytes))
        self.environment.setenv("USER_QUOTA_FILES", str(quota.files))
        self.environment.setenv("MAX_PENDING_UPLOADS", str(quota.pending_files))
        settings.storage.cache_clear()
        with connection() as conn:
            execute(conn, "DELETE FROM files", {})
            execute(conn, "DELETE FROM sweeps", {})
        checks_queued()
        self.user, self.admin = make_account(), make_account(role="admin")
        self.events_get_lost = events_get_lost
        self.made: list[dict[str, Any]] = []
        self.keys: dict[str, str] = {}
        self.sent: list[tuple[str, str]] = []
        self.seen: dict[str, str] = {}
        self.create("small", is_text=True, declares_hash=False)

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

    @rule(data=st.data())
    def send(self, data: st.DataObject) -> None:
        """PUT the bytes, also late and also twice."""
        created = data.draw(st.sampled_from(self.made))
        answer = put(created["upload"], created["content"])
        assert answer.status in {200, 412}
        if answer.status == 200:
            self.sent.append((self.keys[created["id"]], answer.headers["x-amz-version-id"]))

    @precondition(lambda self: self.sent and not self.events_get_lost)
    @rule(data=st.data())
    def overwrite(self, data: st.DataObject) -> None:
        """Other bytes come to lie over those that were sent, as only an operator could do it."""
        key, _ = data.draw(st.sampled_from(self.sent))
        self.sent.append((key, put_object(key, b"evil text\n")))

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), named=st.booleans())
    def tell(self, data: st.DataObject, named: bool) -> None:
        """The event of an arrival, which may come at any time and again."""
        key, version_id = data.draw(st.sampled_from(self.sent))
        assert deliver(object_created(key, version_id if named else None)) == []

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), result=st.sampled_from(["THREATS_FOUND", "FAILED"]))
    def scanner_says(self, data: st.DataObject, result: str) -> None:
        """A scanner's verdict comes, before or after ours."""
        key, version_id = data.draw(st.sampled_from(self.sent))
        assert deliver(scan_result(key, version_id, result)) == []

    @rule(data=st.data())
    def complete(self, data: st.DataObject) -> None:
        """The client says that it is done, true or not."""
        upload_id = data.draw(st.sampled_from(self.made))["id"]
        assert self.api.post(f"{UPLOADS}/{upload_id}/complete", token=self.user.token).status in {200, 404, 409}

    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        """Delete it, in whatever state."""
        upload_id = data.draw(st.sampled_from(self.made))["id"]
        assert self.api.delete(f"{UPLOADS}/{upload_id}", token=self.user.token).status in {204, 404}

    @rule(data=st.data())
    def rescan(self, data: st.DataObject) -> None:
        """An admin asks for another look."""
        upload_id = data.draw(st.sampled_from(self.made))["id"]
        assert self.api.post(f"{UPLOADS}/{upload_id}/rescan", token=self.admin.token).status in {202, 404, 409}

    @rule()
    def work_queue(self) -> None:
        """`s3_events` takes what was put on its queue."""
        for key in checks_queued():
            assert deliver(uploads.check_message(key)) == []

    @rule()
    def work_outbox(self) -> None:
        """The outbox is worked off."""
        work_outbox()

    @rule(later=st.sampled_from(sorted(LATER)))
    def sweep(self, later: str) -> None:
        """The sweeper comes, perhaps much later."""
        with connection() as conn:
            execute(conn, LATER[later], {})
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
        if self.events_get_lost:
            self._reconcile()
        else:
            # Each event comes once at least; then nothing needs the daily reconciliation.
            for key, version_id in self.sent:
                assert deliver(object_created(key, version_id)) == []
        for later in ("when URLs are dead", "when nothing is kept"):
            self.sweep(later)
            self.work_queue()
            self.work_outbox()
        status = {item["id"]: item["status"] for item in self._listed()}
        assert set(status.values()) <= {"available", "rejected", "expired"}
        for upload_id, key in self.keys.items():
            assert len(versions(key)) == (1 if status.get(upload_id) == "available" else 0)
        self._delete_all(list(status))

    def _reconcile(self) -> None:
        # Twice, since the first may queue a check whose object goes afterwards.
        for _ in range(2):
            with pytest.MonkeyPatch.context() as patch, connection() as conn:
                patch.setattr(reconciliation, "_YOUNG", timedelta(days=-1))
                execute(conn, "DELETE FROM sweeps", {})
                self.sweep("when URLs are dead")
            self.work_queue()
            self.work_outbox()

    def _delete_all(self, upload_ids: list[str]) -> None:
        if upload_ids:
            self.api.post(f"{UPLOADS}/bulk-delete", token=self.user.token, json={"ids": upload_ids})
        self.work_outbox()
        assert [version for key in self.keys.values() for version in versions(key)] == []
        usage = usage_of(self.user.id)
        assert (usage.bytes, usage.files, usage.pending_files) == (0, 0, 0)


Life.TestCase.settings = hypothesis_settings(
    max_examples=40,
    stateful_step_count=25,
    deadline=None,
    # No shrinking, which would take minutes against real services: the steps of one short life are read well enough.
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    print_blob=True,
)
test_a_life_in_any_order = pytest.mark.slow(pytest.mark.timeout(300)(Life.TestCase))
