"""Logs tell what an operator needs, and nothing that a caller would not want told."""

import contextlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared import errors, observability, settings
from shared.db import connection
from shared.repositories import users
from tests.support.api import Api, invoke
from tests.support.factories import Account, make_account, make_file
from tests.support.logs import captured_logs
from tests.support.queues import deliver, drain, empty_outbox, object_created, sqs_event, work_outbox
from tests.support.sockets import SocketGateway
from tests.support.storage import put
from tests.support.uploads import TEXT, UPLOADS, key_of, upload_body
from tools import openapi

_MARK = "Zq7xJ2Kd9Wm4Rt5v"
_SECRET_FIELD = re.compile(r"password|token")
_ROOT = Path(__file__).parents[2]
_QUERIES = _ROOT / "docs" / "observability.md"
_DOCUMENT = openapi.document()


def _operations() -> Iterator[Any]:
    for path, item in _DOCUMENT["paths"].items():
        for method, operation in item.items():
            yield pytest.param(method.upper(), path, operation, id=operation["operationId"])


def _attacks(path: str, operation: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The name of a field, and the path and options of a request that has the mark in it."""
    example = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("example", {})
    plain = re.sub(r"{\w+}", "0190c5d0-0000-7000-8000-000000000000", path)
    body = {"json": example} if example else {}
    for name in example:
        for value in (_MARK, f"{_MARK}\0", [_MARK], {"x": _MARK}, _MARK * 300):
            yield name, plain, {"json": {**example, name: value}}
    for parameter in operation.get("parameters", ()):
        name = parameter["name"]
        if parameter["in"] == "query":
            yield name, plain, {**body, "query": {name: _MARK}}
        elif parameter["in"] == "header":
            yield name, plain, {**body, "headers": {name: _MARK}}
        else:
            yield name, path.replace(f"{{{name}}}", _MARK), body
    yield "token", plain, {**body, "token": _MARK}
    yield "token", plain, {**body, "headers": {"Authorization": f"Basic {_MARK}", "Cookie": _MARK, "Referer": _MARK}}


@pytest.mark.parametrize(("method", "path", "operation"), [*_operations()])
def test_no_field_gets_into_a_log_and_no_secret_into_an_answer(
    api: Api, capsys: pytest.CaptureFixture[str], method: str, path: str, operation: dict[str, Any]
) -> None:
    with captured_logs() as logs:
        for name, target, options in _attacks(path, operation):
            given: dict[str, Any] = {"token": make_account(role="admin").token, **options}
            answer = api.request(method, target, **given)
            if answer.status >= 400 or _SECRET_FIELD.search(name):
                assert _MARK not in answer.body.decode() + str(answer.headers), f"{name} in the answer"

    assert [line for line in logs.text if _MARK in line] == []
    assert _MARK not in capsys.readouterr().out


def test_a_request_leaves_one_line_that_says_everything(api: Api, author: Account) -> None:
    with captured_logs() as logs:
        api.get(f"{UPLOADS}/0190c5d0-0000-7000-8000-000000000000", token=author.token, headers={"X-Request-ID": "r-1"})

    (line,) = logs.lines
    assert line["timestamp"].endswith(("Z", "+00:00"))
    assert (
        line.items()
        >= {
            "level": "INFO",
            "message": "request",
            "request_id": "r-1",
            "function_request_id": "00000000-0000-0000-0000-000000000000",
            "method": "GET",
            "route": "/api/v1/uploads/{upload_id}",
            "upload_id": "0190c5d0-0000-7000-8000-000000000000",
            "status": 404,
            "user_id": str(author.id),
        }.items()
    )
    assert isinstance(line["cold_start"], bool)
    assert line["duration_ms"] > 0


def test_every_metric_is_told_of() -> None:
    sources = [
        path.read_text(encoding="utf-8") for room in ("shared", "functions") for path in (_ROOT / room).rglob("*.py")
    ]
    counted = set(re.findall(r'\bcount\(\s*"(\w+)"', "\n".join(sources)))

    assert len(counted) > 10
    assert {name for name in counted if f"`{name}`" not in _QUERIES.read_text(encoding="utf-8")} == set()


def _query(title: str) -> str:
    """The query of the documentation under that title."""
    section = _QUERIES.read_text(encoding="utf-8").partition(f"### {title}\n")[2]
    return section.partition("```\n")[2].partition("```")[0]


def _run(query: str, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What CloudWatch Logs Insights finds, of the few commands that the query uses."""
    found = lines
    for name, value in re.findall(r'filter (\w+) = "(.*)"', query):
        found = [line for line in found if line.get(name) == value]
    for name in re.findall(r"filter ispresent\((\w+)\)", query):
        found = [line for line in found if line.get(name) is not None]
    names = re.findall(r"\w+", query.partition("fields @timestamp, ")[2].partition("\n")[0])
    return [{name: line.get(name) for name in names} for line in sorted(found, key=lambda line: line["timestamp"])]


def test_one_query_tells_why_an_upload_was_rejected(api: Api, author: Account) -> None:
    with captured_logs() as logs:
        body = upload_body(b"%PDF-1.7\n", content_type="text/plain")
        headers = {"X-Request-ID": "the-browsers-own"}
        created = api.post(UPLOADS, token=author.token, json=body, headers=headers).json()
        version = put(created["upload"], b"%PDF-1.7\n").headers["x-amz-version-id"]
        deliver(object_created(key_of(created["id"]), version))

    query = _query("Why was upload X rejected?").replace('"X"', f'"{created["id"]}"')
    assert _run(query, logs.lines) == [
        {
            "message": "upload settled",
            "status": "rejected",
            "reason": "TYPE_MISMATCH",
            "user_id": str(author.id),
            "request_id": "the-browsers-own",
        }
    ]


def test_every_line_of_an_uploads_life_has_its_id_and_that_of_the_request(api: Api, author: Account) -> None:
    work_outbox()
    with captured_logs() as logs:
        headers = {"X-Request-ID": "first"}
        created = api.post(UPLOADS, token=author.token, json=upload_body(), headers=headers).json()
        version = put(created["upload"], TEXT).headers["x-amz-version-id"]
        deliver(object_created(key_of(created["id"]), version))
        api.delete(f"{UPLOADS}/{created['id']}", token=author.token, headers={"X-Request-ID": "last"})
        work_outbox()

    about = [(line["message"], line.get("kind"), line["request_id"]) for line in logs.lines if "upload_id" in line]
    assert {line["upload_id"] for line in logs.lines if "upload_id" in line} == {created["id"]}
    assert about[:2] == [("request", None, "first"), ("upload settled", None, "first")]
    assert ("request", None, "last") in about
    assert {("outbox work done", "send_notice", "first"), ("outbox work done", "delete_object", "last")} <= set(about)


def test_work_of_sockets_sessions_and_archives_has_the_id_of_its_request(
    api: Api, author: Account, sockets: SocketGateway
) -> None:
    empty_outbox()
    drain(settings.archive_queue().archive_queue_url)
    file = make_file(author)
    with captured_logs() as logs:
        socket = sockets.open(author.token)
        body = {"filename": "other.pdf"}
        api.patch(f"{UPLOADS}/{file.id}", token=author.token, json=body, headers={"X-Request-ID": "rename"})
        api.post("/api/v1/users/me/export", token=author.token, headers={"X-Request-ID": "copy"})
        work_outbox()
        invoke("archives", sqs_event(*drain(settings.archive_queue().archive_queue_url)))
        api.post("/api/v1/auth/logout", token=author.token, headers={"X-Request-ID": "leave"})
        work_outbox()

    lines = [line for line in logs.lines if line["message"] != "request"]
    assert {(line.get("kind", line["message"]), line["request_id"]) for line in lines} == {
        ("socket opened", f"socket-{socket.id}"),
        ("greet_socket", f"socket-{socket.id}"),
        ("send_notice", "rename"),
        ("make_archive", "copy"),
        ("archive made", "copy"),
        ("send_notice", "copy"),
        ("mail", "copy"),
        ("end_sockets", "leave"),
    }
    assert [line["request_id"] for line in lines if line.get("upload_id") == str(file.id)] == ["rename"]


def test_messages_on_queues_carry_the_request(api: Api, author: Account) -> None:
    created = api.post(UPLOADS, token=author.token, json=upload_body()).json()
    put(created["upload"], TEXT)
    with captured_logs() as logs:
        message = {**object_created(key_of(created["id"])), "request_id": "of-complete"}
        deliver(message)

    assert {line["request_id"] for line in logs.lines} == {"of-complete"}


@pytest.mark.parametrize(
    "message",
    [
        "duplicate key\nDETAIL:  Key (lower(email))=(eve@example.org) already exists.",
        "invalid literal for int() with base 10: 'eve@example.org'",
        "mail to eve@example.org refused",
        "no access with eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl",
        "cannot reach https://bucket.example.org/key?X-Amz-Signature=abcdef",
        "1 validation error for Upload\nfilename\n  bad [input_value='eve@example.org']",
    ],
)
def test_an_exception_is_logged_without_what_it_quotes(message: str) -> None:
    with captured_logs() as logs:
        try:
            raise RuntimeError("outer") from ValueError(message)
        except RuntimeError:
            observability.logger.exception("unexpected error")

    (line,) = logs.lines
    assert "ValueError" in line["exception"]
    assert "test_logs.py" in line["exception"]
    for secret in ("eve@", "eyJ", "X-Amz-Signature"):
        assert secret not in json.dumps(line)


def test_a_broken_constraint_is_logged_without_its_values() -> None:
    taken, other = make_account(), "other@example.org"
    with captured_logs() as logs, contextlib.suppress(errors.ConflictError), connection() as conn:
        try:
            users.insert(conn, username=taken.username, email=other, password_hash="x")
        except errors.ConflictError:
            observability.logger.exception("unexpected error")
            raise

    assert "UniqueViolation" in logs.text[0]
    assert taken.username not in logs.text[0]
