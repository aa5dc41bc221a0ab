"""Rows of `users`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from psycopg.errors import UniqueViolation

from shared import ids
from shared.db import Connection, execute, fetch_all, fetch_one, fetch_optional, fetch_value, violated_constraint
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
class IdRow:
    """An account's id alone."""

    id: UUID


@dataclass(frozen=True, slots=True)
class CredentialsRow:
    """What a login is checked against."""

    id: UUID
    username: str
    role: Role
    is_active: bool
    is_verified: bool
    password_hash: str


def insert(
    conn: Connection,
    *,
    username: str,
    email: str,
    password_hash: str,
    role: Role = "user",
    user_id: UUID | None = None,
    created_at: datetime | None = None,
    verified: bool = True,
) -> UserRow:
    """Add an account; with an id and a time of its own, where the answer was made before.

    Its address counts as verified, unless whoever gave it is to prove that it is theirs.

    Raises:
        ConflictError: `USERNAME_TAKEN` or `EMAIL_TAKEN`, without regard to case.
    """
    try:
        return fetch_one(
            conn,
            UserRow,
            f"""
            INSERT INTO users (id, username, email, password_hash, role, created_at, updated_at, email_verified_at)
            VALUES (%(id)s, %(username)s, %(email)s, %(password_hash)s, %(role)s,
                    coalesce(%(created_at)s, now()), coalesce(%(created_at)s, now()), CASE WHEN %(verified)s THEN now() END)
            RETURNING {COLUMNS}
            """,
            {
                "id": user_id or ids.new(),
                "username": username,
                "email": email,
                "password_hash": password_hash,
                "role": role,
                "created_at": created_at,
                "verified": verified,
            },
        )
    except UniqueViolation as error:
        raise taken(error) from error


def find(conn: Connection, user_id: UUID) -> UserRow | None:
    """An account that is not deleted."""
    return fetch_optional(
        conn,
        UserRow,
        f"SELECT {COLUMNS} FROM users WHERE id = %(user_id)s AND deleted_at IS NULL",
        {"user_id": user_id},
    )


def find_by_email(conn: Connection, email: str) -> UserRow | None:
    """The account that has the address."""
    return fetch_optional(
        conn,
        UserRow,
        f"SELECT {COLUMNS} FROM users WHERE lower(email) = lower(%(email)s) AND deleted_at IS NULL",
        {"email": email},
    )


def lock(conn: Connection, user_id: UUID) -> UserRow | None:
    """An account, kept as it is until the transaction ends."""
    return fetch_optional(
        conn,
        UserRow,
        f"SELECT {COLUMNS} FROM users WHERE id = %(user_id)s AND deleted_at IS NULL FOR UPDATE",
        {"user_id": user_id},
    )


def lock_admins(conn: Connection) -> set[UUID]:
    """All active admins, kept so until the transaction ends; always before `lock`, lest two wait for each other."""
    rows = fetch_all(
        conn,
        IdRow,
        """
        SELECT id FROM users WHERE role = 'admin' AND is_active AND deleted_at IS NULL ORDER BY id FOR UPDATE
        """,
        {},
    )
    return {row.id for row in rows}


def find_password_hash(conn: Connection, user_id: UUID) -> str | None:
    """What is kept of an account's password."""
    return fetch_value(
        conn, "SELECT password_hash FROM users WHERE id = %(user_id)s AND deleted_at IS NULL", {"user_id": user_id}
    )


def find_credentials(conn: Connection, login: str) -> CredentialsRow | None:
    """By username or e-mail; a username holds no `@`, so at most one account answers to either."""
    return fetch_optional(
        conn,
        CredentialsRow,
        """
        SELECT id, username, role, is_active, email_verified_at IS NOT NULL AS is_verified, password_hash FROM users
        WHERE (lower(username) = lower(%(login)s) OR lower(email) = lower(%(login)s)) AND deleted_at IS NULL
        """,
        {"login": login},
    )


def update(
    conn: Connection,
    user_id: UUID,
    *,
    username: str | None,
    email: str | None,
    role: Role | None = None,
    is_active: bool | None = None,
) -> UserRow | None:
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
            SET username = coalesce(%(username)s, username), email = coalesce(%(email)s, email),
                -- Another address is not verified yet, and none waits any more.
                email_verified_at = CASE WHEN lower(%(email)s) <> lower(email) THEN NULL ELSE email_verified_at END,
                pending_email = CASE WHEN %(email)s::text IS NULL THEN pending_email END,
                role = coalesce(%(role)s, role), is_active = coalesce(%(is_active)s, is_active),
                -- Later than before for sure, also where a transaction began long ago.
                updated_at = greatest(clock_timestamp(), updated_at + interval '1 microsecond')
            WHERE id = %(user_id)s AND deleted_at IS NULL
            RETURNING {COLUMNS}
            """,
            {"user_id": user_id, "username": username, "email": email, "role": role, "is_active": is_active},
        )
    except UniqueViolation as error:
        raise taken(error) from error


def update_password_hash(conn: Connection, user_id: UUID, *, old: str, new: str) -> bool:
    """Swap the hash, unless it has changed meanwhile."""
    return bool(
        execute(
            conn,
            "UPDATE users SET password_hash = %(new)s WHERE id = %(user_id)s AND password_hash = %(old)s",
            {"user_id": user_id, "old": old, "new": new},
        )
    )


def set_password_hash(conn: Connection, user_id: UUID, password_hash: str) -> bool:
    """Set the hash, whatever it was; `False` when the account is gone."""
    return bool(
        execute(
            conn,
            """
            UPDATE users SET password_hash = %(password_hash)s WHERE id = %(user_id)s AND deleted_at IS NULL
            """,
            {"user_id": user_id, "password_hash": password_hash},
        )
    )


def promote(conn: Connection, username: str) -> UserRow | None:
    """Make the account of that name an active admin, if there is one."""
    return fetch_optional(
        conn,
        UserRow,
        f"""
        UPDATE users SET role = 'admin', is_active = true, updated_at = now(),
            email_verified_at = coalesce(email_verified_at, now())
        WHERE lower(username) = lower(%(username)s) AND deleted_at IS NULL
        RETURNING {COLUMNS}
        """,
        {"username": username},
    )


def mark_deleted(conn: Connection, user_id: UUID) -> bool:
    """Take an account away from every reader; its names are free again."""
    return bool(
        execute(
            conn,
            "UPDATE users SET deleted_at = now() WHERE id = %(user_id)s AND deleted_at IS NULL",
            {"user_id": user_id},
        )
    )


def delete(conn: Connection, user_id: UUID) -> None:
    """Remove the row of a deleted account, and what only knows its address."""
    execute(
        conn,
        """
        WITH gone AS (
            DELETE FROM users WHERE id = %(user_id)s AND deleted_at IS NOT NULL RETURNING email, deleted_at
        )
        DELETE FROM used_password_reset_tokens t USING gone
        WHERE lower(t.email) = lower(gone.email) AND t.used_at <= gone.deleted_at
        """,
        {"user_id": user_id},
    )


def taken(error: UniqueViolation) -> ConflictError | UniqueViolation:
    """What a broken unique index tells, if it is one of the names'."""
    match violated_constraint(error):
        case "users_username_key":
            return ConflictError(Code.USERNAME_TAKEN, "This username is taken.", details=_at("username"))
        case "users_email_key":
            return email_taken()
        case _:
            return error


def email_taken() -> ConflictError:
    """The error for an address that another account has."""
    return ConflictError(Code.EMAIL_TAKEN, "This e-mail address is taken.", details=_at("email"))


def _at(field: str) -> dict[str, str]:
    return {"field": field, "issue": "Already in use"}
