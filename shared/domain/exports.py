"""Exports of a list: all its rows as CSV, JSON or NDJSON, in pieces, so that memory does not grow with them."""

import io
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from shared import clock, ids
from shared.aws.presigning import PresignedGet
from shared.db import Connection, Position, connection

if TYPE_CHECKING:
    from shared.repositories.audit_events import AuditFilter
    from shared.repositories.file_lists import FileFilter
    from shared.repositories.user_lists import UserFilter

Format = Literal["csv", "json", "ndjson"]
Row = TypeVar("Row")
Filter = TypeVar("Filter", "AuditFilter", "FileFilter", "UserFilter")
Record = Mapping[str, Any]

MEDIA_TYPES: Mapping[Format, str] = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "ndjson": "application/x-ndjson",
}
_PAGE_ROWS = 1000
# API Gateway and Lambda carry 6 MB of JSON, in which this text is a string.
_LARGEST_ANSWER = 4 * 1024 * 1024
# A spreadsheet takes a cell that begins so for a formula, and runs it (OWASP, "CSV Injection").
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True)
class Export:
    """What an export has, and how it is called."""

    name: str
    columns: Sequence[str]
    format: Format

    @property
    def filename(self) -> str:
        """What it is saved as."""
        return f"{self.name}.{self.format}"

    @property
    def media_type(self) -> str:
        """Its media type."""
        return MEDIA_TYPES[self.format]


def all_rows(
    page: Callable[[Connection, Position | None, int], list[Row]], position: Callable[[Row], Position]
) -> Iterator[Row]:
    """The rows of a list, page by page.

    Args:
        page: reads up to so many rows after a position. The list has to have an end: `until_now`.
        position: the place of a row in the list.
    """
    after: Position | None = None
    while True:
        with connection() as conn:
            rows = page(conn, after, _PAGE_ROWS)
        yield from rows
        if len(rows) < _PAGE_ROWS:
            return
        after = position(rows[-1])


def until_now(wanted: Filter) -> Filter:
    """The same filter with an end: else rows that are made meanwhile could keep an export going."""
    now = clock.now()
    return replace(wanted, created_before=min(wanted.created_before or now, now))


def deliver(export: Export, records: Iterable[Record], *, always_stored: bool) -> bytes | PresignedGet:
    """The export itself where it is small, else where it can be fetched for a short time.

    Raises:
        ServiceUnavailableError: the storage did not take it.
    """
    chunks = _render(export, iter(records))
    head = bytearray()
    for chunk in chunks:
        head += chunk
        if len(head) > _LARGEST_ANSWER:
            break
    else:
        if not always_stored:
            return bytes(head)
    # Late, for few exports are so large.
    from shared.aws import export_storage

    key = f"exports/{export.name}/{ids.new()}.{export.format}"
    begun = itertools.chain([bytes(head)], chunks)
    del head
    export_storage.write(key, begun, media_type=export.media_type)
    return export_storage.presign_get(key, filename=export.filename)


def _render(export: Export, records: Iterator[Record]) -> Iterator[bytes]:
    match export.format:
        case "csv":
            return _as_csv(export.columns, records)
        case "json":
            return _as_json(records)
        case "ndjson":
            return (f"{_dumps(record)}\n".encode() for record in records)


def _as_csv(columns: Sequence[str], records: Iterator[Record]) -> Iterator[bytes]:
    # Late, for most requests are no exports.
    import csv

    # RFC 4180: lines end in CRLF, and quotes stand around what needs them.
    line = io.StringIO(newline="")
    writer = csv.writer(line, lineterminator="\r\n")
    for cells in itertools.chain([columns], ([_cell(record[name]) for name in columns] for record in records)):
        writer.writerow(cells)
        yield line.getvalue().encode()
        line.seek(0)
        line.truncate()


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA_STARTS) else value
    if isinstance(value, dict | list):
        return _dumps(value)
    return "" if value is None else str(value)


def _as_json(records: Iterator[Record]) -> Iterator[bytes]:
    separator = "["
    for record in records:
        yield f"{separator}{_dumps(record)}".encode()
        separator = ",\n"
    yield b"[]" if separator == "[" else b"]"


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
