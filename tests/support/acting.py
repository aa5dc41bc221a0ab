"""Handlers in tests connect as their function's own database role, so a grant that is missing fails the test."""

import atexit
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from psycopg.conninfo import make_conninfo

from functions.migrations.grants import GRANTS
from functions.migrations.roles import Role
from shared import db

_Key = tuple[int, str, str]
_connections: dict[_Key, Any] = {}
_function = threading.local()
_address = db.address


def _address_as_function() -> str:
    function: str | None = getattr(_function, "name", None)
    return (
        make_conninfo(_address(), user=Role(function).name)
        if function is not None and function in GRANTS
        else _address()
    )


def _close_with_roles() -> None:
    for key in [key for key in _connections if key[0] == threading.get_ident()]:
        _connections.pop(key).close()
    _close()


_close = db.close
db.address = _address_as_function
db.close = _close_with_roles


@atexit.register
def _close_all() -> None:
    for connection in _connections.values():
        connection.close()


@contextmanager
def acting_as(function: str) -> Generator[None]:
    """Inside, the connection is one of the function's role; the test's own comes back after."""
    slot = db._Slot  # pyright: ignore[reportPrivateUsage]
    mine = slot.connection
    key = (threading.get_ident(), function, _address())
    slot.connection = _connections.pop(key, None)
    _function.name = function
    try:
        yield
    finally:
        _function.name = None
        if slot.connection is not None and not slot.connection.closed:
            _connections[key] = slot.connection
        slot.connection = mine
