"""Notices: told to those they are for, after the commit, at least once."""

from typing import Any
from unittest import mock

import psycopg
import pytest

from shared.db import connection, execute, transaction
from shared.domain import notices, uploads
from shared.repositories import outbox
from tests.support.api import Api, invoke
from tests.support.factories import Account, make_account, make_file
from tests.support.queues import empty_outbox, work_outbox
from tests.support.sockets import SocketGateway

UPLOAD_EVENTS = ["upload.processing", "upload.completed", "upload.rejected", "upload.expired", "upload.deleted"]


@pytest.fixture(autouse=True)
def _alone(sockets: SocketGateway) -> None:
    empty_outbox()


def make_due() -> None:
    with connection() as conn:
        execute(conn, "UPDATE outbox SET next_at = now()", {})


def notice_of(account: Account) -> Any:
    with connection() as conn:
        return notices.publish(conn, account.id, "export.ready", {"expires_at": "2026-01-01T00:00:00Z"})


def test_each_step_of_an_upload_is_told(sockets: SocketGateway, author: Account) -> None:
    socket = sockets.listen(author.token, UPLOAD_EVENTS)
    file, late = make_file(author, filename="å.pdf"), make_file(author)
    with transaction() as conn:
        uploads.begin_scan(conn, file.id)
        uploads.reject(conn, file.id, "TYPE_MISMATCH")
        uploads.expire(conn, late.id)
    work_outbox()

    told = [message for message in socket.received if message["type"].startswith("upload.")]
    assert [(message["type"], message["data"]["status"], message["data"]["reason"]) for message in told] == [
        ("upload.processing", "scanning", None),
        ("upload.rejected", "rejected", "TYPE_MISMATCH"),
        ("upload.expired", "expired", None),
    ]
    assert {"upload_id": str(file.id), "filename": "å.pdf"}.items() <= told[0]["data"].items()


def test_a_step_that_somebody_else_took_is_told_once(sockets: SocketGateway, author: Account) -> None:
    socket = sockets.listen(author.token, UPLOAD_EVENTS)
    file = make_file(author)
    with connection() as conn:
        uploads.begin_scan(conn, file.id)
        uploads.begin_scan(conn, file.id)
    work_outbox()

    assert socket.types().count("upload.processing") == 1


def test_deletion_is_told_with_the_last_status(
    sockets: SocketGateway, api: Api, author: Account, admin: Account
) -> None:
    socket, admins = sockets.listen(author.token, UPLOAD_EVENTS), sockets.listen(admin.token, UPLOAD_EVENTS)
    file = make_file(author, status="available")

    api.delete(f"/api/v1/uploads/{file.id}", token=admin.token)
    work_outbox()

    assert socket.received[-1]["type"] == "upload.deleted"
    assert socket.received[-1]["data"] == {
        "upload_id": str(file.id),
        "filename": file.filename,
        "status": "available",
        "reason": None,
    }
    assert "upload.deleted" not in admins.types(), "it is its owner's alone"


def test_users_see_only_their_own(sockets: SocketGateway, author: Account) -> None:
    mine, other = sockets.listen(author.token, ["export.ready"]), sockets.listen(make_account().token, ["export.ready"])
    notice_of(author)
    work_outbox()

    assert mine.types() == ["connection.established", "export.ready"]
    assert other.types() == ["connection.established"]


def test_all_of_a_users_sockets_are_told(sockets: SocketGateway, author: Account) -> None:
    opened = [sockets.listen(author.token, ["export.ready"]) for _ in range(3)]
    row = notice_of(author)
    work_outbox()

    assert [socket.received[-1]["id"] for socket in opened] == [str(row.id)] * 3


def test_nothing_comes_unasked_or_after_unsubscribing(sockets: SocketGateway, author: Account) -> None:
    silent, left = sockets.open(author.token), sockets.listen(author.token, ["export.ready", "upload.deleted"])
    left.send("unsubscribe", {"events": ["export.ready"]})
    notice_of(author)
    work_outbox()

    assert silent.types() == left.types() == ["connection.established"]


def test_what_is_rolled_back_is_not_told(sockets: SocketGateway, author: Account) -> None:
    socket = sockets.listen(author.token, ["export.ready"])
    with transaction() as conn:
        notices.publish(conn, author.id, "export.ready", {})
        raise psycopg.Rollback
    work_outbox()

    assert socket.types() == ["connection.established"]


def test_killed_before_it_was_sent_it_comes_later(sockets: SocketGateway, author: Account) -> None:
    socket = sockets.listen(author.token, ["export.ready"])
    work_outbox()
    row = notice_of(author)
    with connection() as conn:
        taken = outbox.take(conn, limit=10)  # and then the function was killed
    assert len(taken) == 1
    assert work_outbox() == 0

    make_due()
    work_outbox()

    assert [message["id"] for message in socket.received[1:]] == [str(row.id)]


def test_killed_after_it_was_sent_it_comes_twice_with_one_id(
    sockets: SocketGateway, author: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    socket = sockets.listen(author.token, ["export.ready"])
    work_outbox()
    row = notice_of(author)
    with monkeypatch.context() as patch:
        patch.setattr(outbox, "delete", mock.Mock(side_effect=KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            work_outbox()
    make_due()
    work_outbox()

    assert [message["id"] for message in socket.received[1:]] == [str(row.id)] * 2


def test_a_gone_connection_is_forgotten_once_it_is_old(sockets: SocketGateway, author: Account) -> None:
    gone, live = (sockets.listen(author.token, ["export.ready"]) for _ in range(2))
    gone.is_open = False
    notice_of(author)
    work_outbox()
    assert is_known(gone.id), "a young one may be opening still"

    with connection() as conn:
        execute(conn, "UPDATE websocket_connections SET connected_at = now() - interval '11 seconds'", {})
    notice_of(author)
    work_outbox()

    assert (is_known(gone.id), is_known(live.id)) == (False, True)
    assert live.types().count("export.ready") == 2


def is_known(connection_id: str) -> bool:
    with connection() as conn:
        found = conn.execute("SELECT FROM websocket_connections WHERE id = %s", [connection_id]).fetchone()
    return found is not None


def test_one_that_fails_keeps_no_other_waiting_and_is_tried_again(sockets: SocketGateway, author: Account) -> None:
    failing, live = (sockets.listen(author.token, ["export.ready"]) for _ in range(2))
    work_outbox()
    failing.fails = True
    notice_of(author)
    work_outbox()
    assert live.types() == ["connection.established", "export.ready"]

    failing.fails = False
    make_due()
    work_outbox()
    assert failing.types() == ["connection.established", "export.ready"]


def test_the_sweeper_drops_what_is_over(sockets: SocketGateway, author: Account) -> None:
    dead, live = sockets.open(author.token), sockets.open(author.token)
    old, kept = notice_of(author), notice_of(author)
    with connection() as conn:
        execute(
            conn,
            "UPDATE websocket_connections SET connected_at = now() - interval '131 minutes' WHERE id = %(id)s",
            {"id": dead.id},
        )
        execute(
            conn,
            "UPDATE notices SET created_at = now() - interval '1441 minutes' WHERE id = %(id)s",
            {"id": old.id},
        )
    invoke("sweeper", {})

    with connection() as conn:
        left = conn.execute("SELECT id FROM notices WHERE user_id = %s", [author.id]).fetchall()
    assert (is_known(dead.id), is_known(live.id), left) == (False, True, [(kept.id,)])
