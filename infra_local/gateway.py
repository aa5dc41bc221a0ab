"""The HTTP API and the page's distribution in one ASGI application: no behaviour but AWS's own limits."""

import asyncio
import json
import re
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import replace
from typing import Any

from infra_local import console, http_event
from infra_local.functions import match
from infra_local.http_event import BadAnswerError, HttpAnswer, HttpRequest
from infra_local.mail import Mailbox
from infra_local.page import Page
from infra_local.pool import Pool
from infra_local.runtime_api import PAYLOAD_LIMIT, FunctionError

BODY_LIMIT = 10 * 1024 * 1024
URL_LIMIT = 8 * 1024
HEADERS_LIMIT = 10240
"""Bytes of request line and header values together."""

INTEGRATION_SECONDS = 30.0

_SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}")

# ASGI's own shapes; values differ by message.
Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Gateway:
    """Routes each request to its function, the page or the mailbox."""

    def __init__(self, pools: Mapping[str, Pool], page: Page, mailbox: Mailbox) -> None:
        self._pools = pools
        self._page = page
        self._mailbox = mailbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        started = time.perf_counter()
        read = await _read(scope, receive)
        if read is None:
            return
        request, body_size = read
        answer = _refusal(request, body_size) or await self._answer(request)
        await _send(answer, send, head=request.method == "HEAD")
        console.request(request.method, request.path, answer.status, (time.perf_counter() - started) * 1000)

    async def _answer(self, request: HttpRequest) -> HttpAnswer:
        if request.method in ("GET", "HEAD"):
            is_mailbox = request.path == "/_local/mail"
            found = await self._mailbox.show(request) if is_mailbox else self._page.find(request.path)
            if found is not None:
                return _identified(found, request)
        return await self._invoke(request)

    async def _invoke(self, request: HttpRequest) -> HttpAnswer:
        route = match(request.path)
        payload = json.dumps(http_event.event(request, route), separators=(",", ":")).encode()
        if len(payload) > PAYLOAD_LIMIT:
            return _message(413, "Request Entity Too Large")
        pool = self._pools[route.function.name]
        # The client is told after 30 s; the function goes on, as in AWS.
        running = asyncio.ensure_future(pool.invoke(payload, wait_seconds=INTEGRATION_SECONDS))
        running.add_done_callback(lambda late: late.cancelled() or late.exception())
        done, _ = await asyncio.wait({running}, timeout=INTEGRATION_SECONDS)
        if not done:
            console.warning(f"{route.function.name}: no answer within {INTEGRATION_SECONDS:.0f} s")
            return _message(503, "Service Unavailable")
        try:
            return http_event.answer(running.result())
        except FunctionError as error:
            console.warning(f"{route.function.name}: {error}")
            return _message(503, "Service Unavailable") if error.timed_out else _message(500, "Internal Server Error")
        except BadAnswerError as error:
            console.warning(f"{route.function.name}: {error}")
            return _message(500, "Internal Server Error")


def _identified(answer: HttpAnswer, request: HttpRequest) -> HttpAnswer:
    """An answer that is not a function's, with the request's id as CloudFront gives it."""
    given = dict(request.headers).get("x-request-id", "")
    request_id = given if _SANE_REQUEST_ID.fullmatch(given) else str(uuid.uuid4())
    return replace(answer, headers=[*answer.headers, ("x-request-id", request_id)])


async def _read(scope: Scope, receive: Receive) -> tuple[HttpRequest, int] | None:
    """The request and the size of its body, of which no more than the limit is kept; None if the client has gone."""
    body, size, more = bytearray(), 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size <= BODY_LIMIT:
            body += chunk
        # Read to its end even when it is too large: a client that still sends would not see the answer.
        more = bool(message.get("more_body", False))
    headers = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in scope["headers"]]
    request = HttpRequest(
        method=scope["method"],
        raw_path=scope["raw_path"].decode("latin-1"),
        raw_query=scope["query_string"].decode("latin-1"),
        headers=headers,
        body=bytes(body),
        peer=scope["client"][0],
        http_version=scope["http_version"],
    )
    return request, size


def _refusal(request: HttpRequest, body_size: int) -> HttpAnswer | None:
    """What API Gateway answers by itself, to a request over its limits."""
    url_size = len(request.raw_path) + len(request.raw_query)
    if url_size > URL_LIMIT:
        return _message(414, "Request-URI Too Long")
    if url_size + sum(len(value) for _, value in request.headers) > HEADERS_LIMIT:
        return _message(431, "Request Header Fields Too Large")
    if body_size > BODY_LIMIT:
        return _message(413, "Request Entity Too Large")
    return None


def _message(status: int, text: str) -> HttpAnswer:
    return HttpAnswer(status, [("content-type", "application/json")], json.dumps({"message": text}).encode())


async def _send(answer: HttpAnswer, send: Send, *, head: bool) -> None:
    given = dict(answer.headers).get("content-length")
    headers = [
        (name.encode("latin-1"), value.encode("latin-1", "replace"))
        for name, value in answer.headers
        if name != "content-length"
    ]
    if answer.status not in (204, 304):
        # A function that leaves out the body of a HEAD says itself how long it would have been.
        size = given if head and given is not None else str(len(answer.body))
        headers.append((b"content-length", size.encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head else answer.body})
