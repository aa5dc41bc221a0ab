"""Once a day: objects without an upload, uploads without their object, and the counters of quota."""

from collections.abc import Mapping
from datetime import timedelta

from functions.sweeper import ways
from functions.sweeper.ways import Way
from shared import clock
from shared.aws import storage
from shared.db import connection, transaction
from shared.domain import outbox, uploads
from shared.observability import count, logger
from shared.repositories import file_lists, storage_usage

_EVERY = timedelta(hours=23)
_LEASE = timedelta(minutes=10)
"""Longer than a run can take: one that was killed lets go after this."""

_YOUNG = timedelta(days=1)
_BATCH = 100


def _remove_orphans(position: str | None, dry_run: bool) -> tuple[Mapping[str, int], str | None]:
    """Objects of no upload, or of one that has ended, go when they are a day old: younger ones may be on their way."""
    keys, more = storage.list_keys(uploads.KEY_PREFIX, after=position or "")
    old = [key for key, changed_at in keys.items() if changed_at < clock.now() - _YOUNG]
    with transaction() as conn:
        orphans = file_lists.find_unwanted_paths(conn, old)
        for key in orphans if not dry_run else ():
            uploads.remove_object(conn, key)
    if orphans and not dry_run:
        logger.warning("objects without an upload", extra={"objects": len(orphans)})
        outbox.wake()
    return {"orphans": len(orphans)}, max(keys) if more else None


def _reject_missing(position: str | None, dry_run: bool) -> tuple[Mapping[str, int], str | None]:
    """What is served and is not there any more is a loss: said loudly, and not offered any longer."""
    with connection() as conn:
        files = file_lists.list_available(conn, after=ways.id_after(position), limit=_BATCH)
    missing = [file for file in files if storage.head(file.file_path, file.version_id) is None]
    for file in missing if not dry_run else ():
        with transaction() as conn:
            rejected = uploads.reject(conn, file.id, "CONTENT_MISSING", from_="available")
        if rejected is not None:
            logger.error("content missing", extra={"upload_id": str(file.id)})
            count("ContentMissing")
    if missing and not dry_run:
        outbox.wake()
    return {"missing": len(missing)}, ways.position_at([file.id for file in files], limit=_BATCH)


def _recount(position: str | None, dry_run: bool) -> tuple[Mapping[str, int], str | None]:
    """Counters that differ from the rows that they count are set right, and told of."""
    with connection() as conn:
        users = storage_usage.list_users(conn, after=ways.id_after(position), limit=_BATCH)
    differing = 0
    for user_id in users:
        with transaction(undone=dry_run) as conn:
            difference = storage_usage.recount(conn, user_id)
        if difference is not None:
            differing += 1
            logger.warning("storage usage differs", extra={"user_id": str(user_id), "difference": str(difference)})
    return {"recounted": differing}, ways.position_at(users, limit=_BATCH)


RECONCILIATION = (
    Way("orphans", _remove_orphans, _EVERY, _LEASE),
    Way("missing", _reject_missing, _EVERY, _LEASE),
    Way("recounted", _recount, _EVERY, _LEASE),
)
