"""The WebSocket API on `/ws` with its management API, in front of the HTTP API.

AWS's order of things: nothing can be posted to a connection before its `$connect` has returned, and one that has
closed is gone.
"""

import asyncio
import base64
import json
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from infra_local import console, socket_event
from infra_local.emulator import CREDENTIALS
from infra_local.gateway import INTEGRATION_SECONDS, Receive, Scope, Send
from infra_local.pool import Pool
from infra_local.runtime_api import FunctionError
from infra_local.socket_event import Handshake, SocketAnswer

PATH = "/ws"
MANAGEMENT_PATH = "/_local/ws"

MESSAGE_LIMIT = 128 * 1024
FRAME_LIMIT = 32 * 1024
IDLE_SECONDS = 10 * 60.0
LIFETIME_SECONDS = 2 * 60 * 60.0

_FUNCTION = "websocket"
_NORMAL, _GOING_AWAY, _UNSUPPORTED = 1000, 1001, 1003

App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Socket:
    """An open connection."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._closing = asyncio.Event()
        self._opened_at = self._active_at = time.monotonic()
        self.close_code = _NORMAL

    async def post(self, text: str) -> None:
        """Send a message to the client."""
        self._active_at = time.monotonic()
        await self._send({"type": "websocket.send", "text": text})

    def close(self, code: int) -> None:
        """Have it closed."""
        self.close_code = code
        self._closing.set()

    async def next(self, receive: Receive) -> Mapping[str, Any] | None:
        """What comes from the client next; None once the connection is to be closed by us."""
        receiving, closing = asyncio.ensure_future(receive()), asyncio.ensure_future(self._closing.wait())
        try:
            while not receiving.done():
                now = time.monotonic()
                left = min(self._opened_at + LIFETIME_SECONDS, self._active_at + IDLE_SECONDS) - now
                if left <= 0:
                    self.close(_GOING_AWAY)
                if self._closing.is_set():
                    return None
                await asyncio.wait({receiving, closing}, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            self._active_at = time.monotonic()
            return receiving.result()
        finally:
            receiving.cancel()
            closing.cancel()


class SocketGateway:
    """Serves sockets and what functions do to them; every other request goes on to the HTTP API."""

    def __init__(self, pools: Mapping[str, Pool], http: App) -> None:
        self._pools = pools
        self._http = http
        self._sockets: dict[str, Socket] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a socket from its handshake to its end, or one request."""
        if scope["type"] == "websocket":
            await self._serve(scope, receive, send)
        elif scope["type"] == "http" and scope["path"].startswith(f"{MANAGEMENT_PATH}/"):
            await self._manage(scope, receive, send)
        else:
            await self._http(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        await receive()
        handshake = _handshake(scope)
        found = SocketAnswer(403, None, None)
        if scope["path"].rstrip("/") == PATH:
            found = await self._invoke(socket_event.connect_event(handshake))
        accepted = 200 <= found.status < 300
        console.request("WS", scope["path"], 101 if accepted else found.status, (time.perf_counter() - started) * 1000)
        if not accepted:
            await _refuse(send, found.status)
            return
        await send({"type": "websocket.accept", "subprotocol": found.subprotocol})
        socket = self._sockets[handshake.connection_id] = Socket(send)
        code, reason = 1006, ""
        try:
            code, reason = await self._talk(socket, handshake, receive, send)
        finally:
            del self._sockets[handshake.connection_id]
            await self._invoke(socket_event.disconnect_event(handshake, code, reason))

    async def _talk(self, socket: Socket, handshake: Handshake, receive: Receive, send: Send) -> tuple[int, str]:
        """Hand on what comes until one side closes; the code and reason that it did it with."""
        while (message := await socket.next(receive)) is not None:
            if message["type"] == "websocket.disconnect":
                return message.get("code") or 1005, message.get("reason") or ""
            text = message.get("text")
            if text is None:
                socket.close(_UNSUPPORTED)
                continue
            found = await self._invoke(socket_event.message_event(handshake, text))
            body = found.body if found.status < 500 else json.dumps({"message": "Internal server error"})
            if body is not None:
                await socket.post(body)
        await send({"type": "websocket.close", "code": socket.close_code})
        return socket.close_code, ""

    async def _invoke(self, event: Mapping[str, object]) -> SocketAnswer:
        payload = json.dumps(event, separators=(",", ":")).encode()
        try:
            return socket_event.answer(await self._pools[_FUNCTION].invoke(payload, wait_seconds=INTEGRATION_SECONDS))
        except FunctionError as error:
            console.warning(f"{_FUNCTION}: {error}")
            return SocketAnswer(500, None, None)

    async def _manage(self, scope: Scope, receive: Receive, send: Send) -> None:
        """`@connections`: POST sends to a connection, DELETE closes it."""
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), bool(message.get("more_body", False))
        status, kind = await self._act(scope, body)
        content = b"" if kind is None else json.dumps({"message": kind.removesuffix("Exception")}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode())]
        if kind is not None:
            headers.append((b"x-amzn-errortype", kind.encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    async def _act(self, scope: Scope, body: bytes) -> tuple[int, str | None]:
        """The status, and the name of the error that it stands for."""
        socket = self._sockets.get(scope["path"].removeprefix(f"{MANAGEMENT_PATH}/@connections/"))
        if not _is_signed(scope):
            return 403, "ForbiddenException"
        if socket is None:
            return 410, "GoneException"
        if scope["method"] == "DELETE":
            socket.close(_NORMAL)
            return 204, None
        if scope["method"] != "POST":
            return 405, "MethodNotAllowedException"
        if len(body) > MESSAGE_LIMIT:
            return 413, "PayloadTooLargeException"
        await socket.post(body.decode(errors="replace"))
        return 200, None


def _handshake(scope: Scope) -> Handshake:
    return Handshake(
        # As API Gateway's: 15 characters of base64 and a sign of equality.
        connection_id=base64.urlsafe_b64encode(secrets.token_bytes(11)).decode(),
        headers=[(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"]],
        raw_query=scope["query_string"].decode("latin-1"),
        peer=scope["client"][0],
    )


async def _refuse(send: Send, status: int) -> None:
    body = json.dumps({"message": "Unauthorized" if status == 401 else "Forbidden"}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "websocket.http.response.start", "status": status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": body})


def _is_signed(scope: Scope) -> bool:
    """Whether the request names the functions' own key; a page of a browser can't without asking first."""
    prefix = f"AWS4-HMAC-SHA256 Credential={CREDENTIALS['AWS_ACCESS_KEY_ID']}/".encode()
    return any(name == b"authorization" and value.startswith(prefix) for name, value in scope["headers"])
