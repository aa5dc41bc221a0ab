"""The sweeper: what events missed is found, expired, queued again or given up."""

from datetime import timedelta
from typing import Any

import pytest
from psycopg.sql import SQL, Identifier

from functions.migrations.grants import GRANTS
from functions.sweeper import service
from functions.sweeper.reconciliation import RECONCILIATION
from shared import clock
from shared.db import connection, execute, fetch_value
from tests.support.api import Api, invoke
from tests.support.context import Context
from tests.support.factories import Account, make_account, make_file
from tests.support.faults import s3_down
from tests.support.queues import checks_queued, deliver, empty_outbox, object_created, work_outbox
from tests.support.storage import put, put_object, versions
from tests.support.uploads import TEXT, create, create_and_put, get, key_of


@pytest.fixture(autouse=True)
def _alone() -> None:
    """No other test's uploads wait or are under way, and the day's reconciliation of all others is done."""
    with connection() as conn:
        execute(conn, "DELETE FROM files WHERE status IN ('pending', 'scanning')", {})
        execute(conn, "DELETE FROM sweeps", {})
        for way in RECONCILIATION:
            execute(conn, "INSERT INTO sweeps (name, finished_at) VALUES (%(name)s, now())", {"name": way.name})
    checks_queued()


def sweep(**event: Any) -> dict[str, int]:
    return invoke("sweeper", event, Context(remaining_ms=120_000))


def dead(**ago: float) -> dict[str, Any]:
    return {"url_expires_at": clock.now() - timedelta(**ago)}


def since(**ago: float) -> dict[str, Any]:
    return {"status_changed_at": clock.now() - timedelta(**ago)}


def test_bytes_that_nobody_told_of_are_found(api: Api, author: Account) -> None:
    created, _ = create_and_put(api, author)

    report = sweep()

    assert (report["queued"], report["waiting"]) == (1, 0)
    assert checks_queued() == [key_of(created["id"])]


def test_upload_without_bytes_waits_for_its_time(author: Account, api: Api) -> None:
    file = make_file(author, **dead(minutes=59))

    assert sweep()["waiting"] == 1
    assert get(api, author, str(file.id))["status"] == "pending"


def test_upload_without_bytes_expires(author: Account, api: Api) -> None:
    file = make_file(author, **dead(minutes=61))

    assert sweep()["expired"] == 1
    assert get(api, author, str(file.id))["status"] == "expired"


def test_fresh_url_puts_the_expiry_off(author: Account, api: Api) -> None:
    file = make_file(author, **dead(minutes=61))
    assert api.post(f"/api/v1/uploads/{file.id}/url", token=author.token).status == 200

    assert sweep()["waiting"] == 1


def test_bytes_at_the_last_moment_beat_the_expiry(author: Account) -> None:
    file = make_file(author, content_type="text/plain", file_size=len(TEXT), **dead(hours=5))
    put_object(file.file_path, TEXT)

    assert sweep()["queued"] == 1


def test_bytes_after_the_expiry_are_removed(author: Account, api: Api) -> None:
    created = create(api, author)
    key = key_of(created["id"])
    with connection() as conn:
        execute(conn, "UPDATE files SET url_expires_at = now() - interval '2 h' WHERE file_path = %(k)s", {"k": key})
    sweep()

    version_id = put(created["upload"], TEXT).headers["x-amz-version-id"]
    deliver(object_created(key, version_id))
    work_outbox()
    assert (versions(key), get(api, author, created["id"])["status"]) == ([], "expired")


def test_scan_that_lasts_is_queued_again(author: Account) -> None:
    late = make_file(author, status="scanning", **since(minutes=6))
    make_file(author, status="scanning", **since(minutes=4))

    assert sweep()["queued"] == 1
    assert checks_queued() == [late.file_path]


def test_a_late_scan_is_counted(author: Account, capsys: pytest.CaptureFixture[str]) -> None:
    make_file(author, status="scanning", **since(minutes=6))

    sweep()

    assert '"ScanLate":[1.0]' in capsys.readouterr().out.replace(" ", "")


def test_scan_that_is_lost_is_given_up(author: Account, api: Api) -> None:
    file = make_file(author, status="scanning", **since(hours=25))

    assert sweep()["given_up"] == 1
    upload = get(api, author, str(file.id))
    assert (upload["status"], upload["reason"]) == ("rejected", "SCAN_FAILED")


def test_kept_object_goes_when_its_time_is_over(author: Account, api: Api) -> None:
    over, young = (
        make_file(author, status="rejected", reason="SCAN_FAILED", kept_until=clock.now() + timedelta(hours=hours))
        for hours in (-1, 1)
    )
    for file in (over, young):
        put_object(file.file_path, TEXT)

    assert sweep(dry_run=True)["released"] == 1
    assert sweep()["released"] == 1
    work_outbox()
    assert (versions(over.file_path), len(versions(young.file_path))) == ([], 1)
    upload = get(api, author, str(over.id))
    assert (upload["status"], upload["reason"]) == ("rejected", "SCAN_FAILED")
    assert sweep()["released"] == 0


def test_queue_lost_queues_what_is_young_too(author: Account) -> None:
    file = make_file(author, status="scanning")

    assert sweep(queue_lost=True)["queued"] == 1
    assert checks_queued() == [file.file_path]


def test_dry_run_tells_and_changes_nothing(author: Account, api: Api) -> None:
    create_and_put(api, author)
    make_file(author, **dead(hours=2))
    make_file(author, status="scanning", **since(hours=25))
    make_file(author, status="scanning", **since(hours=1))
    with connection() as conn:
        sql = "UPDATE sessions SET expires_at = now() - interval '1 min' WHERE id = %(id)s"
        execute(conn, sql, {"id": make_account().session_id})
    before = _dump()

    report = sweep(dry_run=True)

    assert (report["queued"], report["expired"], report["given_up"]) == (2, 1, 1)
    assert (_dump(), checks_queued()) == (before, [])
    assert report["purged"] >= 1
    real = sweep()
    unsettled = ("waiting", "queued", "expired", "given_up", "released")
    assert [real[found] for found in unsettled] == [report[found] for found in unsettled]
    assert real["purged"] >= report["purged"]


def _dump() -> dict[str, Any]:
    """All rows of all tables that a sweep may touch."""
    rows = SQL("SELECT jsonb_agg(t ORDER BY t::text) FROM {} t")
    with connection() as conn:
        return {table: conn.execute(rows.format(Identifier(table))).fetchone() for table in GRANTS["sweeper"]}


def test_pending_uploads_beyond_the_time_of_a_run_are_seen_by_the_next(
    author: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "_BATCH", 2)
    for _ in range(5):
        make_file(author)
    reports = [
        service.sweep(dry_run=False, queue_lost=False, has_time=iter([False, True, False]).__next__) for _ in range(3)
    ]

    assert [report["waiting"] for report in reports] == [2, 2, 1]
    assert sweep()["waiting"] == 5


def test_storage_down_expires_nothing_and_the_rest_is_done(author: Account, api: Api) -> None:
    waiting = make_file(author, **dead(hours=2))
    scanning = make_file(author, status="scanning", **since(hours=1))

    with s3_down():
        report = sweep()

    assert (report["expired"], report["queued"]) == (0, 1)
    assert checks_queued() == [scanning.file_path]
    assert get(api, author, str(waiting.id))["status"] == "pending"
    assert sweep()["expired"] == 1


def test_ended_sessions_are_purged(author: Account) -> None:
    with connection() as conn:
        sql = "UPDATE sessions SET expires_at = now() - interval '1 min' WHERE id = %(id)s"
        execute(conn, sql, {"id": author.session_id})
    sweep()

    with connection() as conn:
        assert fetch_value(conn, "SELECT 1 FROM sessions WHERE id = %(id)s", {"id": author.session_id}) is None


def test_two_hundred_at_a_time_are_all_seen(author: Account) -> None:
    with connection() as conn:
        sql = """
            INSERT INTO files (id, user_id, filename, original_filename, content_type, file_size, file_path,
                               status, status_changed_at, url_expires_at)
            SELECT gen_random_uuid(), %(user)s, 'x', 'x', 'text/plain', 1, gen_random_uuid()::text,
                   'scanning', now() - interval '25 hours', now()
            FROM generate_series(1, 450)
        """
        execute(conn, sql, {"user": author.id})

    assert sweep()["given_up"] == 450
    empty_outbox()  # lest another test does all that follows
