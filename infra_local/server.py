"""The HTTP server in front of the gateway."""

from collections.abc import Generator
from contextlib import contextmanager

import uvicorn

from infra_local.gateway import Gateway

# More than any request line that the gateway must answer with 414 instead of the server's own 400.
_LONGEST_HEAD = 1024 * 1024


class Server(uvicorn.Server):
    """uvicorn, but for its signal handlers: those are ours."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave the signals alone."""
        yield


def make_server(gateway: Gateway) -> Server:
    """A server that adds nothing to what the gateway says but the date."""
    return Server(
        uvicorn.Config(
            gateway,
            http="h11",
            ws="none",
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
