"""The daily reconciliation of objects, rows and counters."""

from collections import Counter
from collections.abc import Generator
from datetime import timedelta
from typing import Any

import pytest

from functions.sweeper import reconciliation, ways
from shared import clock, ids
from shared.db import connection, execute, fetch_value
from tests.support.api import Api, invoke
from tests.support.context import Context
from tests.support.factories import Account, make_file
from tests.support.faults import s3_down
from tests.support.logs import captured_logs
from tests.support.parallel import at_once
from tests.support.queues import checks_queued, work_outbox
from tests.support.storage import put_object, versions
from tests.support.uploads import create, get, key_of, settle
from tests.support.usage import true_usage_of, usage_of


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    """No other test's rows or objects are in it, and every object is a day old."""
    with monkeypatch.context() as patch:
        patch.setattr(reconciliation, "_YOUNG", timedelta(days=-1))
        with connection() as conn:
            execute(conn, "DELETE FROM files", {})
            execute(conn, "DELETE FROM sweeps", {})
        checks_queued()
        sweep()
        work_outbox()
        with connection() as conn:
            execute(conn, "DELETE FROM sweeps", {})
        yield


def sweep(remaining_ms: int = 120_000, **event: Any) -> dict[str, int]:
    return invoke("sweeper", event, Context(remaining_ms=remaining_ms))


def again() -> None:
    """The next day."""
    with connection() as conn:
        execute(conn, "UPDATE sweeps SET finished_at = now() - interval '1 day'", {})


def test_object_without_a_row_is_removed(author: Account) -> None:
    key = f"uploads/{author.id}/{ids.new()}/orphan"
    put_object(key, b"x")

    assert sweep(dry_run=True)["orphans"] == 1
    assert versions(key) != []
    assert sweep()["orphans"] == 1
    work_outbox()
    assert versions(key) == []


def test_object_of_an_upload_that_has_ended_is_removed(author: Account) -> None:
    file = make_file(author, status="rejected", reason="SIZE_MISMATCH")
    put_object(file.file_path, b"x")

    assert sweep()["orphans"] == 1


def test_young_object_is_no_orphan(author: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciliation, "_YOUNG", timedelta(days=1))
    put_object(f"uploads/{author.id}/{ids.new()}/young", b"x")

    assert sweep()["orphans"] == 0


def test_objects_that_uploads_need_stay(api: Api, author: Account) -> None:
    served = settle(api, author)
    waiting = make_file(author)
    failed = make_file(author, status="rejected", reason="SCAN_FAILED", kept_until=clock.now() + timedelta(days=1))
    for file in (waiting, failed):
        put_object(file.file_path, b"x")
    put_object("elsewhere/validation-object", b"x")

    report = sweep()
    work_outbox()
    assert (report["orphans"], report["missing"]) == (0, 0)
    for key in (key_of(served["id"]), waiting.file_path, failed.file_path, "elsewhere/validation-object"):
        assert len(versions(key)) == 1


def test_upload_whose_version_is_gone_is_rejected_loudly(api: Api, author: Account) -> None:
    upload = settle(api, author)
    version_id = versions(key_of(upload["id"]))[0]
    from shared.aws import storage

    storage.delete(key_of(upload["id"]), version_id)
    put_object(key_of(upload["id"]), b"another version")

    assert sweep(dry_run=True)["missing"] == 1
    with captured_logs() as logs:
        assert sweep()["missing"] == 1
    assert [line["level"] for line in logs.lines if line["message"] == "content missing"] == ["ERROR"]
    after = get(api, author, upload["id"])
    assert (after["status"], after["reason"]) == ("rejected", "CONTENT_MISSING")
    assert usage_of(author.id).files == 0


def test_counters_that_differ_are_set_right(author: Account) -> None:
    make_file(author)
    with connection() as conn:
        sql = "UPDATE storage_usage SET bytes = 7, files = 9, pending_files = 0 WHERE user_id = %(id)s"
        execute(conn, sql, {"id": author.id})

    wrong = usage_of(author.id)

    assert (sweep(dry_run=True)["recounted"], usage_of(author.id)) == (1, wrong)
    assert sweep()["recounted"] == 1
    assert usage_of(author.id) == true_usage_of(author.id)


def test_files_without_a_counter_are_counted(api: Api, author: Account) -> None:
    make_file(author)
    with connection() as conn:
        execute(conn, "DELETE FROM storage_usage WHERE user_id = %(id)s", {"id": author.id})
    assert sweep()["recounted"] == 1
    assert usage_of(author.id) == true_usage_of(author.id)

    with connection() as conn:
        execute(conn, "DELETE FROM storage_usage WHERE user_id = %(id)s", {"id": author.id})
    create(api, author)
    again()
    sweep()
    assert usage_of(author.id) == true_usage_of(author.id)


def test_it_is_done_once_a_day(author: Account) -> None:
    sweep()
    put_object(f"uploads/{author.id}/{ids.new()}/orphan", b"x")

    assert sweep()["orphans"] == 0
    again()
    assert sweep()["orphans"] == 1


def test_it_goes_on_where_its_time_ended(author: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciliation, "_BATCH", 2)
    for _ in range(5):
        make_file(author, status="available")
    steps = iter([True, False])
    missing = next(way for way in reconciliation.RECONCILIATION if way.name == "missing")
    report = Counter[str]()
    ways.go(missing, report, dry_run=False, anew=False, has_time=lambda: next(steps))

    assert report["missing"] == 2
    with connection() as conn:
        position = fetch_value(conn, "SELECT position FROM sweeps WHERE name = 'missing'", {})
    assert position is not None
    assert sweep()["missing"] == 3


def test_four_at_once_do_it_once(author: Account) -> None:
    key = f"uploads/{author.id}/{ids.new()}/orphan"
    put_object(key, b"x")

    assert sum(report["orphans"] for report in at_once(lambda _: sweep(), times=4)) == 1


def test_storage_down_breaks_it_off_and_the_next_run_does_it(author: Account) -> None:
    put_object(f"uploads/{author.id}/{ids.new()}/orphan", b"x")

    with s3_down():
        assert sweep()["orphans"] == 0
    assert sweep()["orphans"] == 1
