"""Lists of `files`: a user's, and what a sweep goes through."""

from datetime import timedelta
from uuid import UUID

from shared.db import COUNT_LIMIT, Connection, Listing, Position, fetch_all, fetch_page
from shared.repositories.files import COLUMNS, FileRow, Status


def list_page(conn: Connection, *, user_id: UUID, limit: int, after: Position | None) -> Listing[FileRow]:
    """A user's uploads, newest first, after the position given."""
    created_at, file_id = after or (None, None)
    return fetch_page(
        conn,
        FileRow,
        f"""
        SELECT counted.total, page.*
        FROM (
            SELECT count(*) AS total
            FROM (SELECT FROM files WHERE user_id = %(user_id)s LIMIT {COUNT_LIMIT}) AS bounded
        ) AS counted
        LEFT JOIN (
            SELECT {COLUMNS} FROM files
            WHERE user_id = %(user_id)s
              AND (%(created_at)s::timestamptz IS NULL OR (created_at, id) < (%(created_at)s::timestamptz, %(file_id)s::uuid))
            ORDER BY created_at DESC, id DESC
            LIMIT %(limit)s
        ) AS page ON true
        ORDER BY page.created_at DESC, page.id DESC
        """,
        {"user_id": user_id, "created_at": created_at, "file_id": file_id},
        limit=limit,
    )


def list_unsettled(
    conn: Connection, status: Status, *, older_than: timedelta, after: UUID, limit: int
) -> list[FileRow]:
    """Uploads that have been in a status for longer than given, by id, after `after`."""
    return fetch_all(
        conn,
        FileRow,
        f"""
        SELECT {COLUMNS} FROM files
        WHERE status = %(status)s AND status_changed_at < now() - %(older_than)s AND id > %(after)s
        ORDER BY id
        LIMIT %(limit)s
        """,
        {"status": status, "older_than": older_than, "after": after, "limit": limit},
    )


def list_kept_beyond(conn: Connection, *, limit: int) -> list[FileRow]:
    """Uploads that could not be scanned and whose objects were kept long enough."""
    return fetch_all(
        conn,
        FileRow,
        f"SELECT {COLUMNS} FROM files WHERE kept_until < now() ORDER BY kept_until LIMIT %(limit)s",
        {"limit": limit},
    )
