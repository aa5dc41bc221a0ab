"""The outbox: what is due is done, what fails comes back, and no piece keeps another from its turn."""

from typing import Any
from uuid import UUID

import pytest

from shared import ids
from shared.db import connection, execute
from shared.domain import uploads
from shared.repositories import outbox
from tests.support.api import invoke
from tests.support.context import Context
from tests.support.faults import database_down, s3_down
from tests.support.parallel import at_once
from tests.support.queues import empty_outbox, work_outbox
from tests.support.storage import put_object, versions


@pytest.fixture(autouse=True)
def _alone() -> None:
    empty_outbox()


def an_object() -> str:
    key = f"uploads/{ids.new()}/{ids.new()}/outbox"
    put_object(key, b"x")
    with connection() as conn:
        uploads.remove_object(conn, key)
    return key


def row_of(key: str) -> tuple[UUID, int, float] | None:
    with connection() as conn:
        return conn.execute(
            "SELECT id, attempts, extract(epoch FROM next_at - now())::float8 FROM outbox WHERE payload->>'key' = %s",
            [key],
        ).fetchone()


def make_due(key: str) -> None:
    with connection() as conn:
        execute(conn, "UPDATE outbox SET next_at = now() WHERE payload->>'key' = %(key)s", {"key": key})


def test_due_work_is_done_once_and_its_row_is_gone() -> None:
    key = an_object()

    assert work_outbox() == 1
    assert (versions(key), row_of(key), work_outbox()) == ([], None, 0)


def test_one_version_only() -> None:
    key = f"uploads/{ids.new()}/{ids.new()}/outbox"
    first, second = put_object(key, b"1"), put_object(key, b"2")
    with connection() as conn:
        uploads.remove_object(conn, key, second)

    work_outbox()
    assert versions(key) == [first]


def test_failed_work_waits_twice_as_long_each_time() -> None:
    key = an_object()
    waits: list[float] = []

    with s3_down():
        for _ in range(4):
            make_due(key)
            assert work_outbox() == 0
            row = row_of(key)
            assert row is not None
            waits.append(round(row[2]))
    assert waits == pytest.approx([30, 60, 120, 240], abs=2)
    assert versions(key) != []
    make_due(key)
    assert (work_outbox(), versions(key)) == (1, [])


def test_wait_grows_to_an_hour_at_most() -> None:
    key = an_object()
    with connection() as conn:
        execute(conn, "UPDATE outbox SET attempts = 1000 WHERE payload->>'key' = %(key)s", {"key": key})

    with s3_down():
        work_outbox()
    row = row_of(key)
    assert row is not None
    assert 3590 < row[2] <= 3600


@pytest.mark.parametrize(("kind", "payload"), [("no_such_kind", {}), ("delete_object", {"wrong": True})])
def test_bad_row_does_not_block_the_others(kind: Any, payload: dict[str, Any]) -> None:
    bad = f"bad/{ids.new()}"
    with connection() as conn:
        outbox.insert(conn, kind, {"key": bad, **payload})
    key = an_object()

    assert work_outbox() == 1
    assert versions(key) == []
    row = row_of(bad)
    assert row is not None
    assert row[1] == 1


def test_without_time_nothing_is_taken() -> None:
    key = an_object()

    assert invoke("outbox", {}, Context(remaining_ms=1000)) == {"done": 0}
    row = row_of(key)
    assert row is not None
    assert row[1] == 0


def test_four_at_once_do_each_piece_once() -> None:
    keys = [an_object() for _ in range(30)]

    assert sum(at_once(lambda _: work_outbox(), times=4)) == 30
    assert [versions(key) for key in keys] == [[]] * 30


def test_database_down_fails_the_invocation() -> None:
    from shared.errors import ServiceUnavailableError

    with database_down(), pytest.raises(ServiceUnavailableError):
        work_outbox()
