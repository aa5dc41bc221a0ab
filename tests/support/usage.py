"""The counters of quota, and what they should be."""

from typing import Any
from uuid import UUID

from shared.db import connection
from shared.repositories import storage_usage
from shared.repositories.storage_usage import UsageRow

_COUNTED = """
    SELECT coalesce(sum(file_size), 0), count(*), count(*) FILTER (WHERE status = 'pending') FROM files
    WHERE user_id = %s AND (status IN ('pending', 'scanning', 'available') OR kept_until IS NOT NULL)
"""


def usage_of(user_id: UUID) -> UsageRow:
    """The counters as they stand."""
    with connection() as conn:
        return storage_usage.find(conn, user_id) or UsageRow(0, 0, 0)


def true_usage_of(user_id: UUID) -> UsageRow:
    """The counters as the rows of `files` have them."""
    with connection() as conn:
        row: Any = conn.execute(_COUNTED, [user_id]).fetchone()
    return UsageRow(int(row[0]), row[1], row[2])
