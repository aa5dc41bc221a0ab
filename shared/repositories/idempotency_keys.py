"""Rows of `idempotency_keys`: the answers that a repeated request gets again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from shared import ids
from shared.db import Connection, execute, fetch_one


@dataclass(frozen=True, slots=True)
class KeptRow:
    """What a key stands for; `is_new` for the one who has just brought it."""

    is_new: bool
    body_hmac: str
    answer: dict[str, Any]


def claim(
    conn: Connection, *, caller_id: UUID, path: str, key: str, body_hmac: str, answer: Mapping[str, Any]
) -> KeptRow:
    """Keep an answer under a key, unless the key has been there for less than a day; what it stands for now."""
    # The unique index makes the second of two wait here until the first has committed, or rolled back.
    return fetch_one(
        conn,
        KeptRow,
        """
        INSERT INTO idempotency_keys AS kept (caller_id, path, key, claim_id, body_hmac, answer)
        VALUES (%(caller_id)s, %(path)s, %(key)s, %(claim_id)s, %(body_hmac)s, %(answer)s)
        ON CONFLICT (caller_id, path, key) DO UPDATE
        SET (claim_id, body_hmac, answer, created_at) = (
            SELECT excluded.claim_id, excluded.body_hmac, excluded.answer, excluded.created_at
            WHERE kept.created_at <= now() - interval '24 hours'
            UNION ALL
            SELECT kept.claim_id, kept.body_hmac, kept.answer, kept.created_at
            WHERE kept.created_at > now() - interval '24 hours'
        )
        RETURNING claim_id = %(claim_id)s AS is_new, body_hmac, answer
        """,
        {
            "caller_id": caller_id,
            "path": path,
            "key": key,
            "claim_id": ids.new(),
            "body_hmac": body_hmac,
            "answer": Jsonb(dict(answer)),
        },
    )


def delete_expired(conn: Connection, *, limit: int) -> int:
    """Drop keys whose day is over, at most `limit`; how many."""
    return execute(
        conn,
        """
        DELETE FROM idempotency_keys
        WHERE (caller_id, path, key) IN (
            SELECT caller_id, path, key FROM idempotency_keys
            WHERE created_at <= now() - interval '24 hours' LIMIT %(limit)s
        )
        """,
        {"limit": limit},
    )
