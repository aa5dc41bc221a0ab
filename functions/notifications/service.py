"""What an admin tells everybody."""

from functions.notifications.schemas import Stats
from shared.db import connection, transaction
from shared.domain import audit, notices, outbox
from shared.domain.audit import Actor
from shared.repositories import connections
from shared.repositories import notices as notice_rows
from shared.repositories.notices import NoticeRow
from shared.repositories.users import UserRow


def broadcast(user: UserRow, *, message: str, level: str) -> NoticeRow:
    """Tell everybody; it goes out by the outbox."""
    with transaction() as conn:
        notice = notices.publish(conn, None, "system.notification", {"message": message, "level": level})
        details = {"level": level, "notice_id": str(notice.id)}
        audit.record(conn, "notification_broadcast", actor=Actor.of(user), details=details)
    outbox.wake()
    return notice


def read_stats() -> Stats:
    """The numbers of now."""
    with connection() as conn:
        counts = connections.count(conn)
        return Stats(connections=counts.connections, users=counts.users, notices=notice_rows.count(conn))
