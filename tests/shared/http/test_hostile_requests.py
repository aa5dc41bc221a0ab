"""Requests that no honest client sends: each is refused in the envelope, by the right code."""

import base64
from typing import Any

import pytest

from tests.support.api import Answer, Api, event, function_of, invoke, read_answer
from tests.support.factories import Account

_LOGIN = "/api/v1/auth/login"
_ME = "/api/v1/users/me"
_LIST = "/api/v1/uploads"


def _send(made: dict[str, Any]) -> Answer:
    return read_answer(invoke(function_of(made["rawPath"]), made))


@pytest.mark.parametrize(
    "body",
    [
        b'{"username": NaN, "password": "x"}',
        b'{"username": "x", "password": -Infinity}',
        '{"username": "x", "password": "y"}'.encode("utf-16-le"),
        '{"username": "x", "password": "y"}'.encode("utf-32-be"),
        b'{"username": "\xe9", "password": "y"}',
        b'{"username": ' + b"9" * 5000 + b"}",
        b"[" * 30_000,
        b"{'username': 'x'}",
        b'{"username": "x"} // y',
        b"   ",
    ],
    ids=["nan", "infinity", "utf-16", "utf-32", "latin-1", "long-number", "deep", "quotes", "comment", "spaces"],
)
def test_what_is_not_json_in_utf8_is_400(api: Api, body: bytes) -> None:
    answer = api.post(_LOGIN, raw=body, headers={"Content-Type": "application/json"})

    assert (answer.status, answer.error_code) == (400, "MALFORMED_REQUEST")


def test_the_word_nan_inside_a_text_is_fine(api: Api) -> None:
    answer = api.post(_LOGIN, json={"username": "NaN Infinity", "password": "x"})

    assert answer.error_code == "INVALID_CREDENTIALS"


@pytest.mark.parametrize("body", [b"null", b"[]", b"1", b'"x"', b"true", b""])
def test_a_body_that_is_no_object_is_422(api: Api, body: bytes) -> None:
    answer = api.post(_LOGIN, raw=body, headers={"Content-Type": "application/json"})

    assert (answer.status, answer.error_code) == (422, "VALIDATION_ERROR")
    assert answer.error["details"]["field"] == "body"


@pytest.mark.parametrize("depth", [10, 450, 900])
@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_a_deeply_nested_value_is_422(api: Api, depth: int, opening: bytes, closing: bytes) -> None:
    """Cleaning the text in nested lists used to run out of stack: 500."""
    body = b'{"username":' + opening * depth + b"1" + closing * depth + b"}"

    answer = api.post(_LOGIN, raw=body, headers={"Content-Type": "application/json"})

    assert (answer.status, answer.error["details"]["field"]) == (422, "username")


@pytest.mark.parametrize("value", ["\0", "a\nb", "\x1b[31m", "\x7f", "\x85"])
def test_control_characters_in_a_body_or_a_query_are_422(api: Api, author: Account, value: str) -> None:
    in_body = api.put(_ME, token=author.token, json={"username": value})
    in_query = api.get(_LIST, token=author.token, query={"q": value})

    assert (in_body.status, in_body.error["details"]["field"]) == (422, "username")
    assert (in_query.status, in_query.error["details"]["field"]) == (422, "q")


@pytest.mark.parametrize("key", ["\ud800", "\0", "k" * 60_000, "__proto__", ""])
def test_a_strange_key_is_422_and_is_not_given_back_at_length(api: Api, key: str) -> None:
    answer = api.post(_LOGIN, json={"username": "x", "password": "y", key: 1})

    assert (answer.status, answer.error_code) == (422, "VALIDATION_ERROR")
    assert len(answer.body) < 2000


def test_thousands_of_unknown_fields_give_a_bounded_answer(api: Api) -> None:
    answer = api.post(_LOGIN, json={f"k{number}": 1 for number in range(4000)})

    assert answer.status == 422
    assert len(answer.error["details"]["errors"]) == 50


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json; charset=utf-8", 401),
        ('APPLICATION/JSON;charset="UTF-8"', 401),
        ("application/vnd.api+json", 401),
        ("application/json; charset=utf-16", 415),
        ("application/json; charset=iso-8859-1", 415),
        ("application/json, text/plain", 415),
        ("application/jsonx", 415),
        ("text/json", 415),
        ("", 415),
        ("\xe9", 415),
    ],
)
def test_the_media_type_decides_whether_a_body_is_read(api: Api, content_type: str, status: int) -> None:
    body = b'{"username": "nobody", "password": "x"}'

    answer = api.post(_LOGIN, raw=body, headers={"Content-Type": content_type})

    assert answer.status == status


@pytest.mark.parametrize(
    "changes",
    [
        {"body": "!!!", "isBase64Encoded": True},
        {"body": "\ud800", "isBase64Encoded": False},
        {"rawQueryString": "limit=\ud800"},
        {"headers": {"authorization": "Bearer \ud800"}},
        {"headers": {"host": "a:b:c"}},
        {"cookies": ["a=\ud800"]},
    ],
    ids=["base64", "body", "query", "header", "host", "cookie"],
)
def test_an_event_that_cannot_be_read_is_400(changes: dict[str, Any]) -> None:
    """Mangum raises on these, which the gateway would have made an answer without envelope of."""
    answer = _send(event("POST", _LOGIN, headers={"Content-Type": "application/json"}, body=b"{}") | changes)

    assert (answer.status, answer.error_code) == (400, "MALFORMED_REQUEST")
    assert answer.headers["x-request-id"] == answer.error["request_id"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/users/me/", 200),
        ("/api/v1/users/me//", 404),
        ("//api/v1/users/me", 404),
        ("/api/v1//users/me", 404),
        ("/API/v1/users/me", 404),
        ("/api/v1/users/me;x=1", 403),
        ("/api/v1/uploads/../users/me", 404),
        ("/api/v1/uploads/%00", 422),
        ("/api/v1/uploads/\0", 422),
        ("/api/v1/uploads/%c3%28", 422),
        ("/api/v1/uploads/%2f", 404),
        ("/api/v1/uploads/\ud800", 422),
        ("/api/v1/uploads/" + "a" * 5000, 422),
        ("", 404),
        ("/", 404),
    ],
)
def test_a_strange_path_is_404_or_422(api: Api, author: Account, path: str, status: int) -> None:
    assert api.get(path, token=author.token).status == status


@pytest.mark.parametrize("given", ["a" * 129, "\xe9", "a b", "a\nb", "<x>", "a,b", ""])
def test_an_insane_request_id_is_replaced(api: Api, given: str) -> None:
    answer = api.get("/api/v1/health/live", headers={"X-Request-ID": given})

    assert len(answer.headers["x-request-id"]) == 36


@pytest.mark.parametrize("given", ["a", "A-Z.0:9/_+=", "a" * 128])
def test_a_sane_request_id_is_kept(api: Api, given: str) -> None:
    answer = api.get("/api/v1/health/live", headers={"X-Request-ID": given})

    assert answer.headers["x-request-id"] == given


@pytest.mark.parametrize("method", ["PATCH", "TRACE", "CONNECT", "OPTIONS", "get", "BREW"])
def test_a_method_of_no_route_is_405_with_those_that_there_are(api: Api, method: str) -> None:
    answer = api.request(method, _LIST, headers={"X-HTTP-Method-Override": "GET"})

    assert (answer.status, answer.error_code) == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize("path", [_ME, _LIST, "/api/v1/health", "/openapi.json", "/docs", "/nothing", _LOGIN])
def test_head_is_get_without_a_body(api: Api, author: Account, path: str) -> None:
    head, get = api.request("HEAD", path, token=author.token), api.get(path, token=author.token)

    assert (head.status, head.body) == (get.status, b"")
    assert head.headers.keys() == get.headers.keys()
    assert head.headers["content-type"] == get.headers["content-type"]


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        ("Basic YTpi", "AUTHENTICATION_REQUIRED"),
        ("Bearer", "AUTHENTICATION_REQUIRED"),
        ("Bearer ", "AUTHENTICATION_REQUIRED"),
        ("Token x", "AUTHENTICATION_REQUIRED"),
        ("Bearer \xe9", "TOKEN_INVALID"),
        ("Bearer a b", "TOKEN_INVALID"),
        ("Bearer ....", "TOKEN_INVALID"),
        ("Bearer " + base64.urlsafe_b64encode(b'{"a":' + b"[" * 4000).decode() + ".e30.x", "TOKEN_INVALID"),
        ("Bearer bnVsbA.e30.x", "TOKEN_INVALID"),
    ],
)
def test_a_strange_authorization_is_401(api: Api, authorization: str, code: str) -> None:
    answer = api.get(_ME, headers={"Authorization": authorization})

    assert (answer.status, answer.error_code) == (401, code)
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("limit", ["abc", "0", "101", "-1", "", "1e2", "9" * 5000, "\u0663"])
def test_a_limit_out_of_range_is_422(api: Api, author: Account, limit: str) -> None:
    answer = api.get(_LIST, token=author.token, query={"limit": limit})

    assert (answer.status, answer.error["details"]["field"]) == (422, "limit")
