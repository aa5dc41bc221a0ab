"""Calls that really run at once: each thread has a database connection of its own, as each Lambda environment has."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar
from unittest import mock

from shared import db
from shared.db import Connection
from tests.support import openapi

Result = TypeVar("Result")


class _SlotPerThread(threading.local):
    connection: Connection | None = None
    used_at: float = 0.0


def at_once(call: Callable[[int], Result], *, times: int) -> list[Result]:
    """The results of that many calls, each with its number, that start at the same moment in threads."""
    openapi.find_operation("GET", "/")  # the document is made once, which threads would all do
    barrier = threading.Barrier(times)

    def run(number: int) -> Result:
        loop = asyncio.new_event_loop()  # Mangum takes the thread's
        asyncio.set_event_loop(loop)
        try:
            with db.connection():  # connected before the start, so that connecting does not spread the calls
                pass
            barrier.wait(timeout=30)
            return call(number)
        finally:
            loop.close()
            db.close()

    with mock.patch.object(db, "_Slot", _SlotPerThread()), ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))
