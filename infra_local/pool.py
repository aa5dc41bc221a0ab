"""The environments of one function: as many as there is work for, up to its limit."""

import asyncio
from collections import deque
from collections.abc import Coroutine

from infra_local import console
from infra_local.environment import Environment, Host
from infra_local.functions import Function
from infra_local.runtime_api import FunctionError
from infra_local.source import fingerprint

# With one environment there, a second one costs more than a short wait: two cores are soon busy with starting.
_PATIENCE_SECONDS = 0.1


class Pool:
    """Hands each event to an idle environment; starts one when none is there; else lets it wait."""

    def __init__(self, function: Function, host: Host) -> None:
        self.function = function
        self._host = host
        self._source = fingerprint(function.name, host.root)
        self._idle: list[Environment] = []
        self._busy: set[Environment] = set()
        self._outdated: set[Environment] = set()
        self._waiting: deque[asyncio.Future[Environment]] = deque()
        self._starting: set[asyncio.Task[None]] = set()
        self._ending: set[asyncio.Task[None]] = set()

    async def warm(self) -> None:
        """Have one environment ready.

        Raises:
            FunctionError: It does not start.
        """
        self._release(await self._acquire())

    async def invoke(self, payload: bytes, *, wait_seconds: float) -> bytes:
        """The function's answer to an event.

        Args:
            payload: The event, as JSON.
            wait_seconds: How long the event may wait for an environment.

        Raises:
            FunctionError: The function failed; `timed_out` also when no environment was free in time.
        """
        try:
            async with asyncio.timeout(wait_seconds):
                environment = await self._acquire()
        except TimeoutError as error:
            raise FunctionError("Rate Exceeded: all environments are busy", timed_out=True) from error
        try:
            return await environment.invoke(payload)
        finally:
            self._release(environment)

    async def close(self) -> None:
        """End all environments."""
        for task in self._starting:
            task.cancel()
        await asyncio.gather(*self._starting, *self._ending, return_exceptions=True)
        await asyncio.gather(*(environment.close() for environment in (*self._idle, *self._busy)))

    async def _acquire(self) -> Environment:
        self._notice_edits()
        while self._idle:
            environment = self._idle.pop()
            if environment.alive:
                self._busy.add(environment)
                return environment
        waiter: asyncio.Future[Environment] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            if self._busy or self._starting:
                await asyncio.wait({waiter}, timeout=_PATIENCE_SECONDS)
            if not waiter.done():
                self._grow()
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self._release(waiter.result())
            raise

    def _release(self, environment: Environment) -> None:
        self._busy.discard(environment)
        if environment.alive and environment not in self._outdated:
            self._hand_over(environment)
            return
        self._outdated.discard(environment)
        _keep(environment.close(), self._ending)
        self._grow()

    def _hand_over(self, environment: Environment) -> None:
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                self._busy.add(environment)
                waiter.set_result(environment)
                return
        self._idle.append(environment)

    def _grow(self) -> None:
        wanted = sum(not waiter.done() for waiter in self._waiting)
        there = len(self._idle) + len(self._busy) + len(self._starting)
        if len(self._starting) < wanted and there < self.function.max_environments:
            _keep(self._start(), self._starting)

    async def _start(self) -> None:
        source = self._source
        environment = Environment(self.function, self._host)
        try:
            await environment.start()
        except FunctionError as error:
            self._refuse(error)
            return
        if source != self._source:
            self._outdated.add(environment)
        self._release(environment)

    def _refuse(self, error: FunctionError) -> None:
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_exception(error)
                return
        console.warning(f"{self.function.name} does not start: {error}")

    def _notice_edits(self) -> None:
        """Drop what was started before the last edit; what is busy ends after its event."""
        source = fingerprint(self.function.name, self._host.root)
        if source == self._source:
            return
        self._source = source
        self._outdated |= self._busy
        for environment in self._idle:
            _keep(environment.close(), self._ending)
        self._idle.clear()


def _keep(work: Coroutine[None, None, None], tasks: set[asyncio.Task[None]]) -> None:
    """Run in the background; the loop itself keeps only weak references to tasks."""
    task = asyncio.create_task(work)
    tasks.add(task)
    task.add_done_callback(tasks.discard)
