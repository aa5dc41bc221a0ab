"""Rows of `sessions`, and with them of `blacklisted_tokens`: what keeps a token alive."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from psycopg.types.json import Jsonb

from shared import ids
from shared.db import (
    COUNT_LIMIT,
    Connection,
    Listing,
    Position,
    execute,
    fetch_one,
    fetch_optional,
    fetch_page,
    fetch_value,
)
from shared.observability import correlation
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


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """Where a session was begun and when its tokens were last renewed, as its owner sees it."""

    id: UUID
    created_at: datetime
    refreshed_at: datetime
    user_agent: str | None
    ip: str | None


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
          AND u.deleted_at IS NULL
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
        WHERE s.id = %(session_id)s AND s.user_id = %(user_id)s AND u.deleted_at IS NULL
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
            SELECT %(work_id)s, 'end_sockets', %(about)s || jsonb_build_object('user_id', user_id) FROM ended
            """,
            {"session_id": session_id, "work_id": ids.new(), "about": Jsonb(correlation())},
        )
    )


def revoke_owned(conn: Connection, session_id: UUID, *, user_id: UUID) -> bool:
    """End a session of that user, and by the outbox its sockets; `False` when there is none that goes on."""
    return bool(
        execute(
            conn,
            """
            WITH ended AS (
                UPDATE sessions SET revoked_at = now()
                WHERE id = %(session_id)s AND user_id = %(user_id)s AND revoked_at IS NULL AND expires_at > now()
                RETURNING user_id
            )
            INSERT INTO outbox (id, kind, payload)
            SELECT %(work_id)s, 'end_sockets', %(about)s || jsonb_build_object('user_id', user_id) FROM ended
            """,
            {"session_id": session_id, "user_id": user_id, "work_id": ids.new(), "about": Jsonb(correlation())},
        )
    )


def revoke_all(conn: Connection, user_id: UUID, *, but: UUID | None = None) -> int:
    """End all sessions of a user, or all but one, and by the outbox their sockets; how many ended."""
    return fetch_value(
        conn,
        """
        WITH ended AS (
            UPDATE sessions SET revoked_at = now()
            WHERE user_id = %(user_id)s AND revoked_at IS NULL AND (%(but)s::uuid IS NULL OR id <> %(but)s)
            RETURNING id
        ), work AS (
            INSERT INTO outbox (id, kind, payload)
            SELECT %(work_id)s, 'end_sockets', %(about)s || jsonb_build_object('user_id', %(user_id)s::uuid)
            WHERE EXISTS (SELECT FROM ended)
        )
        SELECT count(*) FROM ended
        """,
        {"user_id": user_id, "but": but, "work_id": ids.new(), "about": Jsonb(correlation())},
    )


def list_page(conn: Connection, *, user_id: UUID, limit: int, after: Position | None) -> Listing[PlaceRow]:
    """A user's live sessions, newest first, after the position given."""
    created_at, session_id = after or (None, None)
    return fetch_page(
        conn,
        PlaceRow,
        f"""
        SELECT counted.total, page.*
        FROM (
            SELECT count(*) AS total
            FROM (
                SELECT FROM sessions
                WHERE user_id = %(user_id)s AND revoked_at IS NULL AND expires_at > now() LIMIT {COUNT_LIMIT}
            ) AS bounded
        ) AS counted
        LEFT JOIN (
            SELECT id, created_at, refreshed_at, user_agent, ip FROM sessions
            WHERE user_id = %(user_id)s AND revoked_at IS NULL AND expires_at > now()
              AND (%(created_at)s::timestamptz IS NULL
                   OR (created_at, id) < (%(created_at)s::timestamptz, %(session_id)s::uuid))
            ORDER BY created_at DESC, id DESC
            LIMIT %(limit)s
        ) AS page ON true
        ORDER BY page.created_at DESC, page.id DESC
        """,
        {"user_id": user_id, "created_at": created_at, "session_id": session_id},
        limit=limit,
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
