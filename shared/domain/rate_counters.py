"""Where tries are counted: in PostgreSQL, or in the Valkey or Redis that `REDIS_URL` names."""

from collections.abc import Sequence
from typing import Any

from shared import cache
from shared.db import connection
from shared.repositories import rate_limits
from shared.repositories.rate_limits import Window

_PREFIX = "rate:"
# One key a script: a cluster keeps the keys of one window here and those of another there.
_TAKE = """
local count = tonumber(redis.call('GET', KEYS[1]) or '0')
if count >= tonumber(ARGV[1]) then return 0 end
redis.call('INCR', KEYS[1])
if count == 0 then redis.call('EXPIRE', KEYS[1], ARGV[2]) end
return 1
"""
_GIVE_BACK = """
if tonumber(redis.call('GET', KEYS[1]) or '0') > 0 then redis.call('DECR', KEYS[1]) end
"""


def take(windows: Sequence[Window]) -> set[str]:
    """Count one more in each window that is not full; the keys of those.

    Raises:
        ServiceUnavailableError: nothing can be counted, so nobody is let through.
    """
    server = cache.server()
    if server is None:
        with connection() as conn:
            return rate_limits.take(conn, windows)
    with cache.reaching():
        return {
            window.key
            for window in windows
            if server.eval(_TAKE, 1, _PREFIX + window.key, window.count, window.seconds) == 1
        }


def give_back(keys: Sequence[str]) -> None:
    """Take one count off each key."""
    server = cache.server()
    if server is None:
        with connection() as conn:
            rate_limits.give_back(conn, keys)
        return
    with cache.reaching():
        for key in keys:
            server.eval(_GIVE_BACK, 1, _PREFIX + key)


def remaining(keys: Sequence[str]) -> dict[str, int]:
    """How many seconds, at least one, the windows of the keys still last."""
    server = cache.server()
    if server is None:
        with connection() as conn:
            return rate_limits.remaining(conn, keys)
    with cache.reaching():
        return {key: _seconds(server, _PREFIX + key) for key in keys}


def _seconds(server: Any, key: str) -> int:
    return max(1, int(server.ttl(key)))
