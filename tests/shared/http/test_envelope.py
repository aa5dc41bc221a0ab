"""One envelope for every error, and the frame around every answer."""

import re
from typing import Any, NoReturn

import pytest

from shared import db, settings
from tests.support.acting import acting_as
from tests.support.api import Answer, Api, event, invoke
from tests.support.factories import Account
from tests.support.logs import captured_logs

SECURITY_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "x-xss-protection": "1; mode=block",
    "strict-transport-security": "max-age=31536000; includeSubDomains",
    "content-security-policy": "default-src 'self'",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}


def check_frame(answer: Answer) -> None:
    assert answer.headers.items() >= SECURITY_HEADERS.items()
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f-]{21}", answer.headers["x-request-id"])


def check_envelope(answer: Answer, status: int, code: str) -> None:
    check_frame(answer)
    assert answer.headers["content-type"] == "application/json"
    assert (answer.status, set(answer.json()), set(answer.error)) == (
        status,
        {"error"},
        {"code", "message", "details", "timestamp", "request_id"},
    )
    assert answer.error_code == code
    assert answer.error["message"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", answer.error["timestamp"])
    assert answer.error["request_id"] == answer.headers["x-request-id"]


def test_success_has_the_frame(api: Api, author: Account) -> None:
    check_frame(api.get("/api/v1/users/me", token=author.token))


@pytest.mark.parametrize(
    "path",
    ["/", "/nowhere", "/api/v1", "/api/v1/nowhere", "/api/v1/auth/nowhere", "/api/v1/users/me/x"],
)
def test_an_unknown_route_is_404(api: Api, path: str) -> None:
    check_envelope(api.get(path), 404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("DELETE", "/api/v1/auth/login", "POST"),
        ("GET", "/api/v1/auth/login", "POST"),
        ("HEAD", "/api/v1/auth/login", "POST"),
        ("PATCH", "/api/v1/auth/me", "GET, HEAD"),
        ("OPTIONS", "/api/v1/auth/me", "GET, HEAD"),
        ("TRACE", "/api/v1/health/live", "GET, HEAD"),
        ("PUT", "/api/v1/uploads/0190a0a0-0000-7000-8000-000000000000/url", "POST"),
        ("POST", "/docs", "GET, HEAD"),
    ],
)
def test_a_wrong_method_is_405_and_tells_the_right_ones(api: Api, method: str, path: str, allow: str) -> None:
    answer = api.request(method, path)

    assert answer.status == 405
    assert answer.headers["allow"] == allow
    if method != "HEAD":
        check_envelope(answer, 405, "METHOD_NOT_ALLOWED")


def test_a_wrong_method_is_told_all_methods_of_the_resource(api: Api) -> None:
    allowed = api.request("PATCH", "/api/v1/users/me").headers["allow"].split(", ")

    assert {"GET", "HEAD", "PUT"} <= set(allowed)


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"nonsense",
        b"{'a': 1}",
        b'{"a": 1}x',
        b"[" * 30_000,
        b'{"username": "a\xff"}',
        b'{"a":' + b"1" * 5000 + b"}",
        b"\x00",
    ],
)
def test_a_body_that_is_no_json_is_400(api: Api, raw: bytes) -> None:
    answer = api.post("/api/v1/auth/login", raw=raw, headers={"Content-Type": "application/json"})

    check_envelope(answer, 400, "MALFORMED_REQUEST")


def test_a_body_in_broken_base64_is_400() -> None:
    made = event("POST", "/api/v1/auth/login", headers={"Content-Type": "application/json"})
    for body in ("?", "abc", "é"):
        result = invoke("auth", {**made, "body": body, "isBase64Encoded": True})
        assert (result["statusCode"], "MALFORMED_REQUEST" in result["body"]) == (400, True)


@pytest.mark.parametrize("raw", [b"null", b"[]", b'"x"', b"5", b"true"])
def test_json_that_is_no_object_is_422(api: Api, raw: bytes) -> None:
    answer = api.post("/api/v1/auth/login", raw=raw, headers={"Content-Type": "application/json"})

    check_envelope(answer, 422, "VALIDATION_ERROR")


@pytest.mark.parametrize("headers", [{}, {"Content-Type": "application/json"}])
def test_an_empty_body_where_one_is_due_is_422(api: Api, headers: dict[str, str]) -> None:
    check_envelope(api.post("/api/v1/auth/login", headers=headers), 422, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    "media_type",
    ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonx"],
)
def test_another_media_type_is_415(api: Api, media_type: str) -> None:
    headers = {"Content-Type": media_type} if media_type else {}

    check_envelope(api.post("/api/v1/auth/login", raw=b"{}", headers=headers), 415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize(
    "media_type", ["application/json", "Application/JSON; charset=UTF-8", "application/merge-patch+json"]
)
def test_json_by_any_of_its_names_is_read(api: Api, media_type: str) -> None:
    answer = api.post("/api/v1/auth/login", raw=b"{}", headers={"Content-Type": media_type})

    assert answer.status == 422


@pytest.mark.parametrize("path", ["/api/v1/uploads", "/api/v1/uploads/"])
def test_multipart_to_uploads_is_told_how_uploads_work(api: Api, path: str) -> None:
    answer = api.post(path, raw=b"--x", headers={"Content-Type": "multipart/form-data; boundary=x"})

    check_envelope(answer, 415, "UNSUPPORTED_MEDIA_TYPE")
    assert "PUT" in answer.error["message"]


def test_a_body_over_64_kib_is_413_and_one_of_64_kib_is_read(api: Api) -> None:
    body = b'{"username": "ada", "password": "%s"}'
    fits = body % (b"x" * (64 * 1024 - len(body) + 2))
    headers = {"Content-Type": "application/json"}

    assert len(fits) == 64 * 1024
    assert api.post("/api/v1/auth/login", raw=fits, headers=headers).status == 401
    check_envelope(api.post("/api/v1/auth/login", raw=fits + b" ", headers=headers), 413, "PAYLOAD_TOO_LARGE")


def test_an_unexpected_exception_is_500_and_its_stack_is_in_the_log_only(
    api: Api, author: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> NoReturn:
        raise RuntimeError("secret-of-the-house in table users")

    monkeypatch.setattr("functions.users.service.update_me", fail)

    with captured_logs() as logs:
        answer = api.put("/api/v1/users/me", token=author.token, json={"username": "somebody"})

    check_envelope(answer, 500, "INTERNAL_ERROR")
    assert "secret-of-the-house" not in answer.body.decode()
    (logged,) = [line for line in logs.lines if line["level"] == "ERROR"]
    assert "secret-of-the-house" in logged["exception"]
    assert logged["request_id"] == answer.headers["x-request-id"]
    (line,) = logs.requests
    assert (line["status"], line["request_id"]) == (500, answer.headers["x-request-id"])


def test_database_down_is_503_and_the_function_recovers_by_itself(
    api: Api, author: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REVIEWPOINT_DB_URL", "postgresql://postgres@127.0.0.1:1/none")
    settings.database.cache_clear()
    db.close()
    try:
        answer = api.get("/api/v1/users/me", token=author.token)
        check_envelope(answer, 503, "SERVICE_UNAVAILABLE")
        assert int(answer.headers["retry-after"]) > 0
        assert "127.0.0.1" not in answer.body.decode()
    finally:
        monkeypatch.undo()
        settings.database.cache_clear()

    assert api.get("/api/v1/users/me", token=author.token).status == 200


def test_a_cut_connection_is_503_once(api: Api, author: Account) -> None:
    api.get("/api/v1/users/me", token=author.token)
    _end_backend()

    answers = [api.get("/api/v1/users/me", token=author.token) for _ in range(2)]

    check_envelope(answers[0], 503, "SERVICE_UNAVAILABLE")
    assert answers[1].status == 200


def _end_backend() -> None:
    import psycopg

    with acting_as("users"), db.connection() as conn:
        pid = conn.info.backend_pid
    with psycopg.connect(db.address(), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def test_head_answers_as_get_without_a_body(api: Api, author: Account) -> None:
    get = api.get("/api/v1/users/me", token=author.token)
    head = api.request("HEAD", "/api/v1/users/me", token=author.token)

    assert (head.status, head.body) == (200, b"")
    assert head.headers["content-length"] == get.headers["content-length"]
    assert head.headers["content-type"] == get.headers["content-type"]
    assert api.request("HEAD", "/api/v1/users/me").status == 401
    assert api.request("HEAD", "/docs").status == 200


@pytest.mark.parametrize("path", ["/api/v1/uploads", "/api/v1/health", "/api/v1/users/me"])
def test_a_trailing_slash_changes_nothing(api: Api, author: Account, path: str) -> None:
    assert api.get(path, token=author.token).status == 200
    assert api.get(f"{path}/", token=author.token).status == 200


@pytest.mark.parametrize("sane", ["abc", "0190a0a0-0000-7000-8000-000000000000", "Root=1-2:3/4+5", "x" * 128])
def test_a_sane_request_id_of_the_caller_comes_back(api: Api, sane: str) -> None:
    answer = api.get("/api/v1/users/me", headers={"X-Request-ID": sane})

    assert (answer.headers["x-request-id"], answer.error["request_id"]) == (sane, sane)


@pytest.mark.parametrize("insane", ["", " ", "a b", "x" * 129, "<script>", 'a"b', "ä", "a\tb", "${x}"])
def test_an_insane_request_id_is_replaced(api: Api, insane: str) -> None:
    check_envelope(api.get("/api/v1/users/me", headers={"X-Request-ID": insane}), 401, "AUTHENTICATION_REQUIRED")


def test_unknown_query_parameters_are_ignored(api: Api, author: Account) -> None:
    assert api.get("/api/v1/users/me", token=author.token, query={"x": "y", "limit": "no"}).status == 200


def test_an_unknown_field_is_named_without_framework_words(api: Api, author: Account) -> None:
    answer = api.put("/api/v1/users/me", token=author.token, json={"username": "newname", "body": {"x": 1}})

    check_envelope(answer, 422, "VALIDATION_ERROR")
    details = answer.error["details"]
    assert (details["field"], details["errors"]) == ("body", [{"field": "body", "issue": details["issue"]}])


def test_a_nested_field_is_a_dotted_path(api: Api, author: Account) -> None:
    answer = api.post("/api/v1/uploads", token=author.token, json={"filename": {"name": 1}, "is_public": "x"})

    fields = {problem["field"] for problem in answer.error["details"]["errors"]}
    assert {"filename", "is_public", "content_type", "file_size"} == fields


def test_very_many_problems_are_told_of_in_part(api: Api) -> None:
    answer = api.post("/api/v1/auth/login", json={f"field{n}\ud800" + "x" * 200: 1 for n in range(200)})

    check_envelope(answer, 422, "VALIDATION_ERROR")
    assert len(answer.error["details"]["errors"]) <= 50
    assert len(answer.body) < 20_000


def test_one_log_line_a_request_and_nothing_private_in_it(api: Api, author: Account) -> None:
    with captured_logs() as logs:
        api.get("/api/v1/uploads/0190a0a0-0000-7000-8000-000000000000", token=author.token, query={"q": "private"})

    (line,) = logs.requests
    assert (line["method"], line["status"], line["user_id"]) == ("GET", 404, str(author.id))
    assert line["route"] == "/api/v1/uploads/{upload_id}"
    assert {"timestamp", "level", "request_id", "function_request_id", "cold_start", "duration_ms"} <= set(line)
    text = "".join(logs.text)
    for private in (author.token, author.email, "private", "uploads/0190a0a0"):
        assert private not in text
