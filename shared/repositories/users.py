"""Rows of `users`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from psycopg.errors import UniqueViolation

from shared import ids
from shared.db import Connection, execute, fetch_one, fetch_optional, violated_constraint
from shared.errors import Code, ConflictError

Role = Literal["user", "admin"]

COLUMNS = "id, username, email, role, is_active, created_at, updated_at"


@dataclass(frozen=True, slots=True)
class UserRow:
    """An account, without its secret."""

    id: UUID
    username: str
    email: str
    role: Role
    is_active: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class CredentialsRow:
    """What a login is checked against."""

    id: UUID
    username: str
    role: Role
    is_active: bool
    password_hash: str


def insert(conn: Connection, *, username: str, email: str, password_hash: str, role: Role = "user") -> UserRow:
    """Add an account.

    Raises:
        ConflictError: `USERNAME_TAKEN` or `EMAIL_TAKEN`, without regard to case.
    """
    try:
        return fetch_one(
            conn,
            UserRow,
            f"""
            INSERT INTO users (id, username, email, password_hash, role)
            VALUES (%(id)s, %(username)s, %(email)s, %(password_hash)s, %(role)s)
            RETURNING {COLUMNS}
            """,
            {"id": ids.new(), "username": username, "email": email, "password_hash": password_hash, "role": role},
        )
    except UniqueViolation as error:
        raise _taken(error) from error


def find_credentials(conn: Connection, login: str) -> CredentialsRow | None:
    """By username or e-mail; a username holds no `@`, so at most one account answers to either."""
    return fetch_optional(
        conn,
        CredentialsRow,
        """
        SELECT id, username, role, is_active, password_hash FROM users
        WHERE lower(username) = lower(%(login)s) OR lower(email) = lower(%(login)s)
        """,
        {"login": login},
    )


def update(conn: Connection, user_id: UUID, *, username: str | None, email: str | None) -> UserRow | None:
    """Change what is given; `None` leaves a column as it is.

    Raises:
        ConflictError: `USERNAME_TAKEN` or `EMAIL_TAKEN`.
    """
    try:
        return fetch_optional(
            conn,
            UserRow,
            f"""
            UPDATE users
            SET username = coalesce(%(username)s, username), email = coalesce(%(email)s, email), updated_at = now()
            WHERE id = %(user_id)s
            RETURNING {COLUMNS}
            """,
            {"user_id": user_id, "username": username, "email": email},
        )
    except UniqueViolation as error:
        raise _taken(error) from error


def update_password_hash(conn: Connection, user_id: UUID, *, old: str, new: str) -> bool:
    """Swap the hash, unless it has changed meanwhile."""
    return bool(
        execute(
            conn,
            "UPDATE users SET password_hash = %(new)s WHERE id = %(user_id)s AND password_hash = %(old)s",
            {"user_id": user_id, "old": old, "new": new},
        )
    )


def promote(conn: Connection, username: str) -> UserRow | None:
    """Make the account of that name an active admin, if there is one."""
    return fetch_optional(
        conn,
        UserRow,
        f"""
        UPDATE users SET role = 'admin', is_active = true, updated_at = now()
        WHERE lower(username) = lower(%(username)s)
        RETURNING {COLUMNS}
        """,
        {"username": username},
    )


def _taken(error: UniqueViolation) -> ConflictError | UniqueViolation:
    match violated_constraint(error):
        case "users_username_key":
            return ConflictError(Code.USERNAME_TAKEN, "This username is taken.", details=_at("username"))
        case "users_email_key":
            return ConflictError(Code.EMAIL_TAKEN, "This e-mail address is taken.", details=_at("email"))
        case _:
            return error


def _at(field: str) -> dict[str, str]:
    return {"field": field, "issue": "Already in use"}
