"""Rows of `files`: uploads from their reservation to their end."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from shared.db import Connection, execute, fetch_all, fetch_one, fetch_optional, fetch_value
from shared.observability import correlation
from shared.repositories import notices
from shared.repositories.notices import NoticeType

Status = Literal["pending", "scanning", "available", "rejected", "expired"]
Reason = Literal[
    "SIZE_MISMATCH",
    "TYPE_MISMATCH",
    "CHECKSUM_MISMATCH",
    "CONTENT_INVALID",
    "MALWARE",
    "SCAN_FAILED",
    "CONTENT_MISSING",
]

COLUMNS = """id, user_id, filename, content_type, file_size, file_path, file_hash, declared_sha256, version_id,
    status, reason, is_public, url_expires_at, status_changed_at, kept_until, uploaded_at, created_at, request_id"""
_IS_COUNTED = "status IN ('pending', 'scanning', 'available') OR kept_until IS NOT NULL"
"""Whether a file counts towards its owner's quota, as SQL."""


@dataclass(frozen=True, slots=True)
class FileRow:
    """An upload; `file_size` in bytes, hashes as 64 lower-case hex digits."""

    id: UUID
    user_id: UUID
    filename: str
    content_type: str
    file_size: int
    file_path: str
    file_hash: str | None
    declared_sha256: str | None
    version_id: str | None
    status: Status
    reason: Reason | None
    is_public: bool
    url_expires_at: datetime
    status_changed_at: datetime
    kept_until: datetime | None
    uploaded_at: datetime | None
    created_at: datetime
    request_id: str | None = None
    """Of the request that reserved it: it goes on in the log lines of all that happens to it."""

    @property
    def sha256(self) -> str | None:
        """The measured hash, until then the declared one, if any."""
        return self.file_hash or self.declared_sha256


@dataclass(frozen=True, slots=True)
class PathRow:
    """An object's key alone."""

    file_path: str


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


def find(conn: Connection, file_id: UUID) -> FileRow | None:
    """One upload, whosever it is."""
    return fetch_optional(conn, FileRow, f"SELECT {COLUMNS} FROM files WHERE id = %(id)s", {"id": file_id})


def find_owned(conn: Connection, file_id: UUID, *, owner_id: UUID) -> FileRow | None:
    """One upload of that owner."""
    return fetch_optional(
        conn,
        FileRow,
        f"SELECT {COLUMNS} FROM files WHERE id = %(file_id)s AND user_id = %(owner_id)s",
        {"file_id": file_id, "owner_id": owner_id},
    )


def find_visible(conn: Connection, file_id: UUID, *, viewer_id: UUID, sees_all: bool) -> FileRow | None:
    """One upload that the viewer may see: his own, a public one that is available, or any if he sees all."""
    return fetch_optional(
        conn,
        FileRow,
        f"""
        SELECT {COLUMNS} FROM files
        WHERE id = %(file_id)s
          AND (%(sees_all)s OR user_id = %(viewer_id)s OR (is_public AND status = 'available'))
          AND NOT EXISTS (SELECT FROM users u WHERE u.id = files.user_id AND u.deleted_at IS NOT NULL)
        """,
        {"file_id": file_id, "viewer_id": viewer_id, "sees_all": sees_all},
    )


def filter_visible(conn: Connection, file_ids: Collection[UUID], *, viewer_id: UUID) -> set[UUID]:
    """Which of these the viewer may see."""
    sql = """
        SELECT coalesce(array_agg(id), '{}') FROM files
        WHERE id = ANY(%(file_ids)s) AND (user_id = %(viewer_id)s OR (is_public AND status = 'available'))
    """
    return set(fetch_value(conn, sql, {"file_ids": list(file_ids), "viewer_id": viewer_id}))


def find_by_path(conn: Connection, file_path: str) -> FileRow | None:
    """The upload whose object has this key."""
    return fetch_optional(
        conn, FileRow, f"SELECT {COLUMNS} FROM files WHERE file_path = %(file_path)s", {"file_path": file_path}
    )


def update_url_expiry(conn: Connection, file_id: UUID, *, owner_id: UUID, url_expires_at: datetime) -> FileRow | None:
    """Note until when a fresh URL lives; `None` unless the owner's upload is still `pending`."""
    return fetch_optional(
        conn,
        FileRow,
        f"""
        UPDATE files SET url_expires_at = greatest(url_expires_at, %(url_expires_at)s), updated_at = now()
        WHERE id = %(file_id)s AND user_id = %(owner_id)s AND status = 'pending'
        RETURNING {COLUMNS}
        """,
        {"file_id": file_id, "owner_id": owner_id, "url_expires_at": url_expires_at},
    )


def lock(conn: Connection, file_id: UUID, *, owner_id: UUID | None) -> FileRow | None:
    """One upload, of that owner unless `owner_id` is `None`, locked until the transaction ends."""
    return fetch_optional(
        conn,
        FileRow,
        f"""
        SELECT {COLUMNS} FROM files
        WHERE id = %(file_id)s AND (%(owner_id)s::uuid IS NULL OR user_id = %(owner_id)s)
        FOR UPDATE
        """,
        {"file_id": file_id, "owner_id": owner_id},
    )


def update(conn: Connection, file_id: UUID, *, filename: str | None, is_public: bool | None) -> FileRow:
    """Change what is given of a locked upload."""
    return fetch_one(
        conn,
        FileRow,
        f"""
        UPDATE files
        SET filename = coalesce(%(filename)s, filename), is_public = coalesce(%(is_public)s, is_public),
            updated_at = now()
        WHERE id = %(file_id)s
        RETURNING {COLUMNS}
        """,
        {"file_id": file_id, "filename": filename, "is_public": is_public},
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


def is_kept(conn: Connection, file_id: UUID) -> bool:
    """Whether an upload is rejected and its object is kept all the same; locks the row if so."""
    sql = "SELECT true FROM files WHERE id = %(file_id)s AND kept_until IS NOT NULL FOR UPDATE"
    return bool(fetch_value(conn, sql, {"file_id": file_id}))


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
            WHERE id = ANY(%(file_ids)s) AND (%(owner_id)s::uuid IS NULL OR user_id = %(owner_id)s)
            ORDER BY id FOR UPDATE
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


def delete_batch(conn: Connection, *, user_id: UUID, limit: int) -> list[str]:
    """Remove up to `limit` of a user's rows; the keys of their objects, which are the caller's to remove."""
    rows = fetch_all(
        conn,
        PathRow,
        """
        DELETE FROM files
        WHERE id IN (SELECT id FROM files WHERE user_id = %(user_id)s LIMIT %(limit)s)
        RETURNING file_path
        """,
        {"user_id": user_id, "limit": limit},
    )
    return [row.file_path for row in rows]
