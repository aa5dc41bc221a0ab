"""`make dev`: the whole system on 127.0.0.1, until Ctrl-C."""

import asyncio
import os
import socket
import sys
from contextlib import closing
from pathlib import Path

from infra_local import console, emulator, local_dir, processes, services, settings, signals
from infra_local.errors import StartError
from infra_local.services import Services
from infra_local.settings import Settings
from infra_local.system import System


def main() -> int:
    """Run all; the exit status of the program."""
    signals.on_stop(signals.interrupt)
    processes.end_with_make()
    try:
        _run(settings.load(Path.cwd(), os.environ))
    except (StartError, PermissionError) as error:
        console.error(str(error))
        return 1
    except KeyboardInterrupt:
        pass
    return 0


def _run(configured: Settings) -> None:
    with (
        local_dir.claim(configured.local_dir),
        closing(emulator.bind(configured.port, "PORT")) as listener,
        services.running(configured) as started,
    ):
        try:
            asyncio.run(_serve(configured, started, listener))
        finally:
            signals.on_stop(signals.ignore)


async def _serve(configured: Settings, started: Services, listener: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    stop: asyncio.Future[None] = loop.create_future()

    def finish() -> None:
        signals.on_stop(signals.ignore)
        loop.call_soon_threadsafe(stop.set_result, None)

    signals.on_stop(finish)
    await System(configured, started, listener).run(stop)


if __name__ == "__main__":
    sys.exit(main())
