"""Rows of `storage_usage`: what a user's files take, counted; `files` changes it with each status."""

from dataclasses import dataclass
from uuid import UUID

from shared.db import Connection, fetch_optional


@dataclass(frozen=True, slots=True)
class UsageRow:
    """What counts towards a user's quota: bytes, files, and of these the ones that wait for their bytes."""

    bytes: int
    files: int
    pending_files: int


def find(conn: Connection, user_id: UUID) -> UsageRow | None:
    """A user's usage; `None` before the first upload."""
    return fetch_optional(
        conn,
        UsageRow,
        "SELECT bytes, files, pending_files FROM storage_usage WHERE user_id = %(user_id)s",
        {"user_id": user_id},
    )
