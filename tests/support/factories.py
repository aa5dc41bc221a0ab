"""Rows for tests, with names that no other test has."""

import itertools
import os
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from psycopg import sql

from shared import clock, ids
from shared.db import Connection, connection, execute
from shared.domain import passwords, tokens
from shared.repositories import file_steps, files, sessions, users
from shared.repositories.file_steps import Quota
from shared.repositories.files import FileRow
from shared.repositories.users import Role

PASSWORD = "securepassword123"

_numbers = itertools.count(1)


def unique(prefix: str) -> str:
    """A name that no other test has, in any worker."""
    return f"{prefix}{os.getpid()}x{next(_numbers)}"


@dataclass(frozen=True)
class Account:
    """A signed-in account."""

    id: UUID
    username: str
    email: str
    token: str
    refresh_token: str
    session_id: UUID
    password: str = PASSWORD


def make_account(
    *,
    role: Role = "user",
    is_active: bool = True,
    password: str = PASSWORD,
    username: str | None = None,
    email: str | None = None,
) -> Account:
    """An account with a session."""
    name = username or unique("user")
    with connection() as conn:
        row = users.insert(
            conn,
            username=name,
            email=email or f"{name}@example.org",
            password_hash=passwords.make_hash(password),
            role=role,
        )
        now = clock.now()
        session = sessions.insert(
            conn,
            user_id=row.id,
            now=now,
            expires_at=now + tokens.refresh_lifetime(),
            user_agent="tests",
            ip="203.0.113.7",
        )
        if not is_active:
            execute(conn, "UPDATE users SET is_active = false WHERE id = %(id)s", {"id": row.id})
    pair = tokens.derive(session, username=row.username, role=row.role)
    return Account(row.id, row.username, row.email, pair.access_token, pair.refresh_token, session.id, password)


def make_file(owner: Account, **columns: Any) -> FileRow:
    """An upload's row, without an object; columns as of `files`. One that is available gets what it must have."""
    file_id, now = ids.new(), clock.now()
    row = FileRow(
        id=file_id,
        user_id=owner.id,
        filename="paper.pdf",
        content_type="application/pdf",
        file_size=columns.pop("file_size", 1000),
        file_path=f"uploads/{owner.id}/{file_id}/x",
        file_hash=None,
        declared_sha256=None,
        version_id=None,
        status="pending",
        reason=None,
        is_public=False,
        url_expires_at=now + timedelta(minutes=15),
        status_changed_at=now,
        kept_until=None,
        uploaded_at=None,
        created_at=now,
    )
    if columns.get("status") == "available":
        columns = {"version_id": "v1", "file_hash": "a" * 64, "uploaded_at": now} | columns
    with connection() as conn:
        quota = Quota(bytes=2**60, files=2**30, pending_files=2**30)
        assert file_steps.reserve(conn, row, original_filename="paper.pdf", quota=quota)
        if columns:
            _update(conn, file_id, columns)
        made = files.find(conn, file_id)
    assert made is not None
    return made


def _update(conn: Connection, file_id: UUID, columns: dict[str, Any]) -> None:
    changes = sql.SQL(", ").join(sql.SQL("{} = {}").format(sql.Identifier(c), sql.Placeholder(c)) for c in columns)
    conn.execute(sql.SQL("UPDATE files SET {} WHERE id = %(id)s").format(changes), {**columns, "id": file_id})
