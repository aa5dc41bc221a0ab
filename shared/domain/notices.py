"""What users are told as it happens: notices kept for a day, and the messages they travel in."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

from shared import clock, ids
from shared.db import Connection
from shared.repositories import notices
from shared.repositories.files import FileRow
from shared.repositories.notices import NoticeRow, NoticeType

KEPT = timedelta(hours=24)
"""How long a notice can be asked for again."""

MessageType = (
    NoticeType | Literal["connection.established", "pong", "subscription.acknowledged", "resume.truncated", "error"]
)


def publish(conn: Connection, user_id: UUID | None, notice_type: NoticeType, data: Mapping[str, Any]) -> NoticeRow:
    """Tell a user (`None`: everybody) after the commit; until the outbox is woken it may take a minute."""
    return notices.insert(conn, user_id=user_id, notice_type=notice_type, data=data)


def publish_upload(conn: Connection, notice_type: NoticeType, file: FileRow) -> None:
    """Tell an upload's owner what became of it. A change of its status tells by itself."""
    data = {"upload_id": str(file.id), "filename": file.filename, "status": file.status, "reason": file.reason}
    publish(conn, file.user_id, notice_type, data)


def message_of(notice: NoticeRow) -> bytes:
    """The message that carries a notice: at each repetition the same."""
    return _message(notice.type, notice.id, notice.created_at, notice.data)


def message(message_type: MessageType, data: Mapping[str, Any]) -> bytes:
    """A message that is no notice: told once, not kept."""
    return _message(message_type, ids.new(), clock.now(), data)


def _message(message_type: MessageType, message_id: UUID, at: datetime, data: Mapping[str, Any]) -> bytes:
    timestamp = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    fields = {"type": message_type, "id": str(message_id), "timestamp": timestamp, "data": data}
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":")).encode()
