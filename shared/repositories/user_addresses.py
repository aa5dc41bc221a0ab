"""Rows of `users`, as far as their addresses are to be verified."""

from dataclasses import dataclass
from uuid import UUID

from psycopg.errors import UniqueViolation

from shared.db import Connection, execute, fetch_optional
from shared.repositories.users import taken


@dataclass(frozen=True, slots=True)
class UnverifiedRow:
    """An account with the address that is to be verified, as it was given."""

    id: UUID
    username: str
    address: str


def set_pending_email(conn: Connection, user_id: UUID, email: str) -> None:
    """Remember an address that takes effect once it is verified."""
    execute(
        conn,
        "UPDATE users SET pending_email = %(email)s WHERE id = %(user_id)s",
        {"user_id": user_id, "email": email},
    )


def find_unverified(conn: Connection, email: str, user_id: UUID | None) -> UnverifiedRow | None:
    """The active account (of that id, if one is given) whose address that is, or is to be, and not verified."""
    return fetch_optional(
        conn,
        UnverifiedRow,
        """
        SELECT id, username, CASE WHEN lower(email) = lower(%(email)s) THEN email ELSE pending_email END AS address
        FROM users
        WHERE ((lower(email) = lower(%(email)s) AND email_verified_at IS NULL) OR lower(pending_email) = lower(%(email)s))
          AND (%(user_id)s::uuid IS NULL OR id = %(user_id)s) AND is_active AND deleted_at IS NULL
        ORDER BY updated_at DESC
        LIMIT 1
        """,
        {"email": email, "user_id": user_id},
    )


def verify_email(conn: Connection, user_id: UUID, email: str) -> bool:
    """Note that the address is the account's owner's, and make it the account's where it was waiting.

    Raises:
        ConflictError: `EMAIL_TAKEN`, by somebody else while it waited.
    """
    try:
        return bool(
            execute(
                conn,
                """
                UPDATE users
                SET email = CASE WHEN lower(email) = lower(%(email)s) THEN email ELSE pending_email END,
                    pending_email = CASE WHEN lower(email) = lower(%(email)s) THEN pending_email END,
                    updated_at = CASE
                        WHEN lower(email) = lower(%(email)s) THEN updated_at
                        ELSE greatest(clock_timestamp(), updated_at + interval '1 microsecond')
                    END,
                    email_verified_at = now()
                WHERE id = %(user_id)s AND deleted_at IS NULL
                  AND lower(%(email)s) IN (lower(email), lower(pending_email))
                """,
                {"user_id": user_id, "email": email},
            )
        )
    except UniqueViolation as error:
        raise taken(error) from error
