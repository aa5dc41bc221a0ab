"""Rows of `rate_limits`: how often something was tried in its present window."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.db import Connection, execute, fetch_all


@dataclass(frozen=True, slots=True)
class Window:
    """What is counted under `key`: at most `count` in `seconds`."""

    key: str
    count: int
    seconds: int


@dataclass(frozen=True, slots=True)
class TakenRow:
    """A key under which one more was counted."""

    key: str


@dataclass(frozen=True, slots=True)
class RemainingRow:
    """How long a key's window still lasts."""

    key: str
    seconds: int


def take(conn: Connection, windows: Sequence[Window]) -> set[str]:
    """Count one more in each window that is not full; the keys of those. Windows begin with their first count."""
    rows = fetch_all(
        conn,
        TakenRow,
        """
        INSERT INTO rate_limits AS kept (key, count, quota, expires_at)
        SELECT key, 1, quota, now() + make_interval(secs => seconds)
        FROM unnest(%(keys)s::text[], %(quotas)s::integer[], %(seconds)s::integer[]) AS asked (key, quota, seconds)
        ON CONFLICT (key) DO UPDATE
        SET count = CASE WHEN kept.expires_at <= now() THEN 1 ELSE kept.count + 1 END,
            quota = excluded.quota,
            expires_at = CASE WHEN kept.expires_at <= now() THEN excluded.expires_at ELSE kept.expires_at END
        WHERE kept.expires_at <= now() OR kept.count < excluded.quota
        RETURNING key
        """,
        {
            "keys": [window.key for window in windows],
            "quotas": [window.count for window in windows],
            "seconds": [window.seconds for window in windows],
        },
    )
    return {row.key for row in rows}


def give_back(conn: Connection, keys: Sequence[str]) -> None:
    """Take one count off each key."""
    execute(
        conn,
        "UPDATE rate_limits SET count = count - 1 WHERE key = ANY(%(keys)s) AND count > 0 AND expires_at > now()",
        {"keys": list(keys)},
    )


def remaining(conn: Connection, keys: Sequence[str]) -> dict[str, int]:
    """How many seconds, at least one, the windows of the keys still last."""
    rows = fetch_all(
        conn,
        RemainingRow,
        """
        SELECT key, greatest(1, ceil(extract(epoch FROM expires_at - now())))::integer AS seconds
        FROM rate_limits WHERE key = ANY(%(keys)s)
        """,
        {"keys": list(keys)},
    )
    return {row.key: row.seconds for row in rows}


def delete_expired(conn: Connection, *, limit: int) -> int:
    """Drop windows that are over, at most `limit`; how many."""
    return execute(
        conn,
        """
        DELETE FROM rate_limits
        WHERE key IN (SELECT key FROM rate_limits WHERE expires_at <= now() LIMIT %(limit)s)
        """,
        {"limit": limit},
    )
