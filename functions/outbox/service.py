"""Work that follows a commit, each kind by its own function."""

from collections.abc import Callable, Mapping
from uuid import UUID

from shared.aws import storage
from shared.db import connection, transaction
from shared.domain import archives, letters, sockets, uploads
from shared.errors import ServiceUnavailableError
from shared.observability import bind, logger, unbind
from shared.repositories import files, outbox, users
from shared.repositories.outbox import Kind, OutboxRow

_BATCH = 10
_FILES_BATCH = 100
_ALARMING_ATTEMPTS = 5
# Three days: an address that no server takes must not be tried for ever.
_MOST_MAIL_ATTEMPTS = 80


def work_off(*, has_time: Callable[[], bool]) -> int:
    """Do due work, the oldest first, until there is none or the time is up; how many pieces were done."""
    done = 0
    while has_time():
        with connection() as conn:
            rows = outbox.take(conn, limit=_BATCH)
        if not rows:
            break
        done += sum(_do(row) for row in sorted(rows, key=lambda row: row.id))
    return done


def end_sockets() -> None:
    """Close the sockets of sessions that ran out, which nothing tells of."""
    try:
        sockets.close_ended(None)
    except ServiceUnavailableError:
        logger.warning("sockets not closed, the next run will", exc_info=True)


def _do(row: OutboxRow) -> bool:
    unbind()
    bind(request_id=row.payload.get("request_id"), upload_id=row.payload.get("upload_id"))
    try:
        _WORK[row.kind](row)
    except Exception:
        # It stays, and comes back after a wait; one bad piece must not keep the others.
        say = logger.error if row.attempts >= _ALARMING_ATTEMPTS else logger.warning
        say("outbox work failed", extra={"kind": row.kind, "attempts": row.attempts}, exc_info=True)
        return False
    with connection() as conn:
        outbox.delete(conn, row.id)
    logger.info("outbox work done", extra={"kind": row.kind, "attempts": row.attempts})
    return True


def _delete_object(row: OutboxRow) -> None:
    bind(upload_id=uploads.id_in(row.payload["key"]))
    storage.delete(row.payload["key"], row.payload["version_id"])


def _send_notice(row: OutboxRow) -> None:
    sockets.send_notice(UUID(row.payload["notice_id"]))


def _begin_broadcast(row: OutboxRow) -> None:
    sockets.begin_broadcast(UUID(row.payload["notice_id"]))


def _send_batch(row: OutboxRow) -> None:
    sockets.send_batch(UUID(row.payload["notice_id"]), row.payload["connection_ids"])


def _greet_socket(row: OutboxRow) -> None:
    sockets.greet(row.payload["connection_id"])


def _end_sockets(row: OutboxRow) -> None:
    sockets.close_ended(UUID(row.payload["user_id"]))


def _delete_account(row: OutboxRow) -> None:
    # The next batch of what it has left, and at last its row.
    user_id = UUID(row.payload["user_id"])
    with transaction() as conn:
        paths = files.delete_batch(conn, user_id=user_id, limit=_FILES_BATCH)
        for path in paths:
            uploads.remove_object(conn, path)
        if len(paths) == _FILES_BATCH:
            outbox.insert(conn, "delete_account", {"user_id": str(user_id)})
        else:
            users.delete(conn, user_id)


def _mail(row: OutboxRow) -> None:
    if row.attempts > _MOST_MAIL_ATTEMPTS:
        logger.error("mail given up", extra={"attempts": row.attempts})
        return
    letters.send(row.id, row.payload)


def _make_archive(row: OutboxRow) -> None:
    archives.order(UUID(row.payload["export_id"]))


_WORK: Mapping[Kind, Callable[[OutboxRow], None]] = {
    "delete_object": _delete_object,
    "send_notice": _send_notice,
    "send_broadcast": _begin_broadcast,
    "send_batch": _send_batch,
    "greet_socket": _greet_socket,
    "end_sockets": _end_sockets,
    "delete_account": _delete_account,
    "mail": _mail,
    "make_archive": _make_archive,
}
