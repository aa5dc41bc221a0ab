"""What goes out to open sockets, and how they end."""

import time
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from shared.aws import sockets
from shared.db import Connection, connection, transaction
from shared.domain import notices
from shared.errors import ServiceUnavailableError
from shared.repositories import connections, outbox
from shared.repositories import notices as notice_rows
from shared.repositories.notices import NoticeRow

MOST_PER_USER = 10

_BATCH = 100

# Until `$connect` has returned, API Gateway answers 410 for a live connection too.
_YOUNG = timedelta(seconds=10)
_WAITS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.4)
# API Gateway closes after two hours, and tells of it at best once.
_LONGEST = timedelta(hours=2, minutes=10)


def send_notice(notice_id: UUID) -> None:
    """Send a notice to those of its user's connections that subscribed.

    Raises:
        ServiceUnavailableError: not all were reached; sent again, it has the same id.
    """
    with connection() as conn:
        notice = notice_rows.find(conn, notice_id)
        if notice is None or notice.user_id is None:
            return
        listening = connections.list_listening(conn, notice.type, user_id=notice.user_id, after="", limit=MOST_PER_USER)
    _send(notice, listening)


def begin_broadcast(notice_id: UUID) -> None:
    """Share a notice to all out into pieces of work, each of a hundred connections that subscribed."""
    with transaction() as conn:
        notice = notice_rows.find(conn, notice_id)
        if notice is None:
            return
        after = ""
        while batch := connections.list_listening(conn, notice.type, user_id=None, after=after, limit=_BATCH):
            outbox.insert(conn, "send_batch", {"notice_id": str(notice_id), "connection_ids": batch})
            after = batch[-1]


def send_batch(notice_id: UUID, connection_ids: Sequence[str]) -> None:
    """Send a notice to these connections.

    Raises:
        ServiceUnavailableError: not all were reached.
    """
    with connection() as conn:
        notice = notice_rows.find(conn, notice_id)
    if notice is not None:
        _send(notice, connection_ids)


def _send(notice: NoticeRow, connection_ids: Sequence[str]) -> None:
    reached = sockets.post_to_all(connection_ids, notices.message_of(notice))
    gone = [name for name, there in zip(connection_ids, reached, strict=True) if there is False]
    if gone:
        with connection() as conn:
            connections.delete(conn, gone, older_than=_YOUNG)
    if None in reached:
        raise ServiceUnavailableError("socket")


def greet(connection_id: str) -> None:
    """Tell a new connection that it is there, as soon as its `$connect` has returned.

    Raises:
        ServiceUnavailableError: it has not, or API Gateway did not take the message.
    """
    message = notices.message("connection.established", {"connection_id": connection_id})
    for wait in _WAITS:
        time.sleep(wait)
        with connection() as conn:
            is_live = connections.find_liveness(conn, connection_id)
        # A session that ended as the socket opened may have been told of before its row was there.
        if is_live is None or (sockets.post(connection_id, message) if is_live else close([connection_id])):
            return
    with connection() as conn:
        if not connections.delete(conn, [connection_id], older_than=_YOUNG):
            raise ServiceUnavailableError("socket")


def close_ended(user_id: UUID | None) -> int:
    """Close the connections of a user (`None`: of all) that were ended, or whose session was; how many.

    Raises:
        ServiceUnavailableError: not all are closed; those whose `$connect` has not returned cannot be yet.
    """
    closed = 0
    for wait in _WAITS:
        time.sleep(wait)
        with connection() as conn:
            ended = connections.list_ended(conn, user_id=user_id)
        if not ended:
            return closed
        closed += close(ended)
    raise ServiceUnavailableError("socket")


def close(connection_ids: Sequence[str]) -> int:
    """Close connections and forget them, and those that are gone; how many. One that opens still is left.

    Raises:
        ServiceUnavailableError: API Gateway did not do it.
    """
    closed = [name for name in connection_ids if sockets.close(name)]
    with connection() as conn:
        forgotten = connections.delete(conn, closed)
        return forgotten + connections.delete(conn, connection_ids, older_than=_YOUNG)


def purge(conn: Connection, *, limit: int) -> int:
    """Drop notices that are not kept any longer, and connections that must have ended; how many."""
    dropped = notice_rows.delete_older(conn, notices.KEPT, limit=limit)
    return dropped + connections.delete_older(conn, _LONGEST, limit=limit)
