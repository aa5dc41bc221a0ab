"""Raw HTTP in, toy functions behind, raw HTTP out."""

import asyncio
import http.client
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from infra_local.environment import Host
from infra_local.functions import FUNCTIONS
from infra_local.gateway import BODY_LIMIT, Gateway
from infra_local.mail import Mailbox
from infra_local.page import Page
from infra_local.pool import Pool
from infra_local.runtime_api import PAYLOAD_LIMIT
from infra_local.server import make_server
from tests.infra_local.toy import wait_until, write_function, write_project

ANSWERS = """
import time

def handler(event, context):
    if "crash" in event["rawPath"]:
        raise ValueError("secret")
    if "slow" in event["rawPath"]:
        time.sleep(60)
    return {
        "statusCode": 201,
        "headers": {"x-made": "here", "content-length": "99"},
        "cookies": ["a=1", "b=2"],
        "body": "iVBORw==",
        "isBase64Encoded": True,
    }
"""


class Running:
    """A gateway in a thread of its own."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.port = 0
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))

    async def _run(self) -> None:
        host = Host(self._root, {}, self._root / "logs")
        pools = {function.name: Pool(function, host) for function in FUNCTIONS}
        page = Page(self._root / "web", storage="http://127.0.0.1:9", port=8)
        self._server = make_server(Gateway(pools, page, Mailbox("http://127.0.0.1:9")))
        listener = socket.create_server(("127.0.0.1", 0))
        self.port = listener.getsockname()[1]
        await self._server.serve(sockets=[listener])
        await asyncio.gather(*(pool.close() for pool in pools.values()))

    def __enter__(self) -> "Running":
        self._thread.start()
        wait_until(lambda: self.port > 0 and self._server.started, "the gateway")
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join()


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    root = write_project(tmp_path_factory.mktemp("project"))
    write_function(root, "uploads", ANSWERS)
    write_function(root, "auth", ANSWERS.replace("60", "0"))
    (root / "web" / "main.js").write_text("export {};")
    (root / "web" / "notes.py").write_text("")
    (root / "secret.txt").write_text("")
    with Running(root) as running:
        yield running.port


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def ask(port: int, method: str, target: str, body: bytes | None = None, **headers: str) -> Answer:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as connection:
        connection.putrequest(method, target, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        with connection.getresponse() as answer:
            return Answer(answer.status, answer.headers, answer.read())


def echoed(answer: Answer) -> dict[str, Any]:
    assert answer.status == 200
    return answer.json()


def test_request_becomes_an_event(port: int) -> None:
    event = echoed(
        ask(port, "PUT", "/api/v1/users/a%2Fb?x=1&x=%20", b'{"a":1}', Content_Type="application/json", X_A="b")
    )

    assert event["rawPath"] == "/api/v1/users/a/b"
    assert event["queryStringParameters"] == {"x": "1, "}
    assert event["rawQueryString"] == "x=1&x=%20"
    assert event["body"] == '{"a":1}'
    assert event["headers"]["x-a"] == "b"
    assert event["requestContext"]["http"]["sourceIp"] == "127.0.0.1"
    assert event["requestContext"]["http"]["method"] == "PUT"


def test_forged_forwarding_header_moves_no_address(port: int) -> None:
    event = echoed(ask(port, "GET", "/api/v1/users", X_Forwarded_For="203.0.113.9"))

    assert event["requestContext"]["http"]["sourceIp"] == "127.0.0.1"


def test_answer_comes_back_with_bytes_and_all_cookies(port: int) -> None:
    answer = ask(port, "POST", "/api/v1/uploads/")

    assert (answer.status, answer.body) == (201, b"\x89PNG")
    assert answer.headers["x-made"] == "here"
    assert answer.headers.get_all("set-cookie") == ["a=1", "b=2"]


def test_head_has_the_length_that_the_function_says_and_no_body(port: int) -> None:
    answer = ask(port, "HEAD", "/api/v1/uploads/")

    assert (answer.headers["content-length"], answer.body) == ("99", b"")


def test_head_of_the_page_has_its_length_and_no_body(port: int) -> None:
    answer = ask(port, "HEAD", "/main.js")

    assert (answer.headers["content-length"], answer.body) == ("10", b"")


def test_function_that_raises_is_500_without_its_words(port: int, capfd: pytest.CaptureFixture[str]) -> None:
    answer = ask(port, "GET", "/api/v1/auth/crash")

    assert (answer.status, answer.json()) == (500, {"message": "Internal Server Error"})
    assert "warning: auth: ValueError: secret" in capfd.readouterr().err


@pytest.mark.slow
def test_function_over_its_timeout_is_503(port: int) -> None:
    answer = ask(port, "GET", "/api/v1/uploads/slow")

    assert (answer.status, answer.json()) == (503, {"message": "Service Unavailable"})


def test_body_over_10_mb_is_413_though_all_of_it_is_sent(port: int) -> None:
    answer = ask(port, "POST", "/api/v1/users", b"x" * (BODY_LIMIT + 1), Content_Type="text/plain")

    assert (answer.status, answer.json()) == (413, {"message": "Request Entity Too Large"})


def test_event_over_6_mb_is_413(port: int) -> None:
    answer = ask(port, "POST", "/api/v1/users", b"x" * PAYLOAD_LIMIT, Content_Type="text/plain")

    assert answer.status == 413


@pytest.mark.parametrize("size", [8193, 200_000])
def test_url_over_8_kb_is_414(port: int, size: int) -> None:
    answer = ask(port, "GET", f"/api/v1/users?{'x' * size}")

    assert (answer.status, answer.json()) == (414, {"message": "Request-URI Too Long"})


def test_headers_over_10_kb_are_431(port: int) -> None:
    answer = ask(port, "GET", "/api/v1/users", X_A="x" * 10240)

    assert answer.status == 431


def test_page_is_served_with_its_headers(port: int) -> None:
    answer = ask(port, "GET", "/")

    assert (answer.status, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert b"Toy" in answer.body
    assert answer.headers["content-security-policy"] == (
        "default-src 'self'; connect-src 'self' http://127.0.0.1:9 ws://localhost:8 ws://127.0.0.1:8"
    )
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-request-id"]


@pytest.mark.parametrize(("given", "kept"), [("mine-1", True), ("not <sane>", False)])
def test_page_tells_the_id_of_the_request(port: int, given: str, kept: bool) -> None:
    told = ask(port, "GET", "/", X_Request_ID=given).headers["x-request-id"]

    assert told
    assert (told == given) == kept


def test_script_of_the_page_has_a_type_that_browsers_run(port: int) -> None:
    assert ask(port, "GET", "/main.js").headers["content-type"] == "text/javascript; charset=utf-8"


@pytest.mark.parametrize(
    "target", ["/notes.py", "/../secret.txt", "/%2e%2e/secret.txt", "/main.js/", "/web/main.js", "/%00.js"]
)
def test_what_is_no_file_of_the_page_goes_to_docs(port: int, target: str) -> None:
    assert echoed(ask(port, "GET", target))["routeKey"] == "$default"
