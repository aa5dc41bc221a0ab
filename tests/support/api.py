"""A client that sends API Gateway's HTTP events (payload 2.0) to the real handlers."""

import asyncio
import base64
import importlib
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from tests.support import openapi
from tests.support.acting import acting_as
from tests.support.context import Context
from tests.support.logs import remember_secrets

GROUPS = ("auth", "users", "uploads", "notifications", "audit", "health")
PREFIXES = {"audit": "audit-events"}


@dataclass(frozen=True)
class Answer:
    """What the function answered; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)

    @property
    def error(self) -> Any:
        """The inside of the error envelope."""
        return self.json()["error"]

    @property
    def error_code(self) -> str:
        """The error's code."""
        return self.error["code"]


def event(
    method: str,
    path: str,
    *,
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, Any] | None = None,
    body: bytes | None = None,
    source_ip: str = "203.0.113.7",
) -> dict[str, Any]:
    """The event API Gateway makes of a request. A body that is not UTF-8 travels as base64."""
    raw_query = urlencode(query or {}, quote_via=quote)
    sent = {"host": "api.example.org", "user-agent": "tests/1.0", "x-forwarded-proto": "https"}
    sent |= {name.lower(): value for name, value in (headers or {}).items()}
    made: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": raw_query,
        "headers": sent,
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "api",
            "domainName": "api.example.org",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": source_ip,
                "userAgent": sent["user-agent"],
            },
            "requestId": "gateway-request",
            "routeKey": "$default",
            "stage": "$default",
            "timeEpoch": 1_795_500_000_000,
        },
        "isBase64Encoded": False,
    }
    if raw_query:
        made["queryStringParameters"] = dict(parse_qsl(raw_query))
    if body is not None:
        made |= _body(body)
    return made


def _body(body: bytes) -> dict[str, Any]:
    try:
        return {"body": body.decode(), "isBase64Encoded": False}
    except UnicodeDecodeError:
        return {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}


def function_of(path: str) -> str:
    """The function whose routes a path belongs to."""
    for group in GROUPS:
        prefix = f"/api/v1/{PREFIXES.get(group, group)}"
        if path == prefix or path.startswith(f"{prefix}/"):
            return group
    return "docs"


def invoke(function: str, payload: Mapping[str, Any], context: Context | None = None) -> Any:
    """Call a function's Lambda handler, with what its own database role may do."""
    _provide_event_loop()
    handler = importlib.import_module(f"functions.{function}.handler").handler
    with acting_as(function):
        return handler(payload, context or Context())


def _provide_event_loop() -> None:
    # Mangum takes the thread's. `at_once` gives one to its threads; another test's `asyncio.run` takes this thread's.
    if threading.current_thread() is threading.main_thread():
        asyncio.set_event_loop(_main_loop())


@cache
def _main_loop() -> asyncio.AbstractEventLoop:
    # The only one: one that is lost is not closed, which fails whatever test runs when it is collected.
    return asyncio.new_event_loop()


class Api:
    """Sends requests, and holds the answers to the OpenAPI document.

    `token` is put into `Authorization`; `json` and `raw` are bodies.
    """

    def request(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        json: Any = None,
        raw: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        source_ip: str = "203.0.113.7",
    ) -> Answer:
        """One request and its answer."""
        sent = dict(headers or {})
        if token is not None:
            sent.setdefault("Authorization", f"Bearer {token}")
        body = raw
        if json is not None:
            remember_secrets(json)
            body = _dumps(json)
            sent.setdefault("Content-Type", "application/json")
        made = event(method, path, headers=sent, query=query, body=body, source_ip=source_ip)
        answer = read_answer(invoke(function_of(path), made))
        openapi.check(method, path, answer.status, answer.headers, answer.body)
        return answer

    def get(self, path: str, **options: Any) -> Answer:
        """GET a path; options as for `request`."""
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> Answer:
        """POST to a path; options as for `request`."""
        return self.request("POST", path, **options)

    def put(self, path: str, **options: Any) -> Answer:
        """PUT to a path; options as for `request`."""
        return self.request("PUT", path, **options)

    def patch(self, path: str, **options: Any) -> Answer:
        """PATCH a path; options as for `request`."""
        return self.request("PATCH", path, **options)

    def delete(self, path: str, **options: Any) -> Answer:
        """DELETE a path; options as for `request`."""
        return self.request("DELETE", path, **options)


def _dumps(value: Any) -> bytes:
    return json.dumps(value).encode()


def read_answer(result: Mapping[str, Any]) -> Answer:
    """The answer that a handler's result stands for."""
    body = result.get("body") or ""
    content = base64.b64decode(body) if result.get("isBase64Encoded") else body.encode()
    return Answer(result["statusCode"], result.get("headers") or {}, content)
