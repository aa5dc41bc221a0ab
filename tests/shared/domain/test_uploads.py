"""The table of an upload's statuses, against what its steps do."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, get_args
from uuid import UUID

from shared import clock
from shared.db import Connection, transaction
from shared.domain import uploads
from shared.repositories import files
from shared.repositories.file_steps import Measured
from shared.repositories.files import FileRow, Status
from tests.support.factories import Account, make_file

STEPS: list[Callable[[Connection, UUID], FileRow | None]] = [
    uploads.begin_scan,
    uploads.rescan,
    lambda conn, file_id: uploads.accept(conn, file_id, Measured("v1", "a" * 64, clock.now())),
    lambda conn, file_id: uploads.reject(conn, file_id, "MALWARE"),
    lambda conn, file_id: uploads.reject(conn, file_id, "MALWARE", from_="available"),
    uploads.expire,
]


def _file(owner: Account, status: Status) -> FileRow:
    columns: dict[str, Any] = {}
    if status == "rejected":
        columns = {"reason": "SCAN_FAILED", "kept_until": clock.now() + timedelta(days=1)}
    return make_file(owner, status=status, **columns)


def test_the_table_holds_what_the_steps_do_and_no_more(author: Account) -> None:
    seen: set[tuple[Status, Status]] = set()
    for before in get_args(Status):
        for step in STEPS:
            file = _file(author, before)
            with transaction() as conn:
                step(conn, file.id)
                after = files.find(conn, file.id)
            assert after is not None
            if after.status != before:
                seen.add((before, after.status))

    assert seen == {(before, after) for before, follow in uploads.TRANSITIONS.items() for after in follow}
