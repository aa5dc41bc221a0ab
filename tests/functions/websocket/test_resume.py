"""`resume`: what a user missed comes again."""

from datetime import timedelta
from uuid import UUID

import pytest

from shared import clock, ids
from shared.db import connection, execute, transaction
from shared.domain import notices
from shared.repositories.notices import NoticeRow
from tests.support.factories import Account, make_account
from tests.support.queues import empty_outbox, work_outbox
from tests.support.sockets import Socket, SocketGateway


@pytest.fixture
def socket(sockets: SocketGateway, author: Account) -> Socket:
    with connection() as conn:
        execute(conn, "DELETE FROM notices WHERE user_id IS NULL", {})
    socket = sockets.open(author.token)
    work_outbox()
    return socket


def id_at(age: timedelta) -> UUID:
    """A notice's id of that age."""
    milliseconds = int((clock.now() - age).timestamp() * 1000)
    return UUID(int=(milliseconds << 80) | (ids.new().int & ((1 << 80) - 1)))


def told(account: Account, *ages: timedelta) -> list[str]:
    """Notices of those ages; their ids."""
    made: list[str] = []
    with transaction() as conn:
        for age in ages:
            row = notices.publish(conn, account.id, "export.ready", {"expires_at": "2026-01-01T00:00:00Z"})
            notice_id = id_at(age)
            execute(
                conn,
                "UPDATE notices SET id = %(new)s, created_at = now() - %(age)s WHERE id = %(old)s",
                {"new": notice_id, "age": age, "old": row.id},
            )
            made.append(str(notice_id))
    return made


def resume(socket: Socket, after: str | UUID) -> list[str]:
    """The ids that came."""
    socket.received.clear()
    reply = socket.ask(f'{{"type": "resume", "data": {{"after": "{after}"}}}}')
    assert reply is None, reply
    return [message["id"] for message in socket.received]


def minutes(*values: float) -> list[timedelta]:
    return [timedelta(minutes=value) for value in values]


def test_what_came_later_comes_again_oldest_first_of_all_kinds(socket: Socket, author: Account) -> None:
    seen, *missed = told(author, *minutes(30, 20, 10))
    with connection() as conn:
        notices.publish(conn, author.id, "upload.deleted", {})

    assert resume(socket, seen)[:2] == missed
    assert socket.types() == ["export.ready", "export.ready", "upload.deleted"]


def test_a_message_that_comes_again_is_the_same(socket: Socket, author: Account) -> None:
    socket.send("subscribe", {"events": ["export.ready"]})
    with connection() as conn:
        notices.publish(conn, author.id, "export.ready", {"expires_at": "2026-01-01T00:00:00Z"})
    work_outbox()
    first = socket.received[-1]

    resume(socket, id_at(timedelta(minutes=1)))

    assert socket.received == [first]


def test_the_minute_before_comes_too(socket: Socket, author: Account) -> None:
    _, late, seen, new = told(author, *minutes(33, 30.5, 30, 29))

    assert resume(socket, seen) == [late, new]


def test_nothing_of_anybody_elses(socket: Socket, author: Account) -> None:
    seen, *_ = told(author, *minutes(30))
    told(make_account(), *minutes(20))

    assert resume(socket, seen) == []


def test_broadcasts_come_too(socket: Socket, author: Account) -> None:
    seen, *_ = told(author, *minutes(30))
    with connection() as conn:
        row: NoticeRow = notices.publish(conn, None, "system.notification", {"message": "x", "level": "info"})

    assert resume(socket, seen) == [str(row.id)]


def test_what_is_older_than_a_day_is_gone(socket: Socket, author: Account) -> None:
    seen, *_ = told(author, *minutes(60 * 26, 60 * 25))
    recent = told(author, *minutes(60 * 23))

    assert resume(socket, seen) == recent


@pytest.mark.parametrize(("newer", "sent", "is_truncated"), [(200, 200, False), (201, 200, True)])
def test_two_hundred_newer_at_most(socket: Socket, author: Account, newer: int, sent: int, is_truncated: bool) -> None:
    ages = [timedelta(hours=2, seconds=-step) for step in range(newer + 1)]
    overlap = told(author, timedelta(hours=2, seconds=20))
    seen, *missed = told(author, *ages)

    socket.received.clear()
    reply = socket.ask(f'{{"type": "resume", "data": {{"after": "{seen}"}}}}')

    assert [message["id"] for message in socket.received] == overlap + missed[:sent]
    assert (reply or {}).get("type") == ("resume.truncated" if is_truncated else None)
    if reply:
        assert resume(socket, reply["data"]["after"])[-1] == missed[-1], "and from there it goes on"
    empty_outbox()  # lest another test sends all of them


def test_a_socket_that_is_gone_meanwhile_is_no_error(socket: Socket, author: Account) -> None:
    seen, *_ = told(author, *minutes(30, 20))
    socket.is_open = False

    assert socket.ask(f'{{"type": "resume", "data": {{"after": "{seen}"}}}}') is None
