"""Exports: how they are written, and that memory does not grow with them."""

import csv
import io
import json
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain import exports
from shared.domain.exports import Export, Format


class Bucket:
    """S3 as far as a large export needs it; keeps nothing."""

    def __init__(self) -> None:
        self.parts: list[int] = []

    def put_object(self, *, Body: bytes, **_: Any) -> None:  # noqa: N803
        self.parts.append(len(Body))

    def create_multipart_upload(self, **_: Any) -> dict[str, str]:
        return {"UploadId": "x"}

    def upload_part(self, *, Body: bytes, **_: Any) -> dict[str, str]:  # noqa: N803
        self.parts.append(len(Body))
        return {"ETag": "x"}

    def complete_multipart_upload(self, **_: Any) -> None: ...


def records(count: int) -> Iterator[dict[str, Any]]:
    return ({"id": number, "email": f"somebody{number}@example.org", "note": "x" * 100} for number in range(count))


def written(format_: Format, rows: list[dict[str, Any]]) -> str:
    content = exports.deliver(Export("things", ["a", "b"], format_), rows, always_stored=False)
    assert isinstance(content, bytes)
    return content.decode()


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Bucket:
    bucket = Bucket()

    def client(_: str) -> Bucket:
        return bucket

    monkeypatch.setattr("shared.aws.export_storage.client", client)
    return bucket


def test_what_is_over_4_mib_is_stored(bucket: Bucket) -> None:
    export = Export("things", ["a"], "ndjson")
    row = {"a": "x" * (4 * 1024 * 1024 - len('{"a":""}\n'))}

    answered = exports.deliver(export, [row], always_stored=False)
    stored = exports.deliver(export, [{"a": row["a"] + "x"}], always_stored=False)

    assert isinstance(answered, bytes)
    assert not isinstance(stored, bytes)
    assert bucket.parts == [len(answered) + 1]


@pytest.mark.slow
def test_memory_stays_flat_however_many_rows_there_are(bucket: Bucket) -> None:
    export = Export("things", ["id", "email", "note"], "csv")
    tracemalloc.start()
    exports.deliver(export, records(200_000), always_stored=False)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert sum(bucket.parts) > 25_000_000
    assert min(bucket.parts[:-1]) >= 5 * 1024 * 1024
    assert peak < 20 * 1024 * 1024


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_a_cell_that_a_spreadsheet_would_run_is_guarded(start: str) -> None:
    (_, row) = csv.reader(io.StringIO(written("csv", [{"a": f"{start}1", "b": f"1{start}"}]), newline=""))

    assert row == [f"'{start}1", f"1{start}"]


@given(st.lists(st.fixed_dictionaries({"a": st.text(max_size=20), "b": st.booleans() | st.none() | st.integers()})))
@settings(max_examples=100, deadline=None)
def test_any_text_comes_back_but_for_the_guard_of_formulas(rows: list[dict[str, Any]]) -> None:
    rows = [row | {"a": row["a"].encode(errors="ignore").decode()} for row in rows]

    read = list(csv.reader(io.StringIO(written("csv", rows), newline="")))[1:]

    assert len(read) == len(rows)
    for (cell, _), row in zip(read, rows, strict=True):
        assert cell in {row["a"], f"'{row['a']}"}
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert json.loads(written("json", rows)) == rows
    assert [json.loads(line) for line in written("ndjson", rows).split("\n")[:-1]] == rows
