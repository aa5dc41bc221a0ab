"""Rows of `websocket_connections`: the open sockets, each bound to the session that opened it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import LiteralString
from uuid import UUID

from psycopg.types.json import Jsonb

from shared import ids
from shared.db import Connection, execute, fetch_one, fetch_optional, fetch_value, fetch_values
from shared.observability import correlation

_IS_LIVE: LiteralString = """
    NOT ended AND EXISTS (
        SELECT FROM sessions s JOIN users u ON u.id = s.user_id
        WHERE s.id = c.session_id AND s.revoked_at IS NULL AND s.expires_at > now() AND u.is_active
    )
"""


@dataclass(frozen=True, slots=True)
class SenderRow:
    """Whose message came, and how many came from that socket in the present window."""

    user_id: UUID
    messages: int


@dataclass(frozen=True, slots=True)
class CountsRow:
    """How many sockets are open, and how many users have one."""

    connections: int
    users: int


def lock_owner(conn: Connection, *, session_id: UUID, user_id: UUID, jti: UUID) -> bool | None:
    """Whether the user is active whose live session this access token belongs to; `None` once it ended.

    Until the transaction ends, the user's other sockets wait to open.
    """
    return fetch_value(
        conn,
        """
        SELECT u.is_active
        FROM users u JOIN sessions s ON s.user_id = u.id
        WHERE u.id = %(user_id)s AND s.id = %(session_id)s AND s.revoked_at IS NULL AND s.expires_at > now()
          AND NOT EXISTS (SELECT FROM blacklisted_tokens b WHERE b.jti = %(jti)s)
        FOR NO KEY UPDATE OF u
        """,
        {"session_id": session_id, "user_id": user_id, "jti": jti},
    )


def insert(conn: Connection, connection_id: str, *, user_id: UUID, session_id: UUID, most: int) -> None:
    """Add a connection, to be greeted; the user's oldest ones, where there would be more than `most`, end."""
    # The owner is locked, so nobody adds another meanwhile.
    execute(
        conn,
        """
        WITH added AS (
            INSERT INTO websocket_connections (id, user_id, session_id, connected_at)
            VALUES (%(id)s, %(user_id)s, %(session_id)s, clock_timestamp())
        ), ended AS (
            UPDATE websocket_connections SET ended = true
            WHERE id IN (
                SELECT id FROM websocket_connections WHERE user_id = %(user_id)s AND NOT ended
                ORDER BY connected_at DESC, id DESC
                OFFSET %(others)s
            )
            RETURNING id
        )
        INSERT INTO outbox (id, kind, payload)
        SELECT %(greeting_id)s::uuid, 'greet_socket', %(about)s || jsonb_build_object('connection_id', %(id)s::text)
        UNION ALL
        SELECT %(ending_id)s, 'end_sockets', %(about)s || jsonb_build_object('user_id', %(user_id)s::uuid)
        WHERE EXISTS (SELECT FROM ended)
        """,
        {
            "id": connection_id,
            "user_id": user_id,
            "session_id": session_id,
            "others": most - 1,
            "greeting_id": ids.new(),
            "ending_id": ids.new(),
            "about": Jsonb(correlation()),
        },
    )


def find_liveness(conn: Connection, connection_id: str) -> bool | None:
    """Whether the connection and its session live on; `None` if it is not known."""
    return fetch_value(
        conn,
        f"SELECT {_IS_LIVE} FROM websocket_connections c WHERE id = %(id)s",
        {"id": connection_id},
    )


def count_message(conn: Connection, connection_id: str, *, window: timedelta) -> SenderRow | None:
    """Count a message that came; `None` if the connection is not known, or its session has ended."""
    return fetch_optional(
        conn,
        SenderRow,
        f"""
        UPDATE websocket_connections c
        SET messages = CASE WHEN counted_from > now() - %(window)s THEN messages + 1 ELSE 1 END,
            counted_from = CASE WHEN counted_from > now() - %(window)s THEN counted_from ELSE now() END
        WHERE id = %(id)s AND {_IS_LIVE}
        RETURNING user_id, messages
        """,
        {"id": connection_id, "window": window},
    )


def subscribe(conn: Connection, connection_id: str, events: Collection[str]) -> None:
    """Have the connection told of these too."""
    execute(
        conn,
        """
        UPDATE websocket_connections
        SET events = ARRAY(SELECT DISTINCT event FROM unnest(events || %(events)s::text[]) AS event)
        WHERE id = %(id)s
        """,
        {"id": connection_id, "events": list(events)},
    )


def unsubscribe(conn: Connection, connection_id: str, events: Collection[str]) -> None:
    """Have the connection told of these no more."""
    execute(
        conn,
        """
        UPDATE websocket_connections
        SET events = ARRAY(SELECT event FROM unnest(events) AS event WHERE event <> ALL(%(events)s::text[]))
        WHERE id = %(id)s
        """,
        {"id": connection_id, "events": list(events)},
    )


def list_listening(conn: Connection, event: str, *, user_id: UUID | None, after: str, limit: int) -> list[str]:
    """Live connections of a user (`None`: of all) that subscribed to the event, by id, after `after`."""
    return fetch_values(
        conn,
        f"""
        SELECT id FROM websocket_connections c
        WHERE (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s) AND id > %(after)s AND %(event)s = ANY(events)
          AND {_IS_LIVE}
        ORDER BY id
        LIMIT %(limit)s
        """,
        {"event": event, "user_id": user_id, "after": after, "limit": limit},
    )


def list_ended(conn: Connection, *, user_id: UUID | None) -> list[str]:
    """Connections of a user (`None`: of all) that ended, or whose session did, and are still to be closed."""
    return fetch_values(
        conn,
        f"""
        SELECT id FROM websocket_connections c
        WHERE (%(user_id)s::uuid IS NULL OR user_id = %(user_id)s) AND NOT ({_IS_LIVE})
        ORDER BY connected_at
        LIMIT 100
        """,
        {"user_id": user_id},
    )


def delete(conn: Connection, connection_ids: Collection[str], *, older_than: timedelta = timedelta()) -> int:
    """Forget connections that opened longer ago than given; how many."""
    return execute(
        conn,
        """
        DELETE FROM websocket_connections
        WHERE id = ANY(%(ids)s::text[]) AND connected_at <= clock_timestamp() - %(older_than)s
        """,
        {"ids": list(connection_ids), "older_than": older_than},
    )


def delete_older(conn: Connection, age: timedelta, *, limit: int) -> int:
    """Forget connections that opened longer ago, at most `limit`; how many."""
    return execute(
        conn,
        """
        DELETE FROM websocket_connections
        WHERE id IN (SELECT id FROM websocket_connections WHERE connected_at < now() - %(age)s LIMIT %(limit)s)
        """,
        {"age": age, "limit": limit},
    )


def count(conn: Connection) -> CountsRow:
    """How many there are."""
    return fetch_one(
        conn,
        CountsRow,
        "SELECT count(*) AS connections, count(DISTINCT user_id) AS users FROM websocket_connections",
        {},
    )
