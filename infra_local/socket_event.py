"""Events of API Gateway's WebSocket API, and its functions' answers.

See "Integration request" and "Set up a route response" of WebSocket APIs in the developer guide of API Gateway.
"""

import json
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, cast
from urllib.parse import parse_qs

EventType = Literal["CONNECT", "MESSAGE", "DISCONNECT"]

_ROUTES: dict[EventType, str] = {"CONNECT": "$connect", "MESSAGE": "$default", "DISCONNECT": "$disconnect"}
_OWN_SPELLING = {"websocket": "WebSocket"}


@dataclass(frozen=True, slots=True)
class Handshake:
    """The request that a socket begins with; header names are lower case."""

    connection_id: str
    headers: Sequence[tuple[str, str]]
    raw_query: str
    peer: str
    connected_at: float = field(default_factory=time.time)


@dataclass(frozen=True, slots=True)
class SocketAnswer:
    """What a function said to an event; its body is sent to the client."""

    status: int
    subprotocol: str | None
    body: str | None


def connect_event(handshake: Handshake) -> dict[str, object]:
    """The event before a socket opens."""
    many: dict[str, list[str]] = {}
    for name, value in [*handshake.headers, ("x-forwarded-for", handshake.peer), ("x-forwarded-proto", "http")]:
        many.setdefault(_spelled(name), []).append(value)
    made: dict[str, object] = {
        "headers": {name: values[-1] for name, values in many.items()},
        "multiValueHeaders": many,
        "requestContext": _context(handshake, "CONNECT"),
        "isBase64Encoded": False,
    }
    if handshake.raw_query:
        query = parse_qs(handshake.raw_query, keep_blank_values=True)
        made["queryStringParameters"] = {name: values[-1] for name, values in query.items()}
        made["multiValueQueryStringParameters"] = query
    return made


def message_event(handshake: Handshake, text: str) -> dict[str, object]:
    """The event of a message from the client."""
    context = {**_context(handshake, "MESSAGE"), "messageId": uuid.uuid4().hex[:15] + "="}
    return {"requestContext": context, "body": text, "isBase64Encoded": False}


def disconnect_event(handshake: Handshake, code: int, reason: str) -> dict[str, object]:
    """The event after a socket has closed."""
    host = dict(handshake.headers).get("host", "localhost")
    context = {**_context(handshake, "DISCONNECT"), "disconnectStatusCode": code, "disconnectReason": reason}
    return {
        "headers": {"Host": host, "X-Forwarded-For": "", "x-restapi": ""},
        "multiValueHeaders": {"Host": [host], "X-Forwarded-For": [""], "x-restapi": [""]},
        "requestContext": context,
        "isBase64Encoded": False,
    }


def _spelled(name: str) -> str:
    return "-".join(_OWN_SPELLING.get(part, part.capitalize()) for part in name.split("-"))


def _context(handshake: Handshake, event_type: EventType) -> dict[str, object]:
    now, request_id = time.time(), uuid.uuid4().hex[:15] + "="
    headers = dict(handshake.headers)
    return {
        "routeKey": _ROUTES[event_type],
        "eventType": event_type,
        "messageDirection": "IN",
        "stage": "ws",
        "connectionId": handshake.connection_id,
        "connectedAt": int(handshake.connected_at * 1000),
        "requestId": request_id,
        "extendedRequestId": request_id,
        "requestTime": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(now)),
        "requestTimeEpoch": int(now * 1000),
        "domainName": headers.get("host", "localhost"),
        "apiId": "local",
        "identity": {"sourceIp": handshake.peer, "userAgent": headers.get("user-agent", "")},
    }


def answer(payload: bytes) -> SocketAnswer:
    """What a function's result stands for; without a status of its own it is an error, as in AWS."""
    result: object = json.loads(payload or b"null")
    fields = cast("dict[str, object]", result) if isinstance(result, dict) else {}
    headers = cast("dict[str, str]", fields.get("headers") or {})
    subprotocol = next((value for name, value in headers.items() if name.lower() == "sec-websocket-protocol"), None)
    status, body = fields.get("statusCode"), fields.get("body")
    return SocketAnswer(
        status if isinstance(status, int) else 502, subprotocol, body if isinstance(body, str) and body else None
    )
