"""Rows of `storage_usage`: what a user's files take, counted; `files` changes it with each status."""

from dataclasses import dataclass
from uuid import UUID

from shared.db import Connection, execute, fetch_one, fetch_optional, fetch_values


@dataclass(frozen=True, slots=True)
class UsageRow:
    """What counts towards a user's quota: bytes, files, and of these the ones that wait for their bytes."""

    bytes: int
    files: int
    pending_files: int


def find(conn: Connection, user_id: UUID) -> UsageRow | None:
    """A user's usage; `None` before the first upload."""
    return fetch_optional(
        conn,
        UsageRow,
        "SELECT bytes, files, pending_files FROM storage_usage WHERE user_id = %(user_id)s",
        {"user_id": user_id},
    )


def list_users(conn: Connection, *, after: UUID, limit: int) -> list[UUID]:
    """The users who have files or whose usage is counted, by id, after `after`."""
    sql = """
        SELECT id FROM users
        WHERE id > %(after)s
          AND (EXISTS (SELECT FROM storage_usage WHERE user_id = users.id)
               OR EXISTS (SELECT FROM files WHERE user_id = users.id))
        ORDER BY id LIMIT %(limit)s
    """
    return fetch_values(conn, sql, {"after": after, "limit": limit})


def recount(conn: Connection, user_id: UUID) -> tuple[UsageRow | None, UsageRow] | None:
    """Count a user's files anew, in a transaction; what was counted and what there is, where they differ."""
    # The lock first, and the count in a statement of its own: it sees all that was committed before.
    sql = "SELECT bytes, files, pending_files FROM storage_usage WHERE user_id = %(user_id)s FOR UPDATE"
    counted = fetch_optional(conn, UsageRow, sql, {"user_id": user_id})
    true = fetch_one(
        conn,
        UsageRow,
        """
        SELECT coalesce(sum(file_size), 0)::bigint AS bytes, count(*) AS files,
               count(*) FILTER (WHERE status = 'pending') AS pending_files
        FROM files
        WHERE user_id = %(user_id)s AND (status IN ('pending', 'scanning', 'available') OR kept_until IS NOT NULL)
        """,
        {"user_id": user_id},
    )
    if (counted or UsageRow(0, 0, 0)) == true:
        return None
    execute(
        conn,
        """
        INSERT INTO storage_usage (user_id, bytes, files, pending_files)
        VALUES (%(user_id)s, %(bytes)s, %(files)s, %(pending_files)s)
        ON CONFLICT (user_id) DO UPDATE
        SET bytes = excluded.bytes, files = excluded.files, pending_files = excluded.pending_files
        """,
        {"user_id": user_id, "bytes": true.bytes, "files": true.files, "pending_files": true.pending_files},
    )
    return counted, true
