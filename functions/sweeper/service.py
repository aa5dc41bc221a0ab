"""Finds what events missed: bytes nobody told of, uploads that never came, checks that never ended."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

from functions.sweeper import ways
from functions.sweeper.reconciliation import RECONCILIATION
from functions.sweeper.ways import HasTime, Way
from shared import clock, settings
from shared.aws import storage
from shared.db import connection, transaction
from shared.domain import outbox, sockets, uploads
from shared.observability import count
from shared.repositories import file_lists, idempotency_keys, one_time_tokens, rate_limits, sessions
from shared.repositories.files import FileRow

_BATCH = 200
_PURGED_AT_ONCE = 5000
_SCAN_LATE = timedelta(minutes=5)
_SCAN_LOST = timedelta(hours=24)
_TABLES = (sessions, one_time_tokens, rate_limits, idempotency_keys)
_FOUND = ("waiting", "queued", "expired", "given_up", "released", "purged", "orphans", "missing", "recounted")


def sweep(*, dry_run: bool, queue_lost: bool, has_time: HasTime) -> dict[str, int]:
    """Look at every upload that is not settled, and once a day at all that is kept.

    Args:
        dry_run: change nothing, only tell.
        queue_lost: take no check for under way, however young.
        has_time: whether there is time for a step more.

    Returns:
        How many uploads were `waiting`, `queued`, `expired`, `given_up` and `released` (kept though they could not be
        scanned, and now long enough); how many rows were `purged`, since their time is over; and of the reconciliation,
        how many objects were `orphans`, how many uploads' contents `missing`, and how many users' usage `recounted`.
    """
    report = Counter[str](dict.fromkeys(_FOUND, 0))
    report.update(released=_release_kept(dry_run=dry_run), purged=_purge(dry_run=dry_run))
    scanning = Way("scanning", lambda position, dry_run: _sweep_scanning(position, dry_run, all_ages=queue_lost))
    for way in (scanning, Way("pending", _sweep_pending), *RECONCILIATION):
        ways.go(way, report, dry_run=dry_run, anew=queue_lost and way is scanning, has_time=has_time)
    return dict(report)


def _release_kept(*, dry_run: bool) -> int:
    with connection() as conn:
        files = file_lists.list_kept_beyond(conn, limit=_BATCH)
    for file in files if not dry_run else ():
        with transaction() as conn:
            uploads.release(conn, file.id)
    if files and not dry_run:
        outbox.wake()
    return len(files)


def _purge(*, dry_run: bool) -> int:
    purged = 0
    for delete in (*(table.delete_expired for table in _TABLES), sockets.purge):
        with transaction(undone=dry_run) as conn:
            purged += delete(conn, limit=_PURGED_AT_ONCE)
    return purged


def _sweep_scanning(position: str | None, dry_run: bool, *, all_ages: bool) -> tuple[Mapping[str, int], str | None]:
    """Checks that last are queued again, and in the end given up."""
    older_than = timedelta() if all_ages else _SCAN_LATE
    with connection() as conn:
        files = file_lists.list_unsettled(
            conn, "scanning", older_than=older_than, after=ways.id_after(position), limit=_BATCH
        )
    lost = [file for file in files if clock.now() - file.status_changed_at > _SCAN_LOST]
    for file in files if not dry_run else ():
        count("ScanLate")
        if file in lost:
            with transaction() as conn:
                uploads.reject(conn, file.id, "SCAN_FAILED")
        else:
            uploads.request_check(file.file_path)
    if lost and not dry_run:
        outbox.wake()
    return {"given_up": len(lost), "queued": len(files) - len(lost)}, ways.position_at(
        [file.id for file in files], limit=_BATCH
    )


def _sweep_pending(position: str | None, dry_run: bool) -> tuple[Mapping[str, int], str | None]:
    """Bytes that are there are checked, and uploads that they did not come for in time expire."""
    with connection() as conn:
        files = file_lists.list_unsettled(
            conn, "pending", older_than=timedelta(), after=ways.id_after(position), limit=_BATCH
        )
    found = Counter(_sweep_one(file, dry_run=dry_run) for file in files)
    if found["expired"] and not dry_run:
        outbox.wake()
    return found, ways.position_at([file.id for file in files], limit=_BATCH)


def _sweep_one(file: FileRow, *, dry_run: bool) -> str:
    if storage.head(file.file_path) is not None:
        if not dry_run:
            uploads.request_check(file.file_path)
        return "queued"
    if clock.now() < file.url_expires_at + timedelta(seconds=settings.storage().pending_ttl):
        return "waiting"
    if not dry_run:
        with connection() as conn:
            if uploads.expire(conn, file.id) is not None:
                count("UploadExpired")
    return "expired"
