"""An upload's life in any order: Hypothesis draws what happens, and after each step the promises hold."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from functions.sweeper import reconciliation
from shared.db import connection, execute
from shared.domain import uploads
from tests.support.api import Api, invoke
from tests.support.context import Context
from tests.support.factories import make_account
from tests.support.queues import checks_queued, deliver, object_created, work_outbox
from tests.support.storage import put, send, sha256, versions
from tests.support.uploads import UPLOADS, create, key_of
from tests.support.usage import true_usage_of, usage_of

GOOD, BAD = b"sound text\n", b"bad \0 text\n"


class Life(RuleBasedStateMachine):
    """One user, whose uploads are created, sent, told of, completed, deleted, expired and swept."""

    @initialize()
    def begin(self) -> None:
        """A world of this run alone."""
        with connection() as conn:
            execute(conn, "DELETE FROM files", {})
            execute(conn, "DELETE FROM sweeps", {})
        checks_queued()
        self.api, self.user = Api(), make_account()
        self.made: list[dict[str, Any]] = []
        self.keys: dict[str, str] = {}
        self.sent: dict[str, str] = {}

    def pick(self, data: st.DataObject) -> dict[str, Any]:
        """One of the uploads that were made, whatever became of it."""
        return data.draw(st.sampled_from(self.made))

    @rule(content=st.sampled_from([GOOD, BAD]), declares_hash=st.booleans())
    def create(self, content: bytes, declares_hash: bool) -> None:
        """Announce bytes."""
        fields = {"sha256": sha256(content)} if declares_hash else {}
        created: dict[str, Any] = {**create(self.api, self.user, content, **fields), "content": content}
        self.made.append(created)
        self.keys[created["id"]] = key_of(created["id"])

    @precondition(lambda self: self.made)
    @rule(data=st.data())
    def send(self, data: st.DataObject) -> None:
        """PUT the bytes, also late and also twice."""
        created = self.pick(data)
        answer = put(created["upload"], created["content"])
        assert answer.status in {200, 412}
        if answer.status == 200:
            self.sent[created["id"]] = answer.headers["x-amz-version-id"]

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), named=st.booleans())
    def tell(self, data: st.DataObject, named: bool) -> None:
        """The event of an arrival, which may come at any time and again."""
        upload_id = data.draw(st.sampled_from(sorted(self.sent)))
        assert deliver(object_created(self.keys[upload_id], self.sent[upload_id] if named else None)) == []

    @precondition(lambda self: self.made)
    @rule(data=st.data())
    def complete(self, data: st.DataObject) -> None:
        """The client says that it is done, true or not."""
        answer = self.api.post(f"{UPLOADS}/{self.pick(data)['id']}/complete", token=self.user.token)
        assert answer.status in {200, 404, 409}

    @precondition(lambda self: self.made)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        """Delete it, in whatever state."""
        assert self.api.delete(f"{UPLOADS}/{self.pick(data)['id']}", token=self.user.token).status in {204, 404}

    @rule()
    def work_queue(self) -> None:
        """`s3_events` takes what was put on its queue."""
        for key in checks_queued():
            assert deliver(uploads.check_message(key)) == []

    @rule()
    def work_outbox(self) -> None:
        """The outbox is worked off."""
        work_outbox()

    @rule(urls_are_dead=st.booleans())
    def sweep(self, urls_are_dead: bool) -> None:
        """The sweeper comes, perhaps much later."""
        if urls_are_dead:
            with connection() as conn:
                execute(conn, "UPDATE files SET url_expires_at = now() - interval '2 hours'", {})
        invoke("sweeper", {"queue_lost": True}, Context(remaining_ms=120_000))

    @invariant()
    def what_is_served_is_what_was_declared(self) -> None:
        """Nobody ever downloads bytes that differ from what their row says."""
        page = self.api.get(UPLOADS, token=self.user.token, query={"status": "available", "limit": 100}).json()
        for upload in page["items"]:
            path = f"{UPLOADS}/{upload['id']}/download"
            url = self.api.get(path, token=self.user.token, query={"redirect": "false"}).json()["url"]
            stored = send("GET", url)
            assert (stored.status, sha256(stored.body), len(stored.body)) == (
                200,
                upload["sha256"],
                upload["file_size"],
            )
            assert stored.body == GOOD

    @invariant()
    def usage_is_what_there_is(self) -> None:
        """The counters of quota never differ from the rows."""
        assert usage_of(self.user.id) == true_usage_of(self.user.id)

    def teardown(self) -> None:
        """After the sweeps nothing is left behind, and every upload is settled or waits for its bytes."""
        if not hasattr(self, "made"):
            return
        for _ in range(2):
            self.sweep(urls_are_dead=True)
            self.work_queue()
            self.work_outbox()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(reconciliation, "_YOUNG", timedelta(days=-1))
            with connection() as conn:
                execute(conn, "DELETE FROM sweeps", {})
            self.sweep(urls_are_dead=True)
            self.work_outbox()
        items = self.api.get(UPLOADS, token=self.user.token, query={"limit": 100}).json()["items"]
        status = {item["id"]: item["status"] for item in items}
        assert set(status.values()) <= {"available", "rejected", "expired"}
        for upload_id, key in self.keys.items():
            assert len(versions(key)) == (1 if status.get(upload_id) == "available" else 0)


Life.TestCase.settings = settings(
    max_examples=12,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    print_blob=True,
)
test_a_life_in_any_order = pytest.mark.slow(pytest.mark.timeout(300)(Life.TestCase))
