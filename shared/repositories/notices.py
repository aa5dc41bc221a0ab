"""Rows of `notices`: what users are told, kept for a day. Each is written together with the work of sending it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb

from shared import ids
from shared.db import Connection, Params, execute, fetch_all, fetch_one, fetch_optional, fetch_value
from shared.observability import correlation

NoticeType = Literal[
    "upload.processing",
    "upload.completed",
    "upload.rejected",
    "upload.expired",
    "upload.updated",
    "upload.deleted",
    "system.notification",
    "export.ready",
]

COLUMNS = "id, user_id, type, data, created_at"

OF_CHANGED_FILE: LiteralString = """
    notice AS (
        INSERT INTO notices (id, user_id, type, data)
        SELECT %(notice_id)s, user_id, %(notice_type)s,
               jsonb_build_object('upload_id', id, 'filename', filename, 'status', status, 'reason', reason)
        FROM changed
        RETURNING id, data
    ), notice_work AS (
        INSERT INTO outbox (id, kind, payload)
        SELECT %(work_id)s, 'send_notice',
               jsonb_build_object(
                   'notice_id', id, 'upload_id', data ->> 'upload_id', 'request_id', %(request_id)s::text
               )
        FROM notice
    )
"""
"""A part of a statement whose `changed` gives a row of `files`: its owner is told, in that same statement."""


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """Something a user is told; all are, where `user_id` is `None`."""

    id: UUID
    user_id: UUID | None
    type: NoticeType
    data: dict[str, Any]
    created_at: datetime


def of_changed_file(notice_type: NoticeType) -> Params:
    """The parameters of `OF_CHANGED_FILE`."""
    request_id = correlation().get("request_id")
    return {"notice_id": ids.new(), "notice_type": notice_type, "work_id": ids.new(), "request_id": request_id}


def insert(conn: Connection, *, user_id: UUID | None, notice_type: NoticeType, data: Mapping[str, Any]) -> NoticeRow:
    """Add a notice, to be sent after the commit."""
    about = correlation() | ({"upload_id": data["upload_id"]} if "upload_id" in data else {})
    return fetch_one(
        conn,
        NoticeRow,
        f"""
        WITH work AS (
            INSERT INTO outbox (id, kind, payload)
            VALUES (%(work_id)s, %(kind)s, %(about)s || jsonb_build_object('notice_id', %(id)s::uuid))
        )
        INSERT INTO notices (id, user_id, type, data) VALUES (%(id)s, %(user_id)s, %(type)s, %(data)s)
        RETURNING {COLUMNS}
        """,
        {
            "id": ids.new(),
            "user_id": user_id,
            "type": notice_type,
            "data": Jsonb(dict(data)),
            "work_id": ids.new(),
            "kind": "send_notice" if user_id else "send_broadcast",
            "about": Jsonb(about),
        },
    )


def find(conn: Connection, notice_id: UUID) -> NoticeRow | None:
    """One notice, unless it is too old to be kept."""
    return fetch_optional(
        conn, NoticeRow, f"SELECT {COLUMNS} FROM notices WHERE id = %(notice_id)s", {"notice_id": notice_id}
    )


def list_missed(
    conn: Connection, user_id: UUID, *, after: UUID, from_id: UUID, kept: timedelta, limit: int
) -> list[NoticeRow]:
    """What the user was told from `from_id` on, oldest first: the last `limit` up to `after`, the first `limit` newer."""
    return fetch_all(
        conn,
        NoticeRow,
        f"""
        WITH told AS (
            SELECT {COLUMNS} FROM notices
            WHERE (user_id = %(user_id)s OR user_id IS NULL)
              AND id >= %(from_id)s AND id <> %(after)s AND created_at > now() - %(kept)s
        )
        (SELECT {COLUMNS} FROM told WHERE id < %(after)s ORDER BY id DESC LIMIT %(limit)s)
        UNION ALL
        (SELECT {COLUMNS} FROM told WHERE id > %(after)s ORDER BY id LIMIT %(limit)s)
        ORDER BY id
        """,
        {"user_id": user_id, "after": after, "from_id": from_id, "kept": kept, "limit": limit},
    )


def count(conn: Connection) -> int:
    """How many are kept."""
    return fetch_value(conn, "SELECT count(*) FROM notices", {})


def delete_older(conn: Connection, age: timedelta, *, limit: int) -> int:
    """Drop what is older, at most `limit`; how many went."""
    return execute(
        conn,
        """
        DELETE FROM notices
        WHERE id IN (SELECT id FROM notices WHERE created_at < now() - %(age)s ORDER BY created_at LIMIT %(limit)s)
        """,
        {"age": age, "limit": limit},
    )
