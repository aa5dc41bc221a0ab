"""Steps in the life of `files`: in the same statement each of them changes what its owner's files take."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.db import Connection, execute, fetch_all, fetch_optional
from shared.observability import correlation
from shared.repositories import notices
from shared.repositories.files import COLUMNS, HAS_OWNER, FileRow, Reason, Status
from shared.repositories.notices import NoticeType

_IS_COUNTED = "status IN ('pending', 'scanning', 'available') OR kept_until IS NOT NULL"
"""Whether a file counts towards its owner's quota, as SQL."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What was found in the bytes of one version of an object; `None` is what was not looked at."""

    version_id: str | None
    file_hash: str | None
    uploaded_at: datetime | None


@dataclass(frozen=True, slots=True)
class Quota:
    """What a user may have at most; `bytes` of all files that count, and their number."""

    bytes: int
    files: int
    pending_files: int


def reserve(conn: Connection, file: FileRow, *, original_filename: str, quota: Quota) -> bool:
    """Insert a `pending` upload if it fits its owner's quota; whether it did."""
    # One statement: the lock of the usage row orders parallel uploads, so that two can't share the last bytes.
    return bool(
        execute(
            conn,
            """
            WITH room AS (
                INSERT INTO storage_usage AS used (user_id, bytes, files, pending_files)
                SELECT %(user_id)s, %(file_size)s, 1, 1 WHERE %(file_size)s <= %(quota_bytes)s
                ON CONFLICT (user_id) DO UPDATE
                SET bytes = used.bytes + excluded.bytes, files = used.files + 1, pending_files = used.pending_files + 1
                WHERE used.bytes + excluded.bytes <= %(quota_bytes)s AND used.files < %(quota_files)s
                  AND used.pending_files < %(quota_pending_files)s
                RETURNING user_id
            )
            INSERT INTO files (id, user_id, filename, original_filename, content_type, file_size, file_path,
                               declared_sha256, is_public, url_expires_at, status_changed_at, created_at,
                               request_id)
            SELECT %(id)s, user_id, %(filename)s, %(original_filename)s, %(content_type)s, %(file_size)s,
                   %(file_path)s, %(declared_sha256)s, %(is_public)s, %(url_expires_at)s, %(created_at)s, %(created_at)s,
                   %(request_id)s
            FROM room
            """,
            {
                "id": file.id,
                "user_id": file.user_id,
                "filename": file.filename,
                "original_filename": original_filename,
                "content_type": file.content_type,
                "file_size": file.file_size,
                "file_path": file.file_path,
                "declared_sha256": file.declared_sha256,
                "is_public": file.is_public,
                "url_expires_at": file.url_expires_at,
                "created_at": file.created_at,
                "request_id": correlation().get("request_id"),
                "quota_bytes": quota.bytes,
                "quota_files": quota.files,
                "quota_pending_files": quota.pending_files,
            },
        )
    )


def update_status(
    conn: Connection,
    file_id: UUID,
    *,
    to: Status,
    from_: Status,
    notice: NoticeType,
    reason: Reason | None = None,
    measured: Measured | None = None,
    kept_until: datetime | None = None,
) -> FileRow | None:
    """Move an upload to a status if it is in the one it comes from, else `None`: the row settles all races.

    The owner's usage changes with it, and he is told by a notice of that type. `kept_until` is for one that is rejected and whose object stays a while.
    """
    return fetch_optional(
        conn,
        FileRow,
        f"""
        WITH before AS (
            SELECT id AS old_id, (status = 'pending')::int AS was_pending, ({_IS_COUNTED})::int AS was_counted
            FROM files WHERE id = %(file_id)s AND status = %(from)s
            FOR UPDATE
        ), changed AS (
            UPDATE files
            SET status = %(to)s, reason = %(reason)s, kept_until = %(kept_until)s,
                status_changed_at = now(), updated_at = now(),
                version_id = coalesce(%(version_id)s, version_id),
                file_hash = coalesce(%(file_hash)s, file_hash),
                uploaded_at = coalesce(%(uploaded_at)s, uploaded_at)
            FROM before WHERE id = old_id
            RETURNING {COLUMNS}, was_pending, was_counted, ({_IS_COUNTED})::int AS is_counted
        ), counted AS (
            UPDATE storage_usage AS used
            SET bytes = greatest(0, used.bytes + (is_counted - was_counted) * file_size),
                files = greatest(0, used.files + is_counted - was_counted),
                pending_files = greatest(0, used.pending_files - was_pending)
            FROM changed WHERE used.user_id = changed.user_id AND (is_counted <> was_counted OR was_pending = 1)
        ), {notices.OF_CHANGED_FILE}
        SELECT {COLUMNS} FROM changed
        """,
        {
            **notices.of_changed_file(notice),
            "file_id": file_id,
            "to": to,
            "from": from_,
            "reason": reason,
            "kept_until": kept_until,
            "version_id": measured.version_id if measured else None,
            "file_hash": measured.file_hash if measured else None,
            "uploaded_at": measured.uploaded_at if measured else None,
        },
    )


def release(conn: Connection, file_id: UUID) -> FileRow | None:
    """End the keeping of an object that could not be scanned, and its part of the usage; `None` if it has ended."""
    return fetch_optional(
        conn,
        FileRow,
        f"""
        WITH released AS (
            UPDATE files SET kept_until = NULL, updated_at = now()
            WHERE id = %(file_id)s AND kept_until < now()
            RETURNING {COLUMNS}
        ), counted AS (
            UPDATE storage_usage AS used
            SET bytes = greatest(0, used.bytes - file_size), files = greatest(0, used.files - 1)
            FROM released WHERE used.user_id = released.user_id
        )
        SELECT {COLUMNS} FROM released
        """,
        {"file_id": file_id},
    )


def delete(conn: Connection, file_ids: Collection[UUID], *, owner_id: UUID | None) -> list[FileRow]:
    """Remove rows; of that owner only, unless `owner_id` is `None`. Their objects are the caller's to remove.

    The owners' usage changes with it.
    """
    # Locked in the order of their ids, so that two who delete the same files never wait for each other.
    return fetch_all(
        conn,
        FileRow,
        f"""
        WITH found AS (
            SELECT id AS old_id FROM files
            WHERE id = ANY(%(file_ids)s) AND (%(owner_id)s::uuid IS NULL OR user_id = %(owner_id)s) AND {HAS_OWNER}
            ORDER BY id FOR UPDATE OF files
        ), gone AS (
            DELETE FROM files USING found WHERE id = old_id
            RETURNING {COLUMNS}, ({_IS_COUNTED})::int AS was_counted
        ), counted AS (
            UPDATE storage_usage AS used
            SET bytes = greatest(0, used.bytes - sums.bytes), files = greatest(0, used.files - sums.files),
                pending_files = greatest(0, used.pending_files - sums.pending_files)
            FROM (
                SELECT user_id, sum(was_counted * file_size) AS bytes, sum(was_counted) AS files,
                       count(*) FILTER (WHERE status = 'pending') AS pending_files
                FROM gone GROUP BY user_id
            ) AS sums
            WHERE used.user_id = sums.user_id
        )
        SELECT {COLUMNS} FROM gone
        """,
        {"file_ids": list(file_ids), "owner_id": owner_id},
    )
