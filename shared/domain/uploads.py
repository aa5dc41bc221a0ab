"""An upload's life: one table of statuses, and the steps that move it along."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from shared import clock, settings
from shared.aws import queues
from shared.db import Connection
from shared.domain import audit, notices
from shared.repositories import file_steps, files, outbox
from shared.repositories.file_steps import Measured
from shared.repositories.files import FileRow, Reason, Status
from shared.repositories.notices import NoticeType

TRANSITIONS: Mapping[Status, frozenset[Status]] = {
    "pending": frozenset({"scanning", "expired"}),
    "scanning": frozenset({"available", "rejected"}),
    "available": frozenset({"rejected"}),
    "rejected": frozenset({"scanning"}),
    "expired": frozenset(),
}
"""From a status to those that may follow. Nothing else ever writes a status.

`available` → `rejected` is for bytes that are gone or were found to be malware later, `rejected` → `scanning` for a
rescan of what could not be scanned.
"""

_NOTICES: Mapping[Status, NoticeType] = {
    "scanning": "upload.processing",
    "available": "upload.completed",
    "rejected": "upload.rejected",
    "expired": "upload.expired",
}

KEY_PREFIX = "uploads/"


def id_in(key: str) -> str | None:
    """The id of the upload whose object has that key, if it is one of ours."""
    parts = key.split("/")
    return parts[2] if key.startswith(KEY_PREFIX) and len(parts) == 4 else None


def begin_scan(conn: Connection, file_id: UUID) -> FileRow | None:
    """`pending` → `scanning`: the bytes are there. `None` if somebody was faster."""
    return _move(conn, file_id, "scanning", from_="pending")


def rescan(conn: Connection, file_id: UUID) -> FileRow | None:
    """`rejected` → `scanning`, of what could not be scanned and is still kept; `None` for anything else."""
    if not files.is_kept(conn, file_id):
        return None
    return _move(conn, file_id, "scanning", from_="rejected")


def accept(conn: Connection, file_id: UUID, measured: Measured) -> FileRow | None:
    """`scanning` → `available`, pinned to the version that was measured. `None` if somebody was faster."""
    return _move(conn, file_id, "available", from_="scanning", measured=measured)


def reject(
    conn: Connection,
    file_id: UUID,
    reason: Reason,
    measured: Measured | None = None,
    *,
    from_: Literal["scanning", "available"] = "scanning",
) -> FileRow | None:
    """To `rejected`; the object follows by the outbox, in the same transaction. `None` if somebody was faster.

    What could not be scanned is no verdict: its object stays for `SCAN_FAILED_RETENTION_DAYS`.
    """
    kept = timedelta(days=settings.storage().scan_failed_retention_days) if reason == "SCAN_FAILED" else None
    kept_until = clock.now() + kept if kept else None
    file = _move(conn, file_id, "rejected", from_=from_, reason=reason, measured=measured, kept_until=kept_until)
    if file is None:
        return None
    audit.record(conn, "upload_rejected", target=("file", file_id), outcome="failure", details={"reason": reason})
    if kept_until is None:
        remove_object(conn, file.file_path)
    return file


def _move(
    conn: Connection,
    file_id: UUID,
    to: Status,
    *,
    from_: Status,
    reason: Reason | None = None,
    measured: Measured | None = None,
    kept_until: datetime | None = None,
) -> FileRow | None:
    if to not in TRANSITIONS[from_]:
        raise ValueError(f"Nothing goes from {from_} to {to}.")
    return file_steps.update_status(
        conn,
        file_id,
        to=to,
        from_=from_,
        notice=_NOTICES[to],
        reason=reason,
        measured=measured,
        kept_until=kept_until,
    )


def release(conn: Connection, file_id: UUID) -> None:
    """Have the object of what could not be scanned removed, once it was kept long enough."""
    file = file_steps.release(conn, file_id)
    if file is not None:
        remove_object(conn, file.file_path)


def expire(conn: Connection, file_id: UUID) -> FileRow | None:
    """`pending` → `expired`: no bytes came. `None` if somebody was faster."""
    return _move(conn, file_id, "expired", from_="pending")


def remove_object(conn: Connection, key: str, version_id: str | None = None) -> None:
    """Have an object's version, or all of them, removed after the commit, even if S3 is down then."""
    outbox.insert(conn, "delete_object", {"key": key, "version_id": version_id})


def delete(conn: Connection, file_ids: Collection[UUID], *, owner_id: UUID | None) -> list[FileRow]:
    """Delete uploads, of that owner only unless `owner_id` is `None`; their objects follow by the outbox."""
    gone = file_steps.delete(conn, file_ids, owner_id=owner_id)
    outbox.insert_all(conn, "delete_object", [{"key": file.file_path, "version_id": None} for file in gone])
    for file in gone:
        notices.publish_upload(conn, "upload.deleted", file)
    return gone


def request_check(key: str, *, again: bool = False) -> None:
    """Ask `s3_events` to look at an object, as the arrival of its bytes does; `again`: the scanner too, once more."""
    queues.send(settings.upload_queue().upload_queue_url, check_message(key, again=again))


def check_message(key: str, *, again: bool = False) -> dict[str, Any]:
    """The message of `request_check`, in the shape of an EventBridge event."""
    detail = {"object": {"key": key}, "again": again}
    return {"source": "reviewpoint", "detail-type": "Upload Check", "detail": detail}
