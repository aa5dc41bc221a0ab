"""Sockets of the running system, by a client of another make: what users see, and when."""

import json
import statistics
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.e2e.steps import PASSWORD, somebody
from tests.e2e.system import System, running

pytestmark = pytest.mark.slow

UPLOADS = ["upload.processing", "upload.completed", "upload.deleted", "system.notification"]
SOON = 10.0
"""Seconds; what is promised within one is measured, since other tests may run on the same machine."""


@dataclass
class User:
    """Somebody who is signed in."""

    url: str
    token: str
    refresh_token: str

    def call(self, method: str, path: str, body: Any = None) -> Any:
        return _call(self.url, method, path, body, self.token)

    def upload(self) -> str:
        """Send a small file; its id."""
        described = {"filename": "notes.txt", "content_type": "text/plain", "file_size": 5}
        created = self.call("POST", "/uploads/", described)
        sending = created["upload"]
        request = urllib.request.Request(sending["url"], method="PUT", data=b"hello", headers=sending["headers"])
        urllib.request.urlopen(request, timeout=30).close()
        return created["id"]


def _call(url: str, method: str, path: str, body: Any, token: str | None) -> Any:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{url}/api/v1{path}", method=method, data=data, headers=headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read() or b"null")


class Client:
    """A client's end of a socket."""

    def __init__(self, url: str, token: str, events: Sequence[str] = ()) -> None:
        self.connection: ClientConnection = _open(url, "reviewpoint.v1", f"bearer.{token}")
        self.subprotocol = self.connection.subprotocol
        assert self.next()["type"] == "connection.established"
        if events:
            self.send({"type": "subscribe", "data": {"events": list(events)}})
            assert self.next()["type"] == "subscription.acknowledged"

    def send(self, message: Any) -> None:
        self.connection.send(json.dumps(message))

    def next(self, timeout: float = SOON) -> dict[str, Any]:
        return json.loads(self.connection.recv(timeout=timeout))

    def is_silent(self) -> bool:
        """Whether nothing comes but the answer to a ping."""
        self.send({"type": "ping"})
        return self.next()["type"] == "pong"

    def close_code(self) -> int | None:
        """The code it is closed with."""
        try:
            while True:
                self.next()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None


def _open(url: str, *protocols: str) -> ClientConnection:
    address = url.replace("http", "ws") + "/ws"
    # The type of a subprotocol is its library's own; compressed frames API Gateway does not know.
    offered: Any = list(protocols) or None
    opened = connect(address, subprotocols=offered, compression=None, open_timeout=30, legacy=True)
    _opened.append(opened)
    return opened


_opened: list[ClientConnection] = []


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    while _opened:
        _opened.pop().close()


@pytest.fixture(scope="module")
def stack() -> Iterator[System]:
    with running() as system:
        yield system


@pytest.fixture
def sign_up(stack: System) -> Any:
    def sign_up() -> User:
        person = somebody()
        account = {"username": person.username, "email": person.email, "password": PASSWORD}
        _call(stack.url, "POST", "/auth/register", account, None)
        login = {"username": person.username, "password": PASSWORD}
        pair = _call(stack.url, "POST", "/auth/login", login, None)
        return User(stack.url, pair["access_token"], pair["refresh_token"])

    return sign_up


def test_steps_of_an_upload_come_to_their_user_alone(stack: System, sign_up: Any) -> None:
    ada, bob = sign_up(), sign_up()
    tabs = [Client(stack.url, ada.token, UPLOADS) for _ in range(2)]
    other = Client(stack.url, bob.token, UPLOADS)

    upload_id = ada.upload()

    told = [(tab.next(), tab.next()) for tab in tabs]
    assert told[0] == told[1]
    assert [message["type"] for message in told[0]] == ["upload.processing", "upload.completed"]
    assert told[0][1]["data"] == {
        "upload_id": upload_id,
        "filename": "notes.txt",
        "status": "available",
        "reason": None,
    }
    assert other.is_silent()


def test_time_from_the_bytes_to_the_verdict(stack: System, sign_up: Any) -> None:
    ada = sign_up()
    tab = Client(stack.url, ada.token, ["upload.completed"])
    seconds: list[float] = []
    for _ in range(20):
        upload_id = ada.upload()
        sent = time.perf_counter()
        assert tab.next()["data"]["upload_id"] == upload_id
        seconds.append(time.perf_counter() - sent)

    sys.stdout.write(
        f"\nfrom PUT to upload.completed: median {statistics.median(seconds):.3f} s, most {max(seconds):.3f} s\n"
    )
    assert statistics.median(seconds) < SOON


@pytest.mark.parametrize("protocols", [(), ("reviewpoint.v1",), ("reviewpoint.v1", "bearer.no")])
def test_no_or_a_bad_token_is_401_at_the_handshake(stack: System, protocols: tuple[str, ...]) -> None:
    with pytest.raises(InvalidStatus) as refused:
        _open(stack.url, *protocols)

    assert refused.value.response.status_code == 401


def test_the_protocol_is_selected(stack: System, sign_up: Any) -> None:
    assert Client(stack.url, sign_up().token).subprotocol == "reviewpoint.v1"


def test_a_session_that_ends_closes_its_socket(stack: System, sign_up: Any) -> None:
    ada = sign_up()
    tab = Client(stack.url, ada.token)

    ada.call("POST", "/auth/logout")
    ended = time.perf_counter()

    assert tab.close_code() == 1000
    sys.stdout.write(f"\nfrom logout to the socket's end: {time.perf_counter() - ended:.3f} s\n")
    with pytest.raises(InvalidStatus):
        _open(stack.url, "reviewpoint.v1", f"bearer.{ada.token}")


def test_a_socket_lives_on_through_a_refresh(stack: System, sign_up: Any) -> None:
    ada = sign_up()
    tab = Client(stack.url, ada.token)

    _call(stack.url, "POST", "/auth/refresh", None, ada.refresh_token)

    assert tab.is_silent()


def test_twenty_at_once_leave_ten(stack: System, sign_up: Any) -> None:
    ada = sign_up()
    with ThreadPoolExecutor(20) as threads:
        opening = [threads.submit(_open, stack.url, "reviewpoint.v1", f"bearer.{ada.token}") for _ in range(20)]
        opened = [opens.result() for opens in opening]
    deadline = time.monotonic() + SOON
    while (closed := sum(socket.close_code is not None for socket in opened)) < 10 and time.monotonic() < deadline:
        time.sleep(0.1)

    assert closed == 10
    # The database answers a ping, so nobody who gets a pong is about to be closed.
    assert sum(is_open(socket) for socket in opened) == 10


def is_open(connection: ClientConnection) -> bool:
    try:
        connection.send('{"type": "ping"}')
        while json.loads(connection.recv(timeout=SOON))["type"] != "pong":
            pass
    except ConnectionClosed:
        return False
    return True


def test_what_was_missed_is_resumed(stack: System, sign_up: Any) -> None:
    ada = sign_up()
    tab = Client(stack.url, ada.token, ["upload.completed"])
    ada.upload()
    seen = tab.next()
    tab.connection.close()
    ada.upload()
    ada.call("DELETE", f"/uploads/{ada.upload()}")

    tab = Client(stack.url, ada.token)
    expected = {"upload.processing", "upload.completed", "upload.deleted"}
    deadline, missed = time.monotonic() + SOON, list[dict[str, Any]]()
    while {message["type"] for message in missed} != expected and time.monotonic() < deadline:
        tab.send({"type": "resume", "data": {"after": seen["id"]}})
        missed = [message for message in until_pong(tab) if message["id"] > seen["id"]]

    assert {message["type"] for message in missed} == expected
    assert [message["id"] for message in missed] == sorted(message["id"] for message in missed)


def until_pong(tab: Client) -> Iterator[dict[str, Any]]:
    tab.send({"type": "ping"})
    while (message := tab.next())["type"] != "pong":
        yield message


def test_broken_messages_leave_it_open(stack: System, sign_up: Any) -> None:
    tab = Client(stack.url, sign_up().token)
    for body in ("", "{", "[]", '{"type": "dance"}', '{"type": "subscribe"}', f'{{"type": "{"x" * 9000}"}}'):
        tab.connection.send(body)
        assert tab.next()["type"] == "error"

    assert tab.is_silent()


@pytest.mark.parametrize(("content", "code"), [("x" * (32 * 1024 + 1), 1009), (b"x", 1003)])
def test_what_api_gateway_closes_for(stack: System, sign_up: Any, content: str | bytes, code: int) -> None:
    tab = Client(stack.url, sign_up().token)
    tab.connection.send(content)

    assert tab.close_code() == code


def test_thirty_two_kibibytes_pass_in_one_frame_and_more_in_several(stack: System, sign_up: Any) -> None:
    tab = Client(stack.url, sign_up().token)
    tab.connection.send("x" * (32 * 1024))
    assert tab.next()["data"]["code"] == "PAYLOAD_TOO_LARGE"

    tab.connection.send(["x" * 20_000, "x" * 20_000])
    assert tab.next()["data"]["code"] == "PAYLOAD_TOO_LARGE"


def test_other_paths_have_no_sockets(stack: System, sign_up: Any) -> None:
    with pytest.raises(InvalidStatus) as refused:
        _open(f"{stack.url}/other", "reviewpoint.v1", f"bearer.{sign_up().token}")

    assert refused.value.response.status_code == 403


def test_the_management_api_is_the_functions_own(stack: System) -> None:
    request = urllib.request.Request(f"{stack.url}/_local/ws/@connections/x", method="POST", data=b"{}")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=30)

    assert refused.value.code == 403
    refused.value.close()
