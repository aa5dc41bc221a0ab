"""`$default`: what a client may say."""

import json
from typing import Any
from uuid import UUID

import pytest

from tests.support.factories import Account
from tests.support.faults import database_down
from tests.support.sockets import Socket, SocketGateway


@pytest.fixture
def socket(sockets: SocketGateway, author: Account) -> Socket:
    return sockets.open(author.token)


def test_ping_gives_pong(socket: Socket) -> None:
    reply = socket.send("ping")

    assert (reply["type"], reply["data"]) == ("pong", {})
    assert UUID(reply["id"]).version == 7
    assert reply["timestamp"].endswith("Z")


def test_a_client_may_send_an_id_and_a_time(socket: Socket) -> None:
    assert socket.send("ping", id="1", timestamp="2026-01-01T00:00:00Z")["type"] == "pong"


def test_subscribe_tells_what_it_took(socket: Socket) -> None:
    events = ["upload.completed", "upload.nothing", "upload.completed", "connection.established"]
    reply = socket.send("subscribe", {"events": events})

    assert reply["type"] == "subscription.acknowledged"
    assert reply["data"] == {
        "events": ["upload.completed"],
        "invalid_events": ["upload.nothing", "connection.established"],
    }


def test_unsubscribe_tells_of_this_request_only(socket: Socket) -> None:
    socket.send("subscribe", {"events": ["upload.completed", "upload.deleted"]})

    reply = socket.send("unsubscribe", {"events": ["upload.deleted"]})

    assert reply["data"] == {"events": ["upload.deleted"], "invalid_events": []}


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ("", "MALFORMED_REQUEST", None),
        ("{", "MALFORMED_REQUEST", None),
        ("[" * 4000, "MALFORMED_REQUEST", None),
        ("[]", "MALFORMED_REQUEST", None),
        ("null", "MALFORMED_REQUEST", None),
        ('"ping"', "MALFORMED_REQUEST", None),
        ("{}", "VALIDATION_ERROR", "type"),
        ('{"type": 1}', "VALIDATION_ERROR", "type"),
        ('{"type": "dance"}', "VALIDATION_ERROR", "type"),
        ('{"type": "ping", "more": 1}', "VALIDATION_ERROR", "more"),
        ('{"type": "ping", "data": []}', "VALIDATION_ERROR", "data"),
        ('{"type": "subscribe"}', "VALIDATION_ERROR", "data.events"),
        ('{"type": "subscribe", "data": {"events": "upload.completed"}}', "VALIDATION_ERROR", "data.events"),
        ('{"type": "unsubscribe", "data": {"events": [1]}}', "VALIDATION_ERROR", "data.events"),
        ('{"type": "resume", "data": {}}', "VALIDATION_ERROR", "data.after"),
        ('{"type": "resume", "data": {"after": "x"}}', "VALIDATION_ERROR", "data.after"),
        (
            '{"type": "resume", "data": {"after": "11111111-1111-4111-8111-111111111111"}}',
            "VALIDATION_ERROR",
            "data.after",
        ),
        (json.dumps({"type": "ping", "data": {"x": "é" * 5000}}, ensure_ascii=False), "PAYLOAD_TOO_LARGE", None),
        ('{"type": "\\ud800"}', "VALIDATION_ERROR", "type"),
    ],
)
def test_what_is_no_message_gives_an_error_and_the_connection_stays(
    socket: Socket, body: str, code: str, field: str | None
) -> None:
    reply = socket.send_raw(body)

    assert (reply["type"], reply["data"]["code"]) == ("error", code)
    assert (reply["data"]["details"] or {}).get("field") == field
    assert socket.send("ping")["type"] == "pong"


def test_exactly_eight_kibibytes_pass(socket: Socket) -> None:
    body: dict[str, Any] = {"type": "ping", "id": ""}
    body["id"] = "x" * (8192 - len(json.dumps(body)))

    assert socket.send_raw(json.dumps(body))["type"] == "pong"


def test_a_flood_is_answered_by_errors(socket: Socket) -> None:
    replies = [socket.send("ping")["type"] for _ in range(101)]

    assert replies == ["pong"] * 100 + ["error"]
    assert socket.send("ping")["data"]["code"] == "RATE_LIMITED"
    assert socket.is_open


def test_without_the_database_it_is_an_error(socket: Socket) -> None:
    with database_down():
        assert socket.send("ping")["data"]["code"] == "SERVICE_UNAVAILABLE"
