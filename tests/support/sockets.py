"""API Gateway's side of sockets: the events it makes, and a management API that keeps what was sent."""

import itertools
import json
import os
import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from shared import settings
from tests.support.api import invoke

_numbers = itertools.count(1)


class Socket:
    """A client's end of a connection."""

    def __init__(self, number: str, gateway: "SocketGateway") -> None:
        self.id = number
        self.gateway = gateway
        self.received: list[dict[str, Any]] = []
        self.status = 0
        self.subprotocol: str | None = None
        self.is_open = False
        self.fails = False

    def connect(self, *protocols: str, headers: Mapping[str, str] | None = None) -> None:
        """The handshake: nothing can be posted before it has returned."""
        offered = {"Host": "api.example.org", "Sec-WebSocket-Protocol": ", ".join(protocols)} if protocols else {}
        answer = invoke("websocket", {**self._event("CONNECT"), "headers": {**offered, **(headers or {})}})
        self.status = answer["statusCode"]
        self.subprotocol = answer.get("headers", {}).get("Sec-WebSocket-Protocol")
        self.is_open = self.status == 200

    def send(self, message_type: str, data: Any = None, **fields: Any) -> dict[str, Any]:
        """Send a message; the reply."""
        return self.send_raw(json.dumps({"type": message_type, "data": data or {}, **fields}))

    def send_raw(self, body: str) -> dict[str, Any]:
        """Send what is no message, maybe; the reply."""
        reply = self.ask(body)
        assert reply is not None
        return reply

    def ask(self, body: str) -> dict[str, Any] | None:
        """Send a message; the reply, if there is one."""
        answer = invoke("websocket", {**self._event("MESSAGE"), "body": body})
        return json.loads(answer["body"]) if "body" in answer else None

    def disconnect(self) -> None:
        """Close it from the client's side."""
        self.is_open = False
        invoke("websocket", {**self._event("DISCONNECT"), "headers": {}})

    def types(self) -> list[str]:
        """The types of what was received."""
        return [message["type"] for message in self.received]

    def _event(self, event_type: str) -> dict[str, Any]:
        route = {"CONNECT": "$connect", "MESSAGE": "$default", "DISCONNECT": "$disconnect"}[event_type]
        about = {"connectionId": self.id, "requestId": f"socket-{self.id}"}
        context = {**about, "eventType": event_type, "routeKey": route, "stage": "ws"}
        return {"requestContext": context, "isBase64Encoded": False}


class SocketGateway:
    """The management API at SOCKET_ENDPOINT, with AWS's semantics: 410 for what is not open."""

    def __init__(self) -> None:
        self.sockets: dict[str, Socket] = {}
        self.posts = 0
        self.lock = threading.Lock()

    def forget(self) -> None:
        """Begin anew."""
        self.sockets.clear()
        self.posts = 0

    def socket(self) -> Socket:
        """A socket that is not connected yet."""
        made = Socket(f"{os.getpid()}-{next(_numbers)}=", self)
        self.sockets[made.id] = made
        return made

    def open(self, token: str) -> Socket:
        """A socket, connected with an access token."""
        made = self.socket()
        made.connect("reviewpoint.v1", f"bearer.{token}")
        return made

    def listen(self, token: str, events: Sequence[str]) -> Socket:
        """A socket that has subscribed."""
        made = self.open(token)
        made.send("subscribe", {"events": list(events)})
        return made

    def act(self, method: str, path: str, body: bytes) -> int:
        """The status of a call to the management API."""
        socket = self.sockets.get(unquote(path.rpartition("/")[2]))
        with self.lock:
            self.posts += 1
            if socket is None or not socket.is_open:
                return 410
            if socket.fails:
                return 500
            if method == "DELETE":
                socket.is_open = False
                return 204
            socket.received.append(json.loads(body))
            return 200


@contextmanager
def running_gateway() -> Generator[SocketGateway]:
    """The management API, while the block runs."""
    gateway = SocketGateway()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _act(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(gateway.act(self.command, self.path, body))
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_DELETE = _act  # noqa: N815

        def log_message(self, format: str, *args: Any) -> None:
            pass

    port = urlsplit(settings.sockets().socket_endpoint).port
    assert port is not None
    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield gateway
        finally:
            server.shutdown()
            thread.join()
