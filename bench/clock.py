"""What a clock tells, in one warm environment: to somebody who guesses names, and to an admin of many accounts."""

import statistics
import time
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg

from bench import world
from bench.budgets import Verdict
from bench.environment import Environment, Place
from bench.world import World

_LOGIN_TRIES = 30
_PAGE_TRIES = 400
_FEW, _MANY = 1_000, 100_000
_SEED = """
    INSERT INTO users (id, username, email, password_hash, created_at)
    SELECT gen_random_uuid(), 'user' || n, 'user' || n || '@example.org', '!',
           timestamptz '2026-01-01' + n * interval '1 second'
    FROM generate_series(%s::int, %s::int) AS n
"""


async def verdicts(made: World) -> list[Verdict]:
    """Whether the time of a failed login tells who has an account, and what a first page costs among many."""
    known, unknown = await _login_seconds(made)
    few, many = await _page_seconds(made)
    return [
        Verdict("failed login: unknown user's time beside a known one's", 5, 2, abs(unknown / known - 1) * 100, " %"),
        Verdict(f"first page: {_MANY:,} accounts ÷ {_FEW:,}", 1.5, 1.1, many / few),
    ]


async def _login_seconds(made: World) -> tuple[float, float]:
    place = Place(made.place.root, {**made.place.variables, "RATE_LIMIT_LOGIN_ACCOUNT": "off"})
    events = [world.login(username, "not the password") for username in (world.USERNAME, "nobody")]
    known, unknown = await _seconds("functions.auth.handler.handler", place, events, tries=_LOGIN_TRIES, status=401)
    return statistics.median(known), statistics.median(unknown)


async def _page_seconds(made: World) -> tuple[float, float]:
    with psycopg.connect(made.place.variables["REVIEWPOINT_DB_URL"], autocommit=True) as conn:
        conn.execute("UPDATE users SET role = 'admin' WHERE username = %s", [world.USERNAME])
        found: list[float] = []
        for first, last in ((1, _FEW), (_FEW + 1, _MANY)):
            conn.execute(_SEED, [first, last])
            conn.execute("VACUUM ANALYZE users")
            events = [world.http("GET", "/api/v1/users", token=made.token)]
            (seconds,) = await _seconds(
                "functions.users.handler.handler", made.place, events, tries=_PAGE_TRIES, status=200
            )
            # Not in turns, so that whatever else this machine does meets one of them: it only ever adds.
            found.append(min(seconds))
    return found[0], found[1]


async def _seconds(
    handler: str, place: Place, events: Sequence[Mapping[str, Any]], *, tries: int, status: int
) -> list[list[float]]:
    """What each event took at each try, asked in turns, so that whatever else this machine does meets all alike."""
    environment = Environment(handler, place)
    seconds: list[list[float]] = [[] for _ in events]
    try:
        await environment.start()
        for attempt in range(-5, tries):
            for event, gathered in zip(events, seconds, strict=True):
                before = time.perf_counter()
                answer = await environment.invoke(event)
                if answer["statusCode"] != status:
                    raise ValueError(f"{handler} answered {answer}")
                if attempt >= 0:
                    gathered.append(time.perf_counter() - before)
    finally:
        await environment.close()
    return seconds
