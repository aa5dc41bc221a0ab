"""Finds what events missed: bytes nobody told of, uploads that never came, checks that never ended."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

from functions.sweeper.reconciliation import reconcile
from shared import clock, settings
from shared.aws import storage
from shared.db import connection, transaction
from shared.domain import sockets, uploads
from shared.errors import ServiceUnavailableError
from shared.observability import count, logger
from shared.repositories import file_lists, idempotency_keys, one_time_tokens, rate_limits, sessions
from shared.repositories.files import FileRow, Status

_BATCH = 200
_SCAN_LATE = timedelta(minutes=5)
_SCAN_LOST = timedelta(hours=24)


def sweep(*, dry_run: bool, queue_lost: bool, has_time: Callable[[], bool]) -> dict[str, int]:
    """Look at every upload that is not settled.

    Args:
        dry_run: change nothing, only tell.
        queue_lost: take no check for under way, however young.
        has_time: whether the daily reconciliation may go a step further.

    Returns:
        How many uploads were `waiting`, `queued`, `expired`, `given_up` and `released` (kept though they could not be
        scanned, and now long enough); how many rows were `purged`, since their time is over; and of the reconciliation,
        how many objects were `orphans`, how many uploads' contents `missing`, and how many users' usage `recounted`.
    """
    report = {"waiting": 0, "queued": 0, "expired": 0, "given_up": 0, "released": 0, "purged": 0}
    try:
        for file in _unsettled("pending", timedelta()):
            report[_sweep_pending(file, dry_run=dry_run)] += 1
    except ServiceUnavailableError:
        # Without the storage nobody can say what came; what is known from the rows alone is done all the same.
        logger.error("pending uploads not swept", exc_info=True)
    for file in _unsettled("scanning", timedelta() if queue_lost else _SCAN_LATE):
        report[_sweep_scanning(file, dry_run=dry_run)] += 1
    report["released"] = _release_kept(dry_run=dry_run)
    if not dry_run:
        if report["expired"] or report["given_up"] or report["released"]:
            uploads.wake_outbox()
        report["purged"] = _purge() + sockets.purge(limit=_BATCH)
    try:
        report |= reconcile(dry_run=dry_run, has_time=has_time)
    except ServiceUnavailableError:
        logger.error("reconciliation broke off, the next run goes on with it", exc_info=True)
    return report


def _purge() -> int:
    with connection() as conn:
        return sum(
            table.delete_expired(conn, limit=_BATCH)
            for table in (sessions, one_time_tokens, rate_limits, idempotency_keys)
        )


def _unsettled(status: Status, older_than: timedelta) -> Iterator[FileRow]:
    after = UUID(int=0)
    while True:
        with connection() as conn:
            batch = file_lists.list_unsettled(conn, status, older_than=older_than, after=after, limit=_BATCH)
        yield from batch
        if len(batch) < _BATCH:
            return
        after = batch[-1].id


def _sweep_pending(file: FileRow, *, dry_run: bool) -> str:
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


def _sweep_scanning(file: FileRow, *, dry_run: bool) -> str:
    lost = clock.now() - file.status_changed_at > _SCAN_LOST
    if not dry_run:
        count("ScanLate")
        if lost:
            with transaction() as conn:
                uploads.reject(conn, file.id, "SCAN_FAILED")
        else:
            uploads.request_check(file.file_path)
    return "given_up" if lost else "queued"


def _release_kept(*, dry_run: bool) -> int:
    with connection() as conn:
        files = file_lists.list_kept_beyond(conn, limit=_BATCH)
    for file in files if not dry_run else ():
        with transaction() as conn:
            uploads.release(conn, file.id)
    return len(files)
