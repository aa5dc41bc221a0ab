"""Rows of `one_time_tokens`, and with them of `used_password_reset_tokens`: secrets that were mailed, as hashes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from shared import ids
from shared.db import Connection, execute, fetch_optional

Kind = Literal["password_reset", "email_verification"]


@dataclass(frozen=True, slots=True)
class OwnedTokenRow:
    """A token with what its use needs to know of the account."""

    id: UUID
    user_id: UUID
    expires_at: datetime
    used_at: datetime | None
    username: str
    email: str
    sent_to: str | None


def replace(
    conn: Connection,
    *,
    token_id: UUID,
    kind: Kind,
    user_id: UUID,
    sent_to: str,
    token_hash: str,
    expires_at: datetime,
) -> None:
    """Keep a token's hash; that of the same id, whose mail did not go out, is no good any more."""
    execute(
        conn,
        """
        INSERT INTO one_time_tokens (id, kind, user_id, email, token_hash, expires_at)
        VALUES (%(id)s, %(kind)s, %(user_id)s, %(sent_to)s, %(token_hash)s, %(expires_at)s)
        ON CONFLICT (id) DO UPDATE SET token_hash = excluded.token_hash, expires_at = excluded.expires_at
        """,
        {
            "id": token_id,
            "kind": kind,
            "user_id": user_id,
            "sent_to": sent_to,
            "token_hash": token_hash,
            "expires_at": expires_at,
        },
    )


def find(conn: Connection, kind: Kind, token_hash: str) -> OwnedTokenRow | None:
    """The token of that hash, used or not, unless its account is gone."""
    return fetch_optional(
        conn,
        OwnedTokenRow,
        """
        SELECT t.id, t.user_id, t.expires_at, t.used_at, u.username, u.email, t.email AS sent_to
        FROM one_time_tokens t JOIN users u ON u.id = t.user_id
        WHERE t.token_hash = %(token_hash)s AND t.kind = %(kind)s AND u.deleted_at IS NULL
        """,
        {"kind": kind, "token_hash": token_hash},
    )


def use(conn: Connection, token_id: UUID) -> bool:
    """Spend a token; `False` when it was spent, or has ended, meanwhile."""
    return bool(
        execute(
            conn,
            """
            UPDATE one_time_tokens SET used_at = now()
            WHERE id = %(id)s AND used_at IS NULL AND expires_at > now()
            """,
            {"id": token_id},
        )
    )


def record_reset(conn: Connection, *, email: str, token_hash: str) -> None:
    """Note that a password was set anew by that token."""
    execute(
        conn,
        "INSERT INTO used_password_reset_tokens (id, email, nonce) VALUES (%(id)s, %(email)s, %(nonce)s)",
        {"id": ids.new(), "email": email, "nonce": token_hash},
    )


def delete_unused(conn: Connection, user_id: UUID, *, kind: Kind | None = None) -> None:
    """Make the user's links (of a kind) that nobody has used yet no good."""
    execute(
        conn,
        """
        DELETE FROM one_time_tokens
        WHERE user_id = %(user_id)s AND used_at IS NULL AND (%(kind)s::text IS NULL OR kind = %(kind)s)
        """,
        {"user_id": user_id, "kind": kind},
    )


def delete_expired(conn: Connection, *, limit: int) -> int:
    """Drop tokens that ended a week ago, at most `limit`; until then their users are told what is wrong with them."""
    return execute(
        conn,
        """
        DELETE FROM one_time_tokens
        WHERE id IN (
            SELECT id FROM one_time_tokens WHERE expires_at < now() - interval '7 days' LIMIT %(limit)s
        )
        """,
        {"limit": limit},
    )
