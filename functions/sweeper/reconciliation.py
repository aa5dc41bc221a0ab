"""Once a day: objects without an upload, uploads without their object, and the counters of quota.

Each goes in bounded steps through all there is; where the time of one run ends, the next goes on.
"""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from shared import clock
from shared.aws import storage
from shared.db import connection, transaction
from shared.domain import uploads
from shared.observability import count, logger
from shared.repositories import file_lists, storage_usage, sweeps

HasTime = Callable[[], bool]
Step = Callable[[str | None, bool], tuple[int, str | None]]
"""From a position, and whether to tell only: how many were found, and where to go on (`None`: that was all)."""

_EVERY = timedelta(hours=23)
_LEASE = timedelta(minutes=10)
"""Longer than a run can take: one that was killed lets go after this."""

_YOUNG = timedelta(days=1)
_BATCH = 100


def reconcile(*, dry_run: bool, has_time: HasTime) -> dict[str, int]:
    """Take up what is due, or tell of all of it; how many `orphans`, `missing` and `recounted` there were."""
    return {name: _sweep(name, step, dry_run=dry_run, has_time=has_time) for name, step in _STEPS.items()}


def _sweep(name: str, step: Step, *, dry_run: bool, has_time: HasTime) -> int:
    position: str | None = None
    if not dry_run:
        with connection() as conn:
            begun = sweeps.begin(conn, name, every=_EVERY, lease=_LEASE)
        if begun is None:
            return 0
        position = begun.position
    total, finished = 0, False
    try:
        while not finished and has_time():
            found, position = step(position, dry_run)
            total, finished = total + found, position is None
            if position is not None and not dry_run:
                with connection() as conn:
                    sweeps.save(conn, name, position)
    finally:
        if not dry_run:
            with connection() as conn:
                sweeps.end(conn, name, finished=finished)
    return total


def _remove_orphans(position: str | None, dry_run: bool) -> tuple[int, str | None]:
    """Objects of no upload, or of one that has ended, go when they are a day old: younger ones may be on their way."""
    keys, more = storage.list_keys(uploads.KEY_PREFIX, after=position or "")
    old = [key for key, changed_at in keys.items() if changed_at < clock.now() - _YOUNG]
    with transaction() as conn:
        orphans = file_lists.find_unwanted_paths(conn, old)
        for key in orphans if not dry_run else ():
            uploads.remove_object(conn, key)
    if orphans and not dry_run:
        logger.warning("objects without an upload", extra={"objects": len(orphans)})
        uploads.wake_outbox()
    return len(orphans), max(keys) if more else None


def _reject_missing(position: str | None, dry_run: bool) -> tuple[int, str | None]:
    """What is served and is not there any more is a loss: said loudly, and not offered any longer."""
    with connection() as conn:
        files = file_lists.list_available(conn, after=UUID(position or UUID(int=0).hex), limit=_BATCH)
    missing = [file for file in files if storage.head(file.file_path, file.version_id) is None]
    for file in missing if not dry_run else ():
        with transaction() as conn:
            rejected = uploads.reject(conn, file.id, "CONTENT_MISSING", from_="available")
        if rejected is not None:
            logger.error("content missing", extra={"upload_id": str(file.id)})
            count("ContentMissing")
    if missing and not dry_run:
        uploads.wake_outbox()
    return len(missing), str(files[-1].id) if len(files) == _BATCH else None


def _recount(position: str | None, dry_run: bool) -> tuple[int, str | None]:
    """Counters that differ from the rows that they count are set right, and told of."""
    with connection() as conn:
        users = storage_usage.list_users(conn, after=UUID(position or UUID(int=0).hex), limit=_BATCH)
    differing = 0
    for user_id in users if not dry_run else ():
        with transaction() as conn:
            difference = storage_usage.recount(conn, user_id)
        if difference is not None:
            differing += 1
            logger.warning("storage usage differed", extra={"user_id": str(user_id), "difference": str(difference)})
    return differing, str(users[-1]) if len(users) == _BATCH else None


_STEPS: dict[str, Step] = {"orphans": _remove_orphans, "missing": _reject_missing, "recounted": _recount}
