"""An upload's life: one table of statuses, and the steps that move it along."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from shared import settings
from shared.aws import queues
from shared.db import Connection
from shared.domain import outbox as outbox_work
from shared.repositories import files, outbox
from shared.repositories.files import FileRow, Measured, Reason, Status

TRANSITIONS: Mapping[Status, frozenset[Status]] = {
    "pending": frozenset({"scanning", "expired"}),
    "scanning": frozenset({"available", "rejected"}),
    "available": frozenset(),
    "rejected": frozenset(),
    "expired": frozenset(),
}
"""From a status to those that may follow. Nothing else ever writes a status."""

KEY_PREFIX = "uploads/"


def sources(to: Status) -> list[Status]:
    """The statuses from which an upload may come to this one."""
    return [status for status, following in TRANSITIONS.items() if to in following]


def begin_scan(conn: Connection, file_id: UUID) -> FileRow | None:
    """`pending` → `scanning`: the bytes are there. `None` if somebody was faster."""
    return files.update_status(conn, file_id, to="scanning", from_=sources("scanning"), notice="upload.processing")


def accept(conn: Connection, file_id: UUID, measured: Measured) -> FileRow | None:
    """`scanning` → `available`, pinned to the version that was measured. `None` if somebody was faster."""
    return files.update_status(
        conn, file_id, to="available", from_=sources("available"), notice="upload.completed", measured=measured
    )


def reject(conn: Connection, file_id: UUID, reason: Reason, measured: Measured | None = None) -> FileRow | None:
    """`scanning` → `rejected`; the object follows by the outbox, in the same transaction. `None` if somebody was faster."""
    file = files.update_status(
        conn,
        file_id,
        to="rejected",
        from_=sources("rejected"),
        notice="upload.rejected",
        reason=reason,
        measured=measured,
    )
    if file is not None:
        remove_object(conn, file.file_path)
    return file


def expire(conn: Connection, file_id: UUID) -> FileRow | None:
    """`pending` → `expired`: no bytes came. `None` if somebody was faster."""
    return files.update_status(conn, file_id, to="expired", from_=sources("expired"), notice="upload.expired")


def remove_object(conn: Connection, key: str, version_id: str | None = None) -> None:
    """Have an object's version, or all of them, removed after the commit, even if S3 is down then."""
    outbox.insert(conn, "delete_object", {"key": key, "version_id": version_id})


def request_check(key: str) -> None:
    """Ask `s3_events` to look at an object, as the arrival of its bytes does."""
    queues.send(settings.upload_queue().upload_queue_url, check_message(key))


def check_message(key: str) -> dict[str, Any]:
    """The message of `request_check`, in the shape of an EventBridge event."""
    return {"source": "reviewpoint", "detail-type": "Upload Check", "detail": {"object": {"key": key}}}


def wake_outbox() -> None:
    """Have the outbox worked off now rather than within a minute; called after the commit."""
    outbox_work.wake()
