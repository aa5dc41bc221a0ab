"""What surrounds every request, as plain ASGI: ids, headers, the log line, the body's limits."""

import json
import re
import time
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared import ids
from shared.errors import Code
from shared.http.errors import respond
from shared.http.text import has_controls
from shared.observability import bind, logger

BODY_LIMIT = 64 * 1024
MALFORMED_EVENT = "reviewpoint.malformed_event"
"""A key of the Lambda event: its body, headers or query could not be read."""

SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-XSS-Protection": "1; mode=block",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "Content-Security-Policy": "default-src 'self'",
    "Referrer-Policy": "no-referrer",
}
_DEFAULT_HEADERS = [
    (name.lower().encode(), value.encode())
    for name, value in (*SECURITY_HEADERS.items(), ("Cache-Control", "no-store"))
]
_SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_JSON = re.compile(r"application/([\w.-]+\+)?json\s*(;.*)?", re.IGNORECASE)
_CHARSET = re.compile(r"charset\s*=\s*\"?([^\s;\"]*)", re.IGNORECASE)
_NAME_LENGTH = 100
_HOW_UPLOADS_WORK = (
    "Files are not sent here. POST JSON with filename, content_type and file_size, then PUT the bytes to the URL "
    "in the answer with exactly its headers."
)


class RequestMiddleware:
    """Gives a request its id, every answer its headers, and the log one line; no exception leaves it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        request_id = _request_id(scope)
        scope["state"] = {"request_id": request_id}
        bind(request_id=request_id)
        is_head = scope["method"] == "HEAD"
        log_method = scope["method"]
        # A collection answers with and without its slash, and HEAD as GET.
        scope["method"] = "GET" if is_head else scope["method"]
        scope["path"] = scope["path"].removesuffix("/") or "/"
        status = 500

        async def send_framed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = _framed(message["headers"], request_id)
            elif is_head:
                message = {**message, "body": b""}
            await send(message)

        try:
            await self.app(scope, receive, send_framed)
        except Exception:
            _bind_upload(scope)
            logger.exception("unexpected error")
        _bind_upload(scope)
        _log(scope, log_method, status, started)


def _framed(given: Iterable[tuple[bytes, bytes]], request_id: str) -> list[tuple[bytes, bytes]]:
    headers = [*given, (b"x-request-id", request_id.encode())]
    names = {name for name, _ in headers}
    return headers + [default for default in _DEFAULT_HEADERS if default[0] not in names]


def _request_id(scope: Scope) -> str:
    given = Headers(scope=scope).get("x-request-id", "")
    return given if _SANE_REQUEST_ID.fullmatch(given) else str(ids.new())


def _bind_upload(scope: Scope) -> None:
    upload_id = str(scope.get("path_params", {}).get("upload_id", ""))
    if _UUID.fullmatch(upload_id):  # anything else is no id, and may be anything
        bind(upload_id=upload_id)


def _log(scope: Scope, method: str, status: int, started: float) -> None:
    route = scope.get("route")
    fields: dict[str, Any] = {
        "method": method,
        # The template: a raw path may hold anything.
        "route": getattr(route, "path", None),
        "status": status,
        "duration_ms": round((time.perf_counter() - started) * 1000, 1),
        "user_id": scope["state"].get("user_id"),
    }
    logger.info("request", extra=fields)


class BodyMiddleware:
    """Refuses, before anything reads it, a body that is too large, not JSON by its type, or not UTF-8."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        message = await receive()  # Mangum hands over the whole body at once.
        refusal = _refusal(scope, message.get("body", b""))
        if refusal is not None:
            await refusal(scope, receive, send)
            return

        async def replay() -> Message:
            return message

        await self.app(scope, replay, send)


def _refusal(scope: Scope, body: bytes) -> Response | None:
    request_id = scope["state"]["request_id"]
    if MALFORMED_EVENT in scope.get("aws.event", {}):
        return respond(request_id, Code.MALFORMED_REQUEST, "The request could not be read.")
    if (name := _dirty_parameter(scope["query_string"])) is not None:
        problem = {"field": name, "issue": "Must not hold control characters"}
        return respond(request_id, Code.VALIDATION_ERROR, "Invalid input data", {**problem, "errors": [problem]})
    if len(body) > BODY_LIMIT:
        return respond(request_id, Code.PAYLOAD_TOO_LARGE, f"The body may have at most {BODY_LIMIT} bytes.")
    if not body:
        return None
    media_type = Headers(scope=scope).get("content-type", "")
    if not _is_json(media_type):
        is_upload = media_type.startswith("multipart/") and scope["path"].endswith("/uploads")
        message = _HOW_UPLOADS_WORK if is_upload else "The body must be JSON, sent as application/json."
        return respond(request_id, Code.UNSUPPORTED_MEDIA_TYPE, message)
    issue = _malformation(body)
    return respond(request_id, Code.MALFORMED_REQUEST, issue) if issue else None


def _dirty_parameter(query: bytes) -> str | None:
    if not query:
        return None
    # No parameter takes them, and PostgreSQL refuses NUL.
    pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    return next((name[:_NAME_LENGTH] for name, value in pairs if has_controls(value)), None)


def _is_json(media_type: str) -> bool:
    charset = _CHARSET.search(media_type)
    return bool(_JSON.fullmatch(media_type)) and (not charset or charset[1].lower() in {"utf-8", "utf8", "us-ascii"})


def _malformation(body: bytes) -> str | None:
    """What Python's parser would take though it is not JSON in UTF-8 (RFC 8259 §6, §8.1), as a sentence."""
    try:
        body.decode()
    except UnicodeDecodeError:
        return "The body is not UTF-8."
    if b"\0" in body:  # UTF-16 or UTF-32
        return "The body is not JSON in UTF-8."
    if b"NaN" in body or b"Infinity" in body:
        try:
            json.loads(body, parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            return "The body is not valid JSON."
    return None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


class CorsMiddleware(CORSMiddleware):
    """CORS for the origins given, exact; a refused preflight comes in the envelope too."""

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        super().__init__(
            app,
            allow_origins=origins,
            allow_methods=("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"),
            allow_headers=(
                "Authorization",
                "Content-Type",
                "Idempotency-Key",
                "If-Match",
                "If-None-Match",
                "X-Request-ID",
            ),
            expose_headers=(
                "ETag",
                "Location",
                "Retry-After",
                "RateLimit",
                "RateLimit-Policy",
                "Content-Disposition",
                "X-Request-ID",
            ),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        is_preflight = scope["method"] == "OPTIONS" and {"origin", "access-control-request-method"} <= set(headers)
        if not is_preflight:
            await super().__call__(scope, receive, send)
            return
        answer = self.preflight_response(headers)
        if answer.status_code >= 400:
            message = "A page of this origin may not send such a request."
            answer = respond(
                scope["state"]["request_id"], Code.MALFORMED_REQUEST, message, headers={"Vary": answer.headers["vary"]}
            )
        await answer(scope, receive, send)
