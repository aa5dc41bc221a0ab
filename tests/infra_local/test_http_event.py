import base64
import json
from typing import cast

import pytest

from infra_local import http_event
from infra_local.functions import match
from infra_local.http_event import BadAnswerError, HttpRequest


def made(**changes: object) -> dict[str, object]:
    parts: dict[str, object] = {
        "method": "GET",
        "raw_path": "/api/v1/users/me",
        "raw_query": "",
        "headers": [("host", "localhost:8000")],
        "body": b"",
        "peer": "127.0.0.1",
    }
    request = HttpRequest(**(parts | changes))  # type: ignore[arg-type]
    return http_event.event(request, match(request.path))


def headers_of(event: dict[str, object]) -> dict[str, str]:
    return cast("dict[str, str]", event["headers"])


def test_path_is_decoded_and_routed_by_prefix() -> None:
    event = made(raw_path="/api/v1/users/a%20b")

    assert (event["version"], event["rawPath"], event["routeKey"]) == (
        "2.0",
        "/api/v1/users/a b",
        "ANY /api/v1/users/{proxy+}",
    )
    assert event["pathParameters"] == {"proxy": "a b"}


@pytest.mark.parametrize(
    ("path", "key", "function"),
    [
        ("/api/v1/uploads", "ANY /api/v1/uploads", "uploads"),
        ("/api/v1/uploads/", "ANY /api/v1/uploads/", "uploads"),
        ("/api/v1/uploads/x/complete", "ANY /api/v1/uploads/{proxy+}", "uploads"),
        ("/api/v1/uploadsx", "$default", "docs"),
        ("/docs", "$default", "docs"),
    ],
)
def test_paths_find_their_routes(path: str, key: str, function: str) -> None:
    route = match(path)

    assert (route.key, route.function.name) == (key, function)


def test_query_is_there_raw_and_parsed_with_repeats_joined() -> None:
    event = made(raw_query="a=1&b=%C3%A9+x&a=2&empty=")

    assert event["rawQueryString"] == "a=1&b=%C3%A9+x&a=2&empty="
    assert event["queryStringParameters"] == {"a": "1,2", "b": "é x", "empty": ""}


def test_no_query_is_no_field() -> None:
    assert "queryStringParameters" not in made()


def test_repeated_headers_are_joined_and_cookies_stand_apart() -> None:
    event = made(headers=[("x-a", "1"), ("x-a", "2"), ("cookie", "a=1; b=2"), ("cookie", "c=3")])

    assert headers_of(event)["x-a"] == "1,2"
    assert "cookie" not in headers_of(event)
    assert event["cookies"] == ["a=1", "b=2", "c=3"]


def test_source_address_is_the_peer_whatever_the_client_says() -> None:
    event = made(peer="192.0.2.7", headers=[("x-forwarded-for", "203.0.113.9"), ("user-agent", "test")])

    context = cast("dict[str, object]", event["requestContext"])
    assert context["http"] == {
        "method": "GET",
        "path": "/api/v1/users/me",
        "protocol": "HTTP/1.1",
        "sourceIp": "192.0.2.7",
        "userAgent": "test",
    }
    assert context["stage"] == "$default"
    assert headers_of(event)["x-forwarded-for"] == "203.0.113.9,192.0.2.7"


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "Application/JSON; charset=utf-8"])
def test_text_stays_text(kind: str) -> None:
    event = made(method="POST", body="é".encode(), headers=[("content-type", kind)])

    assert (event["body"], event["isBase64Encoded"]) == ("é", False)


@pytest.mark.parametrize("kind", ["image/png", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_other_bodies_come_in_base64(kind: str) -> None:
    event = made(method="POST", body=b"\x00\xff", headers=[("content-type", kind)])

    assert (event["body"], event["isBase64Encoded"]) == (base64.b64encode(b"\x00\xff").decode(), True)


def test_text_that_is_not_utf8_loses_nothing() -> None:
    event = made(method="POST", body=b'{"a": "\xff"}', headers=[("content-type", "application/json")])

    assert event["isBase64Encoded"] is True
    assert base64.b64decode(str(event["body"])) == b'{"a": "\xff"}'


def test_empty_body_is_no_field() -> None:
    event = made(method="POST")

    assert "body" not in event
    assert event["isBase64Encoded"] is False


def test_answer_has_status_headers_cookies_and_bytes() -> None:
    result = {
        "statusCode": 201,
        "headers": {"Content-Type": "image/png", "content-length": "99", "X-Number": 7},
        "cookies": ["a=1; Secure", "b=2"],
        "body": base64.b64encode(b"\x89PNG").decode(),
        "isBase64Encoded": True,
    }

    answer = http_event.answer(json.dumps(result).encode())

    assert (answer.status, answer.body) == (201, b"\x89PNG")
    assert answer.headers == [
        ("content-type", "image/png"),
        ("content-length", "99"),
        ("x-number", "7"),
        ("set-cookie", "a=1; Secure"),
        ("set-cookie", "b=2"),
    ]


def test_result_without_a_status_is_the_body() -> None:
    answer = http_event.answer(b'{"message": "hello"}')

    assert (answer.status, answer.body) == (200, b'{"message": "hello"}')
    assert answer.headers == [("content-type", "application/json")]


@pytest.mark.parametrize(
    "result",
    [{"statusCode": "x"}, {"statusCode": 200, "body": {}}, {"statusCode": 200, "body": "!", "isBase64Encoded": True}],
)
def test_malformed_answer_is_refused(result: dict[str, object]) -> None:
    with pytest.raises(BadAnswerError):
        http_event.answer(json.dumps(result).encode())


def test_answer_that_is_no_json_is_refused() -> None:
    with pytest.raises(BadAnswerError):
        http_event.answer(b"<html>")
