"""Rows of `storage_usage`: what a user's files take, counted; `files` changes it with each status."""

from dataclasses import dataclass
from uuid import UUID

from shared.db import Connection, execute, fetch_one, fetch_optional, fetch_value


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
    """The users whose usage is counted, by id, after `after`."""
    sql = """
        SELECT coalesce(array_agg(user_id ORDER BY user_id), '{}')
        FROM (SELECT user_id FROM storage_usage WHERE user_id > %(after)s ORDER BY user_id LIMIT %(limit)s) AS part
    """
    return fetch_value(conn, sql, {"after": after, "limit": limit})


def recount(conn: Connection, user_id: UUID) -> tuple[UsageRow, UsageRow] | None:
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
    if counted is None or counted == true:
        return None
    execute(
        conn,
        """
        UPDATE storage_usage SET bytes = %(bytes)s, files = %(files)s, pending_files = %(pending_files)s
        WHERE user_id = %(user_id)s
        """,
        {"user_id": user_id, "bytes": true.bytes, "files": true.files, "pending_files": true.pending_files},
    )
    return counted, true
