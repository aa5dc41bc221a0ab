"""Lists of `files`: a user's, and what a sweep goes through."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, LiteralString
from uuid import UUID

from shared.db import COUNT_LIMIT, Connection, Listing, Params, Position, fetch_all, fetch_page, fetch_value
from shared.repositories.files import COLUMNS, HAS_OWNER, FileRow, Status

Sort = Literal["created_at", "-created_at", "filename", "-filename", "file_size", "-file_size"]


@dataclass(frozen=True, slots=True)
class FileFilter:
    """Which uploads a list has; of everybody, where `owner_id` is `None`."""

    owner_id: UUID | None
    q: str | None = None
    content_type: str | None = None
    status: Status | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    sort: Sort = "-created_at"

    def position_of(self, file: FileRow) -> Position:
        """The place of a row in the list."""
        match self.sort.removeprefix("-"):
            case "filename":
                return file.filename, file.id
            case "file_size":
                return str(file.file_size), file.id
            case _:
                return file.created_at.isoformat(), file.id


_MATCHES: LiteralString = f"""
    (%(owner_id)s::uuid IS NULL OR user_id = %(owner_id)s)
    AND (%(q)s::text IS NULL OR strpos(lower(filename), lower(%(q)s)) > 0)
    AND (%(content_type)s::text IS NULL OR content_type = lower(%(content_type)s))
    AND (%(status)s::text IS NULL OR status = %(status)s)
    AND (%(created_after)s::timestamptz IS NULL OR created_at >= %(created_after)s)
    AND (%(created_before)s::timestamptz IS NULL OR created_at < %(created_before)s)
    AND {HAS_OWNER}
"""
# The sort key of a row, and of the position that a part begins after.
_KEYS: Mapping[str, tuple[LiteralString, LiteralString]] = {
    "created_at": ("created_at", "%(after_key)s::timestamptz"),
    "filename": ("lower(filename)", "lower(%(after_key)s::text)"),
    "file_size": ("file_size", "%(after_key)s::bigint"),
}


def list_page(conn: Connection, wanted: FileFilter, *, limit: int, after: Position | None) -> Listing[FileRow]:
    """A part of the uploads that the filter wants, in its order, after the position given."""
    rows, order = _part(wanted)
    return fetch_page(
        conn,
        FileRow,
        f"""
        SELECT counted.total, page.*
        FROM (
            SELECT count(*) AS total FROM (SELECT FROM files WHERE {_MATCHES} LIMIT {COUNT_LIMIT}) AS bounded
        ) AS counted
        LEFT JOIN ({rows} LIMIT %(limit)s) AS page ON true
        ORDER BY {order}
        """,
        _params(wanted, after),
        limit=limit,
    )


def list_rows(conn: Connection, wanted: FileFilter, *, limit: int, after: Position | None) -> list[FileRow]:
    """The same part, for whoever goes through all of them and needs no count."""
    rows, _ = _part(wanted)
    return fetch_all(conn, FileRow, f"{rows} LIMIT %(limit)s", {**_params(wanted, after), "limit": limit})


def _part(wanted: FileFilter) -> tuple[LiteralString, LiteralString]:
    key, after_key = _KEYS[wanted.sort.removeprefix("-")]
    direction, beyond = ("DESC", "<") if wanted.sort.startswith("-") else ("ASC", ">")
    order: LiteralString = f"{key} {direction}, id {direction}"
    begins: LiteralString = f"%(after_id)s::uuid IS NULL OR ({key}, id) {beyond} ({after_key}, %(after_id)s::uuid)"
    return f"SELECT {COLUMNS} FROM files WHERE {_MATCHES} AND ({begins}) ORDER BY {order}", order


def _params(wanted: FileFilter, after: Position | None) -> Params:
    return {
        "after_key": after[0] if after else None,
        "after_id": after[1] if after else None,
        "owner_id": wanted.owner_id,
        "q": wanted.q,
        "content_type": wanted.content_type,
        "status": wanted.status,
        "created_after": wanted.created_after,
        "created_before": wanted.created_before,
    }


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


def find_unwanted_paths(conn: Connection, paths: Collection[str]) -> set[str]:
    """Which of these object keys no upload has, or one whose object is not to be kept."""
    sql = """
        SELECT coalesce(array_agg(found.path), '{}') FROM unnest(%(paths)s::text[]) AS found (path)
        WHERE NOT EXISTS (
            SELECT FROM files
            WHERE file_path = found.path
              AND (status IN ('pending', 'scanning', 'available') OR kept_until IS NOT NULL)
        )
    """
    return set(fetch_value(conn, sql, {"paths": list(paths)}))


def list_available(conn: Connection, *, after: UUID, limit: int) -> list[FileRow]:
    """Uploads that are served, by id, after `after`."""
    return fetch_all(
        conn,
        FileRow,
        f"SELECT {COLUMNS} FROM files WHERE status = 'available' AND id > %(after)s ORDER BY id LIMIT %(limit)s",
        {"after": after, "limit": limit},
    )
