"""`$connect` and `$disconnect`: who gets a socket, and how many."""

import pytest

from shared.db import connection, execute, fetch_values
from tests.support.api import Api, invoke
from tests.support.factories import PASSWORD, Account, make_account
from tests.support.faults import database_down
from tests.support.parallel import at_once
from tests.support.queues import work_outbox
from tests.support.sockets import SocketGateway
from tests.support.tokens import claims_of


def open_ids(account: Account) -> set[str]:
    with connection() as conn:
        found = fetch_values(
            conn, "SELECT id FROM websocket_connections WHERE user_id = %(id)s AND NOT ended", {"id": account.id}
        )
    return set(found)


def test_a_token_opens_a_socket_and_selects_the_protocol(sockets: SocketGateway, author: Account) -> None:
    socket = sockets.open(author.token)

    assert (socket.status, socket.subprotocol) == (200, "reviewpoint.v1")
    assert open_ids(author) == {socket.id}


def test_established_comes_once_connect_has_returned(sockets: SocketGateway, author: Account) -> None:
    socket = sockets.open(author.token)
    assert socket.received == []

    work_outbox()

    assert socket.types() == ["connection.established"]
    assert set(socket.received[0]) == {"type", "id", "timestamp", "data"}


def test_established_waits_for_connect_to_return(sockets: SocketGateway, author: Account) -> None:
    socket = sockets.open(author.token)
    socket.is_open = False

    work_outbox()
    assert open_ids(author) == {socket.id}, "a 410 of a young connection says nothing"

    socket.is_open = True
    with connection() as conn:
        execute(conn, "UPDATE outbox SET next_at = now() WHERE kind = 'greet_socket'", {})
    work_outbox()
    assert socket.types() == ["connection.established"]


@pytest.mark.parametrize(
    "protocols",
    [(), ("reviewpoint.v1",), ("reviewpoint.v1", "bearer."), ("reviewpoint.v1", "bearer.x.y.z"), ("bearer.{token}",)],
)
def test_no_or_a_bad_token_is_401(sockets: SocketGateway, author: Account, protocols: tuple[str, ...]) -> None:
    socket = sockets.socket()
    socket.connect(*(protocol.format(token=author.token) for protocol in protocols))

    assert socket.status == 401
    assert open_ids(author) == set()


def test_a_refresh_token_is_401(sockets: SocketGateway, author: Account) -> None:
    assert sockets.open(author.refresh_token).status == 401


def test_a_logged_out_token_is_401(sockets: SocketGateway, api: Api, author: Account) -> None:
    api.post("/api/v1/auth/logout", token=author.token)

    assert sockets.open(author.token).status == 401


def test_a_disabled_account_is_403(sockets: SocketGateway) -> None:
    assert sockets.open(make_account(is_active=False).token).status == 403


def test_without_the_database_it_is_503(sockets: SocketGateway, author: Account) -> None:
    with database_down():
        assert sockets.open(author.token).status == 503


def test_an_eleventh_closes_the_oldest(sockets: SocketGateway, author: Account) -> None:
    opened = [sockets.open(author.token) for _ in range(11)]
    work_outbox()

    assert [socket.is_open for socket in opened] == [False] + [True] * 10
    assert opened[0].ask('{"type": "ping"}') is None


def test_twenty_at_once_leave_ten(sockets: SocketGateway, author: Account) -> None:
    waiting = [sockets.socket() for _ in range(20)]

    at_once(lambda number: waiting[number].connect("reviewpoint.v1", f"bearer.{author.token}"), times=20)
    work_outbox()

    assert [socket.status for socket in waiting] == [200] * 20
    assert {socket.id for socket in waiting if socket.is_open} == open_ids(author)
    assert len(open_ids(author)) == 10


def test_the_limit_is_each_users_own(sockets: SocketGateway, author: Account) -> None:
    other = sockets.open(make_account().token)
    for _ in range(11):
        sockets.open(author.token)
    work_outbox()

    assert other.is_open


def test_disconnect_forgets_it(sockets: SocketGateway, author: Account) -> None:
    socket = sockets.open(author.token)
    socket.disconnect()

    assert open_ids(author) == set()
    work_outbox()
    assert socket.received == []


def test_logout_closes_the_sessions_sockets_and_no_other(sockets: SocketGateway, api: Api, author: Account) -> None:
    body = {"username": author.username, "password": PASSWORD}
    other_token = api.post("/api/v1/auth/login", json=body).json()["access_token"]
    mine, other = sockets.open(author.token), sockets.open(other_token)

    api.post("/api/v1/auth/logout", token=author.token)
    work_outbox()

    assert (mine.is_open, other.is_open) == (False, True)
    assert open_ids(author) == {other.id}


def test_logout_everywhere_closes_all(sockets: SocketGateway, api: Api, author: Account) -> None:
    opened = [sockets.open(author.token) for _ in range(3)]

    api.post("/api/v1/auth/logout", token=author.token, json={"all_sessions": True})
    work_outbox()

    assert not any(socket.is_open for socket in opened)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("DELETE", "/auth/sessions/{session_id}", None),
        (
            "POST",
            "/auth/change-password",
            {"current_password": PASSWORD, "new_password": "another good password of mine"},
        ),
        ("DELETE", "/users/me", {"password": PASSWORD}),
    ],
)
def test_each_end_of_a_session_closes_its_sockets(
    sockets: SocketGateway, api: Api, author: Account, method: str, path: str, body: dict[str, str] | None
) -> None:
    login = api.post("/api/v1/auth/login", json={"username": author.username, "password": PASSWORD}).json()
    socket, others = sockets.open(login["access_token"]), sockets.open(make_account().token)
    session_id = claims_of(login["access_token"])["sid"]

    answer = api.request(method, f"/api/v1{path}".format(session_id=session_id), token=author.token, json=body)
    work_outbox()

    assert answer.status in {200, 204}
    assert (socket.is_open, others.is_open) == (False, True)


def test_a_disabled_users_sockets_close(sockets: SocketGateway, api: Api, author: Account, admin: Account) -> None:
    opened, others = sockets.open(author.token), sockets.open(admin.token)

    api.put(f"/api/v1/users/{author.id}", token=admin.token, json={"is_active": False})
    work_outbox()

    assert (opened.is_open, others.is_open) == (False, True)


def test_a_socket_lives_on_through_a_refresh(sockets: SocketGateway, api: Api, author: Account) -> None:
    socket = sockets.open(author.token)

    api.post("/api/v1/auth/refresh", token=author.refresh_token)
    work_outbox()

    assert socket.send("ping")["type"] == "pong"


ENDINGS = pytest.mark.parametrize(
    "change",
    [
        "UPDATE users SET is_active = false WHERE id = %(id)s",
        "UPDATE sessions SET expires_at = now() WHERE user_id = %(id)s",
        "DELETE FROM users WHERE id = %(id)s",
    ],
)


@ENDINGS
def test_what_has_ended_is_not_served(sockets: SocketGateway, author: Account, change: str) -> None:
    socket = sockets.open(author.token)
    with connection() as conn:
        conn.execute(change.encode(), {"id": author.id})

    assert socket.ask('{"type": "ping"}') is None
    assert not socket.is_open
    assert open_ids(author) == set()


@ENDINGS
def test_what_nothing_tells_of_is_found_by_the_schedule(sockets: SocketGateway, author: Account, change: str) -> None:
    socket = sockets.open(author.token)
    work_outbox()
    with connection() as conn:
        conn.execute(change.encode(), {"id": author.id})

    invoke("outbox", {"source": "aws.events", "detail-type": "Scheduled Event"})

    assert not socket.is_open
    assert open_ids(author) == set()


def test_a_connection_that_closes_before_it_can_be_closed_is_forgotten_later(
    sockets: SocketGateway, api: Api, author: Account
) -> None:
    socket = sockets.open(author.token)
    socket.is_open = False
    with connection() as conn:
        execute(
            conn,
            "UPDATE websocket_connections SET connected_at = now() - interval '11 seconds' WHERE id = %(id)s",
            {"id": socket.id},
        )

    api.post("/api/v1/auth/logout", token=author.token)
    work_outbox()

    assert open_ids(author) == set()


def test_a_session_that_ended_as_the_socket_opened_closes_it(sockets: SocketGateway, author: Account) -> None:
    socket = sockets.open(author.token)
    with connection() as conn:
        execute(conn, "UPDATE sessions SET revoked_at = now() WHERE user_id = %(id)s", {"id": author.id})
    work_outbox()

    assert (socket.is_open, socket.received, open_ids(author)) == (False, [], set())
