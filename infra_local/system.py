"""The running system: gateway, environments, queues and schedules in one event loop."""

import asyncio
import json
import logging
import os
import socket
from collections.abc import Coroutine, Iterator

from infra_local import console, local_dir, sources
from infra_local.environment import Host
from infra_local.errors import StartError
from infra_local.functions import FUNCTIONS
from infra_local.gateway import Gateway
from infra_local.mail import Mailbox
from infra_local.page import Page
from infra_local.pool import Pool
from infra_local.runtime_api import FunctionError
from infra_local.server import make_server
from infra_local.services import Services
from infra_local.settings import Settings
from infra_local.socket_gateway import SocketGateway

_LOOK_SECONDS = 0.5
# What was queued before the emulator ended is lost with it.
_FIRST_SWEEP = {"queue_lost": True}


class System:
    """All functions and what calls them."""

    def __init__(self, settings: Settings, services: Services, listener: socket.socket) -> None:
        host = Host(settings.root, services.variables, settings.local_dir / "logs")
        self._settings = settings
        self._services = services
        self._listener = listener
        self._pools = {function.name: Pool(function, host) for function in FUNCTIONS}
        page = Page(settings.root / "web", storage=settings.endpoint, port=settings.port)
        http = Gateway(self._pools, page, Mailbox(settings.endpoint))
        self._server = make_server(SocketGateway(self._pools, http))

    async def run(self, stop: "asyncio.Future[None]") -> None:
        """Serve until `stop` is done.

        Raises:
            StartError: A function does not start, or a service has ended.
        """
        tasks, serving = {asyncio.create_task(self._prepare())}, None
        try:
            await self._until(stop, tasks)
            if not stop.done():
                tasks = {asyncio.create_task(work) for work in self._work()}
                serving = asyncio.create_task(self._server.serve(sockets=[self._listener]))
                await self._until(stop, {*tasks, serving})
        finally:
            local_dir.withdraw(self._settings.local_dir)
            await self._end(tasks, serving)

    async def _until(self, stop: "asyncio.Future[None]", tasks: set[asyncio.Task[None]]) -> None:
        """Return when all tasks or `stop` are done; raise what one of them raises."""
        pending: set[asyncio.Future[None]] = {*tasks}
        while pending and not stop.done():
            done, _ = await asyncio.wait({*pending, stop}, timeout=_LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            pending -= done
            for task in done:
                task.result()
            if ended := self._services.ended():
                raise StartError(f"{ended} has ended by itself; see its log in {self._settings.local_dir}")

    async def _end(self, tasks: set[asyncio.Task[None]], serving: asyncio.Task[None] | None) -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if serving is not None:
            # It would show a stack for each request that is broken off.
            logging.getLogger("uvicorn.error").disabled = True
            self._server.should_exit = True
            await asyncio.gather(serving, return_exceptions=True)
        await asyncio.gather(*(pool.close() for pool in self._pools.values()))

    async def _prepare(self) -> None:
        """Migrate, and have the functions of both APIs warm: a request's first answer needs both."""
        for name, place in self._services.places():
            console.part(name, place)
        console.part("Functions", f"{len(FUNCTIONS)}, their logs in {self._settings.local_dir / 'logs'}")
        # More at once would only take the processor from each other.
        processors = asyncio.Semaphore(os.cpu_count() or 1)
        answering = [pool for pool in self._pools.values() if pool.function.routes or pool.function.sockets]
        warm = [self._warm(pool, processors) for pool in answering]
        await asyncio.gather(self._migrate(), *warm)

    async def _migrate(self) -> None:
        pool = self._pools["migrations"]
        try:
            payload = json.dumps({"action": "migrate"}).encode()
            answer = await pool.invoke(payload, wait_seconds=pool.function.timeout_seconds)
        except FunctionError as error:
            raise StartError(f"migrations: {error}") from error
        console.part("Schema", json.loads(answer)["message"])

    async def _warm(self, pool: Pool, processors: asyncio.Semaphore) -> None:
        async with processors:
            try:
                await pool.warm()
            except FunctionError as error:
                raise StartError(f"{pool.function.name}: {error}") from error

    def _work(self) -> Iterator[Coroutine[None, None, None]]:
        yield self._tell_ready()
        for pool in self._pools.values():
            function = pool.function
            if function.queue is not None:
                url = self._services.queue_urls[function.queue]
                for _ in range(function.max_environments):
                    yield sources.run_queue(pool, self._settings.endpoint, url)
            if function.schedule_seconds is not None:
                said = _FIRST_SWEEP if function.name == "sweeper" else {}
                yield sources.run_schedule(pool, function.schedule_seconds, at_start=said)

    async def _tell_ready(self) -> None:
        while not self._server.started:
            await asyncio.sleep(0.01)
        local_dir.announce(self._settings.local_dir, self._services.variables)
        console.line(f"Ready: http://127.0.0.1:{self._settings.port}  (mail: /_local/mail, end: Ctrl-C)")
        # Not needed for the first answer, but soon after it: the checks of the first upload.
        await self._warm(self._pools["s3_events"], asyncio.Semaphore(1))
