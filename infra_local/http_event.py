"""HTTP requests as events of API Gateway's HTTP API (payload format 2.0), and its functions' answers.

See "Create AWS Lambda proxy integrations for HTTP APIs" in the developer guide of API Gateway.
"""

import base64
import binascii
import json
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast
from urllib.parse import parse_qsl, unquote

from infra_local.emulator import ACCOUNT
from infra_local.functions import Route

# What AWS hands over as text; all else, forms and bodies without a type too, comes in base64.
_TEXT_TYPES = ("text/", "application/json", "application/javascript", "application/xml")
# The gateway sets these itself.
_OWN_HEADERS = {"connection", "transfer-encoding", "set-cookie", "keep-alive"}


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request as it came in; header names are lower case, the path is still encoded."""

    method: str
    raw_path: str
    raw_query: str
    headers: Sequence[tuple[str, str]]
    body: bytes
    peer: str
    http_version: str = "1.1"

    @property
    def path(self) -> str:
        """The decoded path, which HTTP APIs match and hand over."""
        return unquote(self.raw_path)


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What goes back to the client."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes


class BadAnswerError(Exception):
    """The function's answer is none that API Gateway understands."""


def event(request: HttpRequest, route: Route) -> dict[str, object]:
    """The event that the function of the route gets."""
    headers, cookies = _headers(request)
    body, is_base64 = _body(request.body, headers.get("content-type", ""))
    made: dict[str, object] = {
        "version": "2.0",
        "routeKey": route.key,
        "rawPath": request.path,
        "rawQueryString": request.raw_query,
        "headers": headers,
        "requestContext": _context(request, route, headers),
        "isBase64Encoded": is_base64,
    }
    if cookies:
        made["cookies"] = cookies
    if query := _query(request.raw_query):
        made["queryStringParameters"] = query
    if route.proxy is not None:
        made["pathParameters"] = {"proxy": route.proxy}
    if request.body:
        made["body"] = body
    return made


def _headers(request: HttpRequest) -> tuple[dict[str, str], list[str]]:
    headers: dict[str, str] = {}
    cookies: list[str] = []
    forwarded = [("x-forwarded-for", request.peer), ("x-forwarded-proto", "http")]
    for name, value in [*request.headers, *forwarded]:
        if name == "cookie":
            cookies += [part.strip() for part in value.split(";") if part.strip()]
        elif name in headers:
            headers[name] += f",{value}"
        else:
            headers[name] = value
    return headers, cookies


def _query(raw: str) -> dict[str, str]:
    query: dict[str, str] = {}
    for name, value in parse_qsl(raw, keep_blank_values=True):
        query[name] = f"{query[name]},{value}" if name in query else value
    return query


def _body(body: bytes, content_type: str) -> tuple[str, bool]:
    if content_type.strip().lower().startswith(_TEXT_TYPES):
        try:
            return body.decode(), False
        except UnicodeDecodeError:
            pass  # text in name only: as base64 nothing of it is lost
    return base64.b64encode(body).decode(), bool(body)


def _context(request: HttpRequest, route: Route, headers: dict[str, str]) -> dict[str, object]:
    now = time.time()
    host = headers.get("host", "localhost")
    return {
        "accountId": ACCOUNT,
        "apiId": "local",
        "domainName": host,
        "domainPrefix": host.partition(".")[0],
        "http": {
            "method": request.method,
            "path": request.path,
            "protocol": f"HTTP/{request.http_version}",
            "sourceIp": request.peer,
            "userAgent": headers.get("user-agent", ""),
        },
        "requestId": str(uuid.uuid4()),
        "routeKey": route.key,
        "stage": "$default",
        "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
        "timeEpoch": int(now * 1000),
    }


def answer(payload: bytes) -> HttpAnswer:
    """The HTTP answer that a function's result stands for.

    Raises:
        BadAnswerError: It has a status that is no number, or a body that is no text or no base64.
    """
    try:
        result: object = json.loads(payload)
    except ValueError as error:
        raise BadAnswerError("the answer is not JSON") from error
    if not isinstance(result, dict) or "statusCode" not in result:
        # Without a status, AWS takes the whole result for the body.
        return HttpAnswer(200, [("content-type", "application/json")], payload)
    fields = cast("dict[str, object]", result)
    try:
        return HttpAnswer(int(str(fields["statusCode"])), _answer_headers(fields), _answer_body(fields))
    except (ValueError, TypeError, binascii.Error) as error:
        raise BadAnswerError(f"the answer is malformed: {error}") from error


def _answer_headers(fields: dict[str, object]) -> list[tuple[str, str]]:
    given = cast("dict[str, object]", fields.get("headers") or {})
    cookies = cast("list[object]", fields.get("cookies") or [])
    headers = [(name.lower(), str(value)) for name, value in given.items() if name.lower() not in _OWN_HEADERS]
    cookies += [value for name, value in given.items() if name.lower() == "set-cookie"]
    return headers + [("set-cookie", str(cookie)) for cookie in cookies]


def _answer_body(fields: dict[str, object]) -> bytes:
    body = fields.get("body")
    if body is None:
        return b""
    if not isinstance(body, str):
        raise TypeError("the body is no text")
    return base64.b64decode(body, validate=True) if fields.get("isBase64Encoded") else body.encode()
