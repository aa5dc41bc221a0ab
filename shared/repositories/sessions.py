"""Rows of `sessions`, and with them of `blacklisted_tokens`: what keeps a token alive."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from shared import ids
from shared.db import Connection, execute, fetch_one, fetch_optional, fetch_value
from shared.repositories.users import Role, UserRow

COLUMNS = "id, user_id, jti, previous_jti, refreshed_at, expires_at, revoked_at, created_at"


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A login that goes on. Its tokens are derived from `id`, `jti` and `refreshed_at`, never stored."""

    id: UUID
    user_id: UUID
    jti: UUID
    previous_jti: UUID | None
    refreshed_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class OwnedSessionRow(SessionRow):
    """A session with what its next tokens need to know of the user."""

    username: str
    role: Role
    is_active: bool


def insert(
    conn: Connection, *, user_id: UUID, now: datetime, expires_at: datetime, user_agent: str | None, ip: str | None
) -> SessionRow:
    """Begin a session."""
    return fetch_one(
        conn,
        SessionRow,
        f"""
        INSERT INTO sessions (id, user_id, jti, refreshed_at, expires_at, user_agent, ip, created_at)
        VALUES (%(id)s, %(user_id)s, %(jti)s, %(now)s, %(expires_at)s, %(user_agent)s, %(ip)s, %(now)s)
        RETURNING {COLUMNS}
        """,
        {
            "id": ids.new(),
            "user_id": user_id,
            "jti": ids.new(),
            "now": now,
            "expires_at": expires_at,
            "user_agent": user_agent,
            "ip": ip,
        },
    )


def find_caller(conn: Connection, *, session_id: UUID, user_id: UUID, jti: UUID) -> UserRow | None:
    """The user whose live session this access token belongs to; `None` once it ended or the token was logged out."""
    return fetch_optional(
        conn,
        UserRow,
        """
        SELECT u.id, u.username, u.email, u.role, u.is_active, u.created_at, u.updated_at
        FROM sessions s JOIN users u ON u.id = s.user_id
        WHERE s.id = %(session_id)s AND u.id = %(user_id)s AND s.revoked_at IS NULL AND s.expires_at > now()
          AND NOT EXISTS (SELECT 1 FROM blacklisted_tokens b WHERE b.jti = %(jti)s)
        """,
        {"session_id": session_id, "user_id": user_id, "jti": jti},
    )


def lock(conn: Connection, session_id: UUID, user_id: UUID) -> OwnedSessionRow | None:
    """The session, locked until the transaction ends, so that parallel refreshes come one after another."""
    return fetch_optional(
        conn,
        OwnedSessionRow,
        """
        SELECT s.id, s.user_id, s.jti, s.previous_jti, s.refreshed_at, s.expires_at, s.revoked_at, s.created_at,
               u.username, u.role, u.is_active
        FROM sessions s JOIN users u ON u.id = s.user_id
        WHERE s.id = %(session_id)s AND s.user_id = %(user_id)s
        FOR UPDATE OF s
        """,
        {"session_id": session_id, "user_id": user_id},
    )


def rotate(conn: Connection, session: OwnedSessionRow, *, now: datetime, expires_at: datetime) -> OwnedSessionRow:
    """Give a locked session a new token id, and remember the old one."""
    rotated = replace(session, previous_jti=session.jti, jti=ids.new(), refreshed_at=now, expires_at=expires_at)
    execute(
        conn,
        """
        UPDATE sessions
        SET previous_jti = %(previous_jti)s, jti = %(jti)s, refreshed_at = %(now)s, expires_at = %(expires_at)s
        WHERE id = %(session_id)s
        """,
        {
            "session_id": session.id,
            "previous_jti": rotated.previous_jti,
            "jti": rotated.jti,
            "now": now,
            "expires_at": expires_at,
        },
    )
    return rotated


def revoke(conn: Connection, session_id: UUID) -> bool:
    """End a session, if it has not ended; its sockets are closed by the outbox."""
    return bool(
        execute(
            conn,
            """
            WITH ended AS (
                UPDATE sessions SET revoked_at = now() WHERE id = %(session_id)s AND revoked_at IS NULL
                RETURNING user_id
            )
            INSERT INTO outbox (id, kind, payload)
            SELECT %(work_id)s, 'end_sockets', jsonb_build_object('user_id', user_id) FROM ended
            """,
            {"session_id": session_id, "work_id": ids.new()},
        )
    )


def revoke_all(conn: Connection, user_id: UUID) -> int:
    """End all sessions of a user, and by the outbox their sockets; how many ended."""
    return fetch_value(
        conn,
        """
        WITH ended AS (
            UPDATE sessions SET revoked_at = now() WHERE user_id = %(user_id)s AND revoked_at IS NULL RETURNING id
        ), work AS (
            INSERT INTO outbox (id, kind, payload)
            SELECT %(work_id)s, 'end_sockets', jsonb_build_object('user_id', %(user_id)s::uuid)
            WHERE EXISTS (SELECT FROM ended)
        )
        SELECT count(*) FROM ended
        """,
        {"user_id": user_id, "work_id": ids.new()},
    )


def blacklist(conn: Connection, jti: UUID, *, expires_at: datetime) -> None:
    """Remember a logged-out access token until it would have expired by itself."""
    execute(
        conn,
        """
        INSERT INTO blacklisted_tokens (id, jti, expires_at) VALUES (%(id)s, %(jti)s, %(expires_at)s)
        ON CONFLICT (jti) DO NOTHING
        """,
        {"id": ids.new(), "jti": jti, "expires_at": expires_at},
    )


def delete_expired(conn: Connection, *, limit: int) -> int:
    """Drop sessions and blacklisted tokens whose time is over, at most `limit` of each."""
    return execute(
        conn,
        """
        WITH gone AS (
            DELETE FROM blacklisted_tokens
            WHERE id IN (SELECT id FROM blacklisted_tokens WHERE expires_at < now() LIMIT %(limit)s)
        )
        DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at < now() LIMIT %(limit)s)
        """,
        {"limit": limit},
    )
