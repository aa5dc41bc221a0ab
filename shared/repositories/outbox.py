"""Rows of `outbox`: work that follows a commit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from psycopg.types.json import Jsonb

from shared import ids
from shared.db import Connection, execute, fetch_all
from shared.observability import correlation

Kind = Literal[
    "delete_object",
    "send_notice",
    "send_broadcast",
    "send_batch",
    "greet_socket",
    "end_sockets",
    "delete_account",
    "mail",
    "make_archive",
]


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One piece of work; `attempts` counts this one too."""

    id: UUID
    kind: Kind
    payload: dict[str, Any]
    attempts: int


def insert(conn: Connection, kind: Kind, payload: Mapping[str, Any]) -> None:
    """Add work, in the transaction that causes it."""
    execute(
        conn,
        "INSERT INTO outbox (id, kind, payload) VALUES (%(id)s, %(kind)s, %(payload)s)",
        {"id": ids.new(), "kind": kind, "payload": _correlated(payload)},
    )


def insert_all(conn: Connection, kind: Kind, payloads: Sequence[Mapping[str, Any]]) -> None:
    """Add several pieces of work of one kind."""
    execute(
        conn,
        """
        INSERT INTO outbox (id, kind, payload)
        SELECT work.id, %(kind)s, work.payload FROM unnest(%(ids)s::uuid[], %(payloads)s::jsonb[]) AS work (id, payload)
        """,
        {
            "kind": kind,
            "ids": [ids.new() for _ in payloads],
            "payloads": [_correlated(payload) for payload in payloads],
        },
    )


def _correlated(payload: Mapping[str, Any]) -> Jsonb:
    return Jsonb({**correlation(), **payload})


def take(conn: Connection, *, limit: int) -> list[OutboxRow]:
    """Take due work. It comes back after a wait that doubles from 30 s to an hour, unless it is deleted first."""
    # The wait is lease and backoff in one: work is done outside a transaction, and a worker may die over it.
    return fetch_all(
        conn,
        OutboxRow,
        """
        UPDATE outbox
        SET attempts = attempts + 1,
            next_at = now() + least(interval '1 hour', interval '30 seconds' * power(2, least(attempts, 10)))
        WHERE id IN (
            SELECT id FROM outbox WHERE next_at <= now() ORDER BY next_at LIMIT %(limit)s FOR UPDATE SKIP LOCKED
        )
        RETURNING id, kind, payload, attempts
        """,
        {"limit": limit},
    )


def delete(conn: Connection, outbox_id: UUID) -> None:
    """Work is done."""
    execute(conn, "DELETE FROM outbox WHERE id = %(id)s", {"id": outbox_id})
