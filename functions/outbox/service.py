"""Work that follows a commit, each kind by its own function."""

from collections.abc import Callable, Mapping
from typing import Any

from shared.aws import storage
from shared.db import connection
from shared.observability import logger
from shared.repositories import outbox
from shared.repositories.outbox import Kind, OutboxRow

_BATCH = 10
_ALARMING_ATTEMPTS = 5


def work_off(*, has_time: Callable[[], bool]) -> int:
    """Do due work until there is none or the time is up; how many pieces were done."""
    done = 0
    while has_time():
        with connection() as conn:
            rows = outbox.take(conn, limit=_BATCH)
        if not rows:
            break
        done += sum(_do(row) for row in rows)
    return done


def _do(row: OutboxRow) -> bool:
    try:
        _WORK[row.kind](row.payload)
    except Exception:
        # It stays, and comes back after a wait; one bad piece must not keep the others.
        say = logger.error if row.attempts >= _ALARMING_ATTEMPTS else logger.warning
        say("outbox work failed", extra={"kind": row.kind, "attempts": row.attempts}, exc_info=True)
        return False
    with connection() as conn:
        outbox.delete(conn, row.id)
    return True


def _delete_object(payload: Mapping[str, Any]) -> None:
    storage.delete(payload["key"], payload["version_id"])


_WORK: Mapping[Kind, Callable[[Mapping[str, Any]], None]] = {"delete_object": _delete_object}
