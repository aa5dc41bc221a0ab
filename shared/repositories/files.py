"""Rows of `files`: uploads from their reservation to their end."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from shared.db import COUNT_LIMIT, Connection, Listing, Position, fetch_all, fetch_one, fetch_optional, fetch_page
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
    status, reason, is_public, url_expires_at, status_changed_at, uploaded_at, created_at"""


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
    uploaded_at: datetime | None
    created_at: datetime

    @property
    def sha256(self) -> str | None:
        """The measured hash, until then the declared one, if any."""
        return self.file_hash or self.declared_sha256


@dataclass(frozen=True, slots=True)
class Measured:
    """What was found in the bytes of one version of an object."""

    version_id: str
    file_hash: str
    uploaded_at: datetime


def insert(
    conn: Connection,
    *,
    file_id: UUID,
    user_id: UUID,
    filename: str,
    original_filename: str,
    content_type: str,
    file_size: int,
    file_path: str,
    declared_sha256: str | None,
    is_public: bool,
    url_expires_at: datetime,
) -> FileRow:
    """Reserve an upload as `pending`."""
    return fetch_one(
        conn,
        FileRow,
        f"""
        INSERT INTO files (id, user_id, filename, original_filename, content_type, file_size, file_path,
                           declared_sha256, is_public, url_expires_at)
        VALUES (%(id)s, %(user_id)s, %(filename)s, %(original_filename)s, %(content_type)s, %(file_size)s,
                %(file_path)s, %(declared_sha256)s, %(is_public)s, %(url_expires_at)s)
        RETURNING {COLUMNS}
        """,
        {
            "id": file_id,
            "user_id": user_id,
            "filename": filename,
            "original_filename": original_filename,
            "content_type": content_type,
            "file_size": file_size,
            "file_path": file_path,
            "declared_sha256": declared_sha256,
            "is_public": is_public,
            "url_expires_at": url_expires_at,
        },
    )


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
        """,
        {"file_id": file_id, "viewer_id": viewer_id, "sees_all": sees_all},
    )


def find_by_path(conn: Connection, file_path: str) -> FileRow | None:
    """The upload whose object has this key."""
    return fetch_optional(
        conn, FileRow, f"SELECT {COLUMNS} FROM files WHERE file_path = %(file_path)s", {"file_path": file_path}
    )


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


def update_status(
    conn: Connection,
    file_id: UUID,
    *,
    to: Status,
    from_: Collection[Status],
    notice: NoticeType,
    reason: Reason | None = None,
    measured: Measured | None = None,
) -> FileRow | None:
    """Move an upload to a status if it is in one of those it may come from, else `None`: the row settles all races.

    Its owner is told of it, by a notice of that type in the same statement.
    """
    return fetch_optional(
        conn,
        FileRow,
        f"""
        WITH changed AS (
            UPDATE files
            SET status = %(to)s, reason = %(reason)s, status_changed_at = now(), updated_at = now(),
                version_id = coalesce(%(version_id)s, version_id),
                file_hash = coalesce(%(file_hash)s, file_hash),
                uploaded_at = coalesce(%(uploaded_at)s, uploaded_at)
            WHERE id = %(file_id)s AND status = ANY(%(from)s)
            RETURNING {COLUMNS}
        ), {notices.OF_CHANGED_FILE}
        SELECT {COLUMNS} FROM changed
        """,
        {
            **notices.of_changed_file(notice),
            "file_id": file_id,
            "to": to,
            "from": list(from_),
            "reason": reason,
            "version_id": measured.version_id if measured else None,
            "file_hash": measured.file_hash if measured else None,
            "uploaded_at": measured.uploaded_at if measured else None,
        },
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


def delete(conn: Connection, file_id: UUID, *, owner_id: UUID | None) -> FileRow | None:
    """Remove the row; of that owner only, unless `owner_id` is `None`. Its object is the caller's to remove."""
    return fetch_optional(
        conn,
        FileRow,
        f"""
        DELETE FROM files WHERE id = %(file_id)s AND (%(owner_id)s::uuid IS NULL OR user_id = %(owner_id)s)
        RETURNING {COLUMNS}
        """,
        {"file_id": file_id, "owner_id": owner_id},
    )
