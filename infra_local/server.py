"""The HTTP server in front of the gateway."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import cast

import uvicorn

from infra_local.socket_gateway import FRAME_LIMIT, MESSAGE_LIMIT, App

# More than any request line that the gateway must answer with 414 instead of the server's own 400.
_LONGEST_HEAD = 1024 * 1024


class Server(uvicorn.Server):
    """uvicorn, but for its signal handlers: those are ours."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave the signals alone."""
        yield


def make_server(gateway: App) -> Server:
    """A server that adds nothing to what the gateway says but the date."""
    return Server(
        uvicorn.Config(
            gateway,
            http="h11",
            ws="websockets-sansio",
            # The sans-I/O protocol takes two limits, of a message and of a frame; uvicorn's annotation knows one.
            ws_max_size=cast("int", (MESSAGE_LIMIT, FRAME_LIMIT)),
            # API Gateway sends no pings of its own, and does not compress.
            ws_ping_interval=None,
            ws_per_message_deflate=False,
            lifespan="off",
            log_config=None,
            access_log=False,
            # A client's own X-Forwarded-For must not move its address.
            proxy_headers=False,
            server_header=False,
            h11_max_incomplete_event_size=_LONGEST_HEAD,
            timeout_graceful_shutdown=1,
        )
    )
