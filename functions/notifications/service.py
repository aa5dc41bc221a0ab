"""What an admin tells everybody."""

from functions.notifications.schemas import Stats
from shared.db import connection
from shared.domain import notices, outbox
from shared.repositories import connections
from shared.repositories import notices as notice_rows
from shared.repositories.notices import NoticeRow


def broadcast(*, message: str, level: str) -> NoticeRow:
    """Tell everybody; it goes out by the outbox."""
    with connection() as conn:
        notice = notices.publish(conn, None, "system.notification", {"message": message, "level": level})
    outbox.wake()
    return notice


def read_stats() -> Stats:
    """The numbers of now."""
    with connection() as conn:
        counts = connections.count(conn)
        return Stats(connections=counts.connections, users=counts.users, notices=notice_rows.count(conn))
