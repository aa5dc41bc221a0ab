"""Rows of `audit_events`: added and read, never changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from psycopg.types.json import Jsonb

from shared import ids
from shared.db import COUNT_LIMIT, Connection, Listing, Params, Position, execute, fetch_all, fetch_page

Outcome = Literal["success", "failure"]

COLUMNS = """id, occurred_at, action, actor_id, actor_role, target_type, target_id, outcome, ip, user_agent,
    request_id, details"""


@dataclass(frozen=True, slots=True)
class AuditEventRow:
    """Who did what to what, when, from where, and whether it worked."""

    id: UUID
    occurred_at: datetime
    action: str
    actor_id: UUID | None
    actor_role: str | None
    target_type: str | None
    target_id: UUID | None
    outcome: Outcome
    ip: str | None
    user_agent: str | None
    request_id: str | None
    details: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SignInRow:
    """A sign-in, or a try of one, as the account's owner sees it."""

    id: UUID
    occurred_at: datetime
    outcome: Outcome
    ip: str | None
    user_agent: str | None


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What a list is narrowed to; `None` takes all. `created_after` is inclusive, `created_before` exclusive."""

    action: str | None = None
    actor_id: UUID | None = None
    target_id: UUID | None = None
    outcome: Outcome | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None


def insert(
    conn: Connection,
    *,
    action: str,
    actor_id: UUID | None,
    actor_role: str | None,
    target_type: str | None,
    target_ids: Sequence[UUID | None],
    outcome: Outcome,
    ip: str | None,
    user_agent: str | None,
    request_id: str | None,
    details: Mapping[str, Any],
) -> None:
    """Add an event for each target; `None` is an event without one."""
    execute(
        conn,
        """
        INSERT INTO audit_events (id, action, actor_id, actor_role, target_type, target_id, outcome, ip, user_agent,
                                  request_id, details)
        SELECT event.id, %(action)s, %(actor_id)s, %(actor_role)s, %(target_type)s, event.target_id, %(outcome)s,
               %(ip)s, %(user_agent)s, %(request_id)s, %(details)s
        FROM unnest(%(ids)s::uuid[], %(target_ids)s::uuid[]) AS event (id, target_id)
        """,
        {
            "ids": [ids.new() for _ in target_ids],
            "action": action,
            "actor_id": actor_id,
            "actor_role": actor_role,
            "target_type": target_type,
            "target_ids": list(target_ids),
            "outcome": outcome,
            "ip": ip,
            "user_agent": user_agent,
            "request_id": request_id,
            "details": Jsonb(dict(details)),
        },
    )


_MATCHES = """
    (%(action)s::text IS NULL OR action = %(action)s)
    AND (%(actor_id)s::uuid IS NULL OR actor_id = %(actor_id)s)
    AND (%(target_id)s::uuid IS NULL OR target_id = %(target_id)s)
    AND (%(outcome)s::text IS NULL OR outcome = %(outcome)s)
    AND (%(created_after)s::timestamptz IS NULL OR occurred_at >= %(created_after)s)
    AND (%(created_before)s::timestamptz IS NULL OR occurred_at < %(created_before)s)
"""


_PART = f"""
    SELECT {COLUMNS} FROM audit_events
    WHERE {_MATCHES} AND (%(at)s::timestamptz IS NULL OR (occurred_at, id) < (%(at)s, %(event_id)s::uuid))
    ORDER BY occurred_at DESC, id DESC
    LIMIT %(limit)s
"""


def list_page(conn: Connection, filters: AuditFilter, *, limit: int, after: Position | None) -> Listing[AuditEventRow]:
    """Events that match, newest first, after the position given."""
    return fetch_page(
        conn,
        AuditEventRow,
        f"""
        SELECT counted.total, page.*
        FROM (
            SELECT count(*) AS total
            FROM (SELECT FROM audit_events WHERE {_MATCHES} LIMIT {COUNT_LIMIT}) AS bounded
        ) AS counted
        LEFT JOIN ({_PART}) AS page ON true
        ORDER BY page.occurred_at DESC, page.id DESC
        """,
        _params(filters, after),
        limit=limit,
    )


def list_rows(conn: Connection, filters: AuditFilter, *, limit: int, after: Position | None) -> list[AuditEventRow]:
    """Up to `limit` of the events that match, newest first, after the position given."""
    return fetch_all(conn, AuditEventRow, _PART, {**_params(filters, after), "limit": limit})


def _params(filters: AuditFilter, after: Position | None) -> Params:
    occurred_at, event_id = after or (None, None)
    return {
        "action": filters.action,
        "actor_id": filters.actor_id,
        "target_id": filters.target_id,
        "outcome": filters.outcome,
        "created_after": filters.created_after,
        "created_before": filters.created_before,
        "at": occurred_at,
        "event_id": event_id,
    }


_SIGN_INS = "target_id = %(user_id)s AND action IN ('authn_login_success', 'authn_login_fail')"


def list_sign_ins(conn: Connection, user_id: UUID, *, limit: int, after: Position | None) -> Listing[SignInRow]:
    """An account's sign-ins, also those that failed, newest first, after the position given."""
    occurred_at, event_id = after or (None, None)
    return fetch_page(
        conn,
        SignInRow,
        f"""
        SELECT counted.total, page.*
        FROM (
            SELECT count(*) AS total
            FROM (SELECT FROM audit_events WHERE {_SIGN_INS} LIMIT {COUNT_LIMIT}) AS bounded
        ) AS counted
        LEFT JOIN (
            SELECT id, occurred_at, outcome, ip, user_agent FROM audit_events
            WHERE {_SIGN_INS}
              AND (%(at)s::timestamptz IS NULL OR (occurred_at, id) < (%(at)s, %(event_id)s::uuid))
            ORDER BY occurred_at DESC, id DESC
            LIMIT %(limit)s
        ) AS page ON true
        ORDER BY page.occurred_at DESC, page.id DESC
        """,
        {"user_id": user_id, "at": occurred_at, "event_id": event_id},
        limit=limit,
    )
