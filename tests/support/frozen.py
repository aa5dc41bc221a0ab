"""Things that are there and do not answer."""

import os
import signal
import socket
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from infra_local import postgres


@contextmanager
def silent_server() -> Generator[int]:
    """A port where connections are taken and nothing is ever said."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield server.getsockname()[1]


class Freezer:
    """A PostgreSQL of its own that can be stopped in the middle of what it does."""

    def __init__(self, folder: Path) -> None:
        self._server = postgres.start(folder / "postgres", durable=False)
        self.url = self._server.url("postgres")

    def _signal(self, number: signal.Signals) -> None:
        children = Path(f"/proc/{self._server.process.pid}/task/{self._server.process.pid}/children").read_text()
        for pid in (self._server.process.pid, *map(int, children.split())):
            os.kill(pid, number)

    @contextmanager
    def frozen(self) -> Generator[None]:
        """Connections stay, and nobody answers on them."""
        self._signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._signal(signal.SIGCONT)

    def stop(self) -> None:
        """End it."""
        self._server.stop()
