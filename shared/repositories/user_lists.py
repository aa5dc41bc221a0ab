"""Lists of `users`: pages for admins, and all rows of an export."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, LiteralString

from shared.db import COUNT_LIMIT, Connection, Listing, Params, Position, fetch_all, fetch_page
from shared.repositories.users import COLUMNS, Role, UserRow

Sort = Literal["created_at", "-created_at", "username"]


@dataclass(frozen=True, slots=True)
class UserFilter:
    """Which accounts a list has, and in which order."""

    q: str | None = None
    role: Role | None = None
    is_active: bool | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None
    sort: Sort = "-created_at"

    def position_of(self, user: UserRow) -> Position:
        """The place of a row in the list."""
        return (user.username if self.sort == "username" else user.created_at.isoformat()), user.id


# The literal wildcards of LIKE are escaped here and not by the caller, who may not know that they are any.
_MATCHES: LiteralString = """
    deleted_at IS NULL
    AND (%(pattern)s::text IS NULL
         OR lower(username) LIKE lower(%(pattern)s) OR lower(email) LIKE lower(%(pattern)s))
    AND (%(role)s::text IS NULL OR role = %(role)s)
    AND (%(is_active)s::boolean IS NULL OR is_active = %(is_active)s)
    AND (%(created_after)s::timestamptz IS NULL OR created_at >= %(created_after)s)
    AND (%(created_before)s::timestamptz IS NULL OR created_at < %(created_before)s)
"""
_AFTER: Mapping[Sort, LiteralString] = {
    "created_at": "(created_at, id) > (%(after_key)s::timestamptz, %(after_id)s::uuid)",
    "-created_at": "(created_at, id) < (%(after_key)s::timestamptz, %(after_id)s::uuid)",
    # Unique, so it needs no second key.
    "username": "lower(username) > lower(%(after_key)s::text)",
}
_ORDER: Mapping[Sort, LiteralString] = {
    "created_at": "created_at, id",
    "-created_at": "created_at DESC, id DESC",
    "username": "lower(username)",
}


def list_page(conn: Connection, wanted: UserFilter, *, limit: int, after: Position | None) -> Listing[UserRow]:
    """A part of the accounts that the filter wants, in its order, after the position given."""
    return fetch_page(
        conn,
        UserRow,
        f"""
        SELECT counted.total, page.*
        FROM (
            SELECT count(*) AS total FROM (SELECT FROM users WHERE {_MATCHES} LIMIT {COUNT_LIMIT}) AS bounded
        ) AS counted
        LEFT JOIN ({_part(wanted)} LIMIT %(limit)s) AS page ON true
        ORDER BY {_ORDER[wanted.sort]}
        """,
        _params(wanted, after),
        limit=limit,
    )


def list_rows(conn: Connection, wanted: UserFilter, *, limit: int, after: Position | None) -> list[UserRow]:
    """The same part, for whoever goes through all of them and needs no count."""
    return fetch_all(conn, UserRow, f"{_part(wanted)} LIMIT %(limit)s", {**_params(wanted, after), "limit": limit})


def _part(wanted: UserFilter) -> LiteralString:
    begins: LiteralString = f"%(after_id)s::uuid IS NULL OR {_AFTER[wanted.sort]}"
    return f"SELECT {COLUMNS} FROM users WHERE {_MATCHES} AND ({begins}) ORDER BY {_ORDER[wanted.sort]}"


def _params(wanted: UserFilter, after: Position | None) -> Params:
    return {
        "pattern": _pattern(wanted.q) if wanted.q else None,
        "role": wanted.role,
        "is_active": wanted.is_active,
        "created_after": wanted.created_after,
        "created_before": wanted.created_before,
        "after_key": after[0] if after else None,
        "after_id": after[1] if after else None,
    }


def _pattern(text: str) -> str:
    literal = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{literal}%"
