"""Rows of `files`: uploads from their reservation to their end; what changes their usage is in `file_steps`."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, LiteralString
from uuid import UUID

from shared.db import Connection, fetch_all, fetch_one, fetch_optional, fetch_value

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

HAS_OWNER: LiteralString = "NOT EXISTS (SELECT FROM users u WHERE u.id = files.user_id AND u.deleted_at IS NOT NULL)"
"""Of a row of `files`: its account has not been deleted. Its rows go in batches, but are gone for every reader before."""


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


def find(conn: Connection, file_id: UUID) -> FileRow | None:
    """One upload, whosever it is."""
    sql = f"SELECT {COLUMNS} FROM files WHERE id = %(id)s AND {HAS_OWNER}"
    return fetch_optional(conn, FileRow, sql, {"id": file_id})


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
          AND {HAS_OWNER}
        """,
        {"file_id": file_id, "viewer_id": viewer_id, "sees_all": sees_all},
    )


def filter_visible(conn: Connection, file_ids: Collection[UUID], *, viewer_id: UUID) -> set[UUID]:
    """Which of these the viewer may see."""
    sql = f"""
        SELECT coalesce(array_agg(id), '{{}}') FROM files
        WHERE id = ANY(%(file_ids)s) AND (user_id = %(viewer_id)s OR (is_public AND status = 'available'))
          AND {HAS_OWNER}
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
        WHERE id = %(file_id)s AND (%(owner_id)s::uuid IS NULL OR user_id = %(owner_id)s) AND {HAS_OWNER}
        FOR UPDATE OF files
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


def is_kept(conn: Connection, file_id: UUID) -> bool:
    """Whether an upload is rejected and its object is kept all the same; locks the row if so."""
    sql = f"""
        SELECT true FROM files WHERE id = %(file_id)s AND kept_until IS NOT NULL AND {HAS_OWNER}
        FOR UPDATE OF files
    """
    return bool(fetch_value(conn, sql, {"file_id": file_id}))


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
