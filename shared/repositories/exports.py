"""Rows of `exports`: a user's own data, as it was last asked for."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from shared import ids
from shared.db import Connection, execute, fetch_optional, fetch_value

Status = Literal["pending", "ready", "failed"]


@dataclass(frozen=True, slots=True)
class ExportRow:
    """How the making of an archive stands; one that is pending for hours has failed."""

    id: UUID
    user_id: UUID
    status: Status
    expires_at: datetime | None


_LOST = "status = 'pending' AND requested_at < now() - interval '3 hours'"
_COLUMNS = f"id, user_id, CASE WHEN {_LOST} THEN 'failed' ELSE status END AS status, expires_at"


def begin(conn: Connection, user_id: UUID) -> UUID | None:
    """Note that an archive is asked for, in place of the one before; `None` while that is still being made."""
    return fetch_value(
        conn,
        """
        INSERT INTO exports (id, user_id) VALUES (%(id)s, %(user_id)s)
        ON CONFLICT (user_id) DO UPDATE
            SET id = excluded.id, status = 'pending', requested_at = now(), expires_at = NULL
            WHERE exports.status <> 'pending' OR exports.requested_at < now() - interval '3 hours'
        RETURNING id
        """,
        {"id": ids.new(), "user_id": user_id},
    )


def find(conn: Connection, export_id: UUID) -> ExportRow | None:
    """One export."""
    return fetch_optional(
        conn, ExportRow, f"SELECT {_COLUMNS} FROM exports WHERE id = %(export_id)s", {"export_id": export_id}
    )


def find_of(conn: Connection, user_id: UUID) -> ExportRow | None:
    """A user's last, unless its time is over."""
    return fetch_optional(
        conn,
        ExportRow,
        f"""
        SELECT {_COLUMNS} FROM exports
        WHERE user_id = %(user_id)s AND (expires_at IS NULL OR expires_at > now())
        """,
        {"user_id": user_id},
    )


def finish(conn: Connection, export_id: UUID, *, expires_at: datetime) -> bool:
    """The archive is there; `False` when another message said so before, or another took its place."""
    return bool(
        execute(
            conn,
            """
            UPDATE exports SET status = 'ready', expires_at = %(expires_at)s
            WHERE id = %(export_id)s AND status <> 'ready'
            """,
            {"export_id": export_id, "expires_at": expires_at},
        )
    )


def fail(conn: Connection, export_id: UUID) -> None:
    """The archive could not be made."""
    execute(
        conn,
        "UPDATE exports SET status = 'failed' WHERE id = %(export_id)s AND status = 'pending'",
        {"export_id": export_id},
    )
