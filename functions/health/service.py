"""Whether what the API needs answers."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Literal, TypeVar

from functions.health.schemas import Check, Checks, DatabaseCheck
from shared import cache
from shared.aws import storage
from shared.db import connection
from shared.errors import ServiceUnavailableError
from shared.observability import logger
from shared.repositories import schema

_DATABASE_SECONDS = 1.0

Result = TypeVar("Result")


def check() -> Checks:
    """Ask each thing once, all at the same time; within two seconds, whatever hangs."""
    with ThreadPoolExecutor(2) as pool:
        stored = pool.submit(_timed, storage.check)
        cached = pool.submit(_cache)
        migration, database_ms = _timed(_migration)
        _, storage_ms = stored.result()
    return Checks(
        database=DatabaseCheck(status=_status(database_ms), latency_ms=database_ms, migration=migration),
        storage=Check(status=_status(storage_ms), latency_ms=storage_ms),
        cache=cached.result(),
    )


def _cache() -> Check:
    server = cache.server()
    if server is None:
        return Check(status="disabled")

    def ping() -> None:
        with cache.reaching():
            server.ping()

    _, latency_ms = _timed(ping)
    return Check(status=_status(latency_ms), latency_ms=latency_ms)


def _migration() -> str | None:
    with connection(within=_DATABASE_SECONDS) as conn:
        return schema.find_revision(conn)


def _timed(ask: Callable[[], Result]) -> tuple[Result | None, float | None]:
    started = time.perf_counter()
    try:
        answer = ask()
    except ServiceUnavailableError:
        logger.warning("health check failed", exc_info=True)
        return None, None
    return answer, round((time.perf_counter() - started) * 1000, 1)


def _status(latency_ms: float | None) -> Literal["ok", "fail"]:
    return "fail" if latency_ms is None else "ok"
