"""The Valkey or Redis that all functions may share, and `cached`, which keeps what may be a little old.

Nothing here judges who may do what, and a cache that is down is a miss.
"""

import hashlib
import json
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import cache, wraps
from typing import Any, ParamSpec, TypeVar, cast

from shared import settings
from shared.errors import ServiceUnavailableError
from shared.observability import logger

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

# Of each of two tries: together well within the two seconds that health may take.
_TIMEOUT_SECONDS = 0.5
_MOST_IN_MEMORY = 256

_memory: dict[str, tuple[float, str]] = {}


@cache
def server() -> Any | None:
    """A client of the shared cache, where `REDIS_URL` names one."""
    url = settings.cache_server().redis_url
    if url is None:
        return None
    # Late, for most installations have none.
    import redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return redis.Redis.from_url(
        url.get_secret_value(),
        decode_responses=True,
        socket_timeout=_TIMEOUT_SECONDS,
        socket_connect_timeout=_TIMEOUT_SECONDS,
        # Once more at once, for a connection that was cut; a request has no time to wait for more.
        retry=Retry(NoBackoff(), 1),
    )


@contextmanager
def reaching() -> Generator[None]:
    """Turn any failure of the shared cache inside into one error.

    Raises:
        ServiceUnavailableError: it was not reachable, or too slow.
    """
    import redis

    try:
        yield
    except redis.RedisError as error:
        raise ServiceUnavailableError("cache") from error


def cached(
    *, ttl: int | None = None, key_prefix: str
) -> Callable[[Callable[Arguments, Result]], Callable[Arguments, Result]]:
    """Keep a function's results, which JSON can carry, by its arguments, for `ttl` seconds (`CACHE_TTL`).

    They are kept in the shared cache, where there is one, else in this environment's memory. `forget(key_prefix)`
    makes them all new; without a shared cache it does so in this environment only, so a short `ttl` bounds the rest.
    """

    def decorate(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
        @wraps(function)
        def call(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
            key = _key(key_prefix, args, kwargs)
            found = _read(key)
            if found is not None:
                return cast("Result", json.loads(found))
            result = function(*args, **kwargs)
            _write(key, json.dumps(result), ttl or settings.cache_server().cache_ttl)
            return result

        return call

    return decorate


def forget(key_prefix: str) -> None:
    """Drop what is kept under a prefix: what it was made of has changed."""
    for key in [key for key in _memory if key.startswith(f"{key_prefix}:")]:
        _memory.pop(key, None)
    client = server()
    if client is None:
        return
    try:
        with reaching():
            for key in client.scan_iter(match=f"{key_prefix}:*", count=500):
                client.unlink(key)
    except ServiceUnavailableError:
        logger.warning("cache not reachable, old values live on for a while", exc_info=True)


def _key(prefix: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    text = json.dumps([args, kwargs], sort_keys=True, default=str)
    return f"{prefix}:{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def _read(key: str) -> str | None:
    client = server()
    if client is None:
        until, value = _memory.get(key, (0.0, ""))
        return value if time.monotonic() < until else None
    try:
        with reaching():
            return client.get(key)
    except ServiceUnavailableError:
        logger.warning("cache not reachable", exc_info=True)
        return None


def _write(key: str, value: str, ttl: int) -> None:
    client = server()
    if client is None:
        if len(_memory) >= _MOST_IN_MEMORY:
            _memory.pop(next(iter(_memory)))
        _memory[key] = (time.monotonic() + ttl, value)
        return
    try:
        with reaching():
            client.set(key, value, ex=ttl)
    except ServiceUnavailableError:
        logger.warning("cache not reachable", exc_info=True)
