"""A way from containers to what listens on this machine alone."""

import socket
import socketserver
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress

_IP_FREEBIND = 15  # Linux; not in `socket`


@contextmanager
def forwarded(host: str, target: str | tuple[str, int]) -> Generator[int]:
    """A port on `host` that leads to a Unix socket's path, or to another host and port.

    The address need not be there yet: an engine may make its bridge with the first container.
    """

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.socket(socket.AF_UNIX if isinstance(target, str) else socket.AF_INET) as other:
                other.connect(target)
                back = threading.Thread(target=_pump, args=(other, self.request), daemon=True)
                back.start()
                _pump(self.request, other)
                back.join()

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

        def server_bind(self) -> None:
            self.socket.setsockopt(socket.IPPROTO_IP, _IP_FREEBIND, 1)
            super().server_bind()

    with Server((host, 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
