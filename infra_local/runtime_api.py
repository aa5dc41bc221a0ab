"""The Lambda Runtime API of one environment: what the runtime client in it asks for work and gives answers to.

See "Using the Lambda runtime API" in AWS's documentation of Lambda. The client knows but a host and a port,
so every environment has a server of its own.
"""

import asyncio
import json
from dataclasses import dataclass

from infra_local.console import warning

PAYLOAD_LIMIT = 6 * 1024 * 1024
"""Bytes of an event or an answer (Lambda's quota for synchronous invocations)."""

# The client may send a whole stack in one header.
_HEAD_LIMIT = 2 * 1024 * 1024
_PREFIX = "/2018-06-01/runtime/"


@dataclass(frozen=True, slots=True)
class Invocation:
    """One event on its way into an environment."""

    request_id: str
    trace_id: str
    function_arn: str
    deadline_milliseconds: int
    payload: bytes

    def headers(self) -> dict[str, str]:
        """The headers by which the runtime client makes the handler's `context`."""
        return {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": self.request_id,
            "Lambda-Runtime-Deadline-Ms": str(self.deadline_milliseconds),
            "Lambda-Runtime-Invoked-Function-Arn": self.function_arn,
            "Lambda-Runtime-Trace-Id": self.trace_id,
        }


class FunctionError(Exception):
    """A function gave no answer; the message says why, as Lambda's `errorMessage`."""

    def __init__(self, message: str, *, timed_out: bool = False) -> None:
        super().__init__(message)
        self.timed_out = timed_out


class RuntimeApi:
    """The server; `ready` is done when the environment first asks for work, or fails with its init error."""

    def __init__(self) -> None:
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.broken = False
        self._server: asyncio.Server | None = None
        self._next: asyncio.Queue[Invocation] = asyncio.Queue(1)
        self._answer: asyncio.Future[bytes] | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self) -> str:
        """Listen on a free port and return the address for `AWS_LAMBDA_RUNTIME_API`."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=_HEAD_LIMIT)
        host, port = self._server.sockets[0].getsockname()
        return f"{host}:{port}"

    def invoke(self, invocation: Invocation) -> asyncio.Future[bytes]:
        """Hand an event to the environment, which must be idle."""
        self._answer = asyncio.get_running_loop().create_future()
        self._next.put_nowait(invocation)
        return self._answer

    def fail(self, error: FunctionError) -> None:
        """Tell whoever waits that the environment is gone."""
        for future in (self.ready, self._answer):
            if future is not None and not future.done():
                future.set_exception(error)
                future.exception()  # it may be that nobody waits

    def close(self) -> None:
        """Stop listening, and let go of a client that waits for work."""
        if self._server is not None:
            self._server.close()
        for connection in self._connections:
            connection.cancel()

    def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.create_task(self._converse(reader, writer))
        self._connections.add(connection)
        connection.add_done_callback(self._connections.discard)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                method, target, *_ = head.split(" ", 2)
                body = await reader.readexactly(_content_length(head))
                status, headers, payload = await self._respond(method, target.removeprefix(_PREFIX), body)
                writer.write(_response(status, headers, payload))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the environment has ended
        except (ValueError, asyncio.LimitOverrunError) as error:
            warning(f"a broken request to the Runtime API: {error}")
        finally:
            writer.close()

    async def _respond(self, method: str, target: str, body: bytes) -> tuple[str, dict[str, str], bytes]:
        if (method, target) == ("GET", "invocation/next"):
            if not self.ready.done():
                self.ready.set_result(None)
            invocation = await self._next.get()
            return "200 OK", invocation.headers(), invocation.payload
        if (method, target) == ("POST", "init/error"):
            self.fail(FunctionError(_error_message(body)))
            return _accepted()
        if method == "POST" and target.startswith("invocation/") and target.endswith("/error"):
            self.fail(FunctionError(_error_message(body)))
            return _accepted()
        if method == "POST" and target.startswith("invocation/") and target.endswith("/response"):
            return self._take(body)
        return "404 Not Found", {}, b""

    def _take(self, body: bytes) -> tuple[str, dict[str, str], bytes]:
        if len(body) > PAYLOAD_LIMIT:
            self.broken = True  # the runtime client ends when its answer is refused
            self.fail(
                FunctionError(f"Response payload size exceeded maximum allowed payload size ({PAYLOAD_LIMIT} bytes).")
            )
            return "413 Payload Too Large", {}, b""
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(body)
        return _accepted()


def _accepted() -> tuple[str, dict[str, str], bytes]:
    return "202 Accepted", {"Content-Type": "application/json"}, b'{"status":"OK"}'


def _content_length(head: str) -> int:
    for line in head.split("\r\n"):
        name, _, value = line.partition(":")
        if name.lower() == "content-length":
            return int(value)
    return 0


def _response(status: str, headers: dict[str, str], payload: bytes) -> bytes:
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers.items())]
    lines += [f"Content-Length: {len(payload)}", "", ""]
    return "\r\n".join(lines).encode("latin-1") + payload


def _error_message(body: bytes) -> str:
    try:
        document = json.loads(body)
        return f"{document['errorType']}: {document['errorMessage']}"
    except (ValueError, KeyError, TypeError):
        return body.decode(errors="replace")
