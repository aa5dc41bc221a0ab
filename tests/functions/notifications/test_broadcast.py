"""`POST /notifications/broadcast` and `GET /notifications/stats`."""

from typing import Any

import pytest

from shared.db import connection, execute
from tests.support.api import Api
from tests.support.factories import Account, make_account
from tests.support.queues import empty_outbox, work_outbox
from tests.support.sockets import SocketGateway

BODY = {"message": "Maintenance tonight.", "level": "warning"}


@pytest.fixture(autouse=True)
def _alone(sockets: SocketGateway) -> None:
    with connection() as conn:
        execute(conn, "DELETE FROM websocket_connections", {})
    empty_outbox()


def test_everybody_who_asked_is_told(sockets: SocketGateway, api: Api, author: Account, admin: Account) -> None:
    listening = [sockets.listen(account.token, ["system.notification"]) for account in (author, admin)]
    silent = sockets.open(author.token)

    answer = api.post("/api/v1/notifications/broadcast", token=admin.token, json=BODY)
    work_outbox()

    assert answer.status == 202
    for socket in listening:
        assert socket.types() == ["connection.established", "system.notification"]
        assert (socket.received[1]["data"], socket.received[1]["id"]) == (BODY, answer.json()["id"])
    assert silent.types() == ["connection.established"]


def test_it_goes_out_in_batches_of_a_hundred(sockets: SocketGateway, api: Api, author: Account, admin: Account) -> None:
    with connection() as conn:
        for _ in range(250):
            socket = sockets.socket()
            socket.is_open = True
            conn.execute(
                "INSERT INTO websocket_connections (id, user_id, session_id, events)"
                " VALUES (%s, %s, %s, '{system.notification}')",
                [socket.id, author.id, author.session_id],
            )
    api.post("/api/v1/notifications/broadcast", token=admin.token, json=BODY)

    assert work_outbox() == 1 + 3
    assert sockets.posts == 250
    assert all(socket.types() == ["system.notification"] for socket in sockets.sockets.values())


def test_it_is_one_notice(api: Api, admin: Account) -> None:
    notice_id = api.post("/api/v1/notifications/broadcast", token=admin.token, json=BODY).json()["id"]

    with connection() as conn:
        rows = conn.execute("SELECT user_id FROM notices WHERE id = %s", [notice_id]).fetchall()
    assert rows == [(None,)]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"level": "info"}, "message"),
        ({"message": "", "level": "info"}, "message"),
        ({"message": "  ", "level": "info"}, "message"),
        ({"message": "x" * 1001, "level": "info"}, "message"),
        ({"message": "x"}, "level"),
        ({"message": "x", "level": "loud"}, "level"),
        ({"message": "x", "level": "info", "to": "ada"}, "to"),
    ],
)
def test_bad_bodies_are_422(api: Api, admin: Account, body: dict[str, Any], field: str) -> None:
    answer = api.post("/api/v1/notifications/broadcast", token=admin.token, json=body)

    assert (answer.status, answer.error["details"]["field"]) == (422, field)


def test_others_may_not(api: Api, author: Account) -> None:
    assert api.post("/api/v1/notifications/broadcast", token=author.token, json=BODY).status == 403
    assert api.get("/api/v1/notifications/stats", token=author.token).status == 403
    assert api.get("/api/v1/notifications/stats").status == 401


def test_stats_count(sockets: SocketGateway, api: Api, author: Account, admin: Account) -> None:
    for account in (author, author, make_account()):
        sockets.open(account.token)

    answer = api.get("/api/v1/notifications/stats", token=admin.token)

    assert answer.status == 200
    assert {"connections": 3, "users": 2}.items() <= answer.json().items()
