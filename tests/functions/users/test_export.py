"""`GET /users/export`."""

import csv
import io
import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from shared.db import connection, execute
from tests.support import storage
from tests.support.api import Answer, Api
from tests.support.factories import Account, make_account, unique
from tests.support.statements import statements

EXPORT = "/api/v1/users/export"
FIELDS = ["id", "username", "email", "role", "is_active", "created_at", "updated_at"]


def export(api: Api, admin: Account, **query: Any) -> Answer:
    return api.get(EXPORT, token=admin.token, query=query)


def make_three() -> tuple[str, list[str]]:
    word = unique("Export")
    accounts = [
        make_account(username=f"{letter}{word}", email=f"{sign}{word}@example.org")
        for letter, sign in ("a=", "b+", "cx")
    ]
    return word, [account.username for account in accounts]


def fetch(url: str) -> bytes:
    answer = storage.send("GET", url)
    assert answer.status == 200
    assert answer.headers["content-disposition"].startswith('attachment; filename="users.')
    return answer.body


def rows_of(content: bytes, format_: str) -> list[dict[str, Any]]:
    if format_ == "csv":
        return list(csv.DictReader(io.StringIO(content.decode(), newline="")))
    if format_ == "json":
        return json.loads(content)
    return [json.loads(line) for line in content.splitlines()]


@pytest.mark.parametrize(
    ("format_", "media_type"),
    [("csv", "text/csv; charset=utf-8"), ("json", "application/json"), ("ndjson", "application/x-ndjson")],
)
def test_an_export_has_all_rows_that_the_filters_match(api: Api, admin: Account, format_: str, media_type: str) -> None:
    word, names = make_three()

    answer = export(api, admin, format=format_, q=word, sort="username")

    assert (answer.status, answer.headers["content-type"]) == (200, media_type)
    assert answer.headers["content-disposition"] == f'attachment; filename="users.{format_}"'
    rows = rows_of(answer.body, format_)
    assert [row["username"] for row in rows] == names
    assert all(list(row) == FIELDS for row in rows)
    first = api.get(f"/api/v1/users/{rows[0]['id']}", token=admin.token).json()
    if format_ != "csv":
        assert rows[0] == first


def test_csv_is_rfc_4180_and_safe_against_formulas(api: Api, admin: Account) -> None:
    word, _ = make_three()

    text = export(api, admin, format="csv", q=word, sort="username").body.decode()

    lines = text.split("\r\n")
    assert (lines[0], lines[-1], len(lines)) == (",".join(FIELDS), "", 5)
    assert f",'={word}@example.org,user,true," in lines[1]
    assert f",'+{word}@example.org," in lines[2]
    assert f",x{word}@example.org," in lines[3]


@pytest.mark.parametrize(("format_", "empty"), [("csv", f"{','.join(FIELDS)}\r\n"), ("json", "[]"), ("ndjson", "")])
def test_an_export_of_nothing(api: Api, admin: Account, format_: str, empty: str) -> None:
    query = {"format": format_, "q": unique("nobody")}

    assert export(api, admin, **query).body.decode() == empty
    url = export(api, admin, **query, redirect="false").json()["url"]
    assert fetch(url).decode() == empty


@pytest.mark.parametrize("format_", ["xml", "CSV", ""])
def test_another_format_is_422(api: Api, admin: Account, format_: str) -> None:
    answer = export(api, admin, format=format_)

    assert (answer.status, answer.error["details"]["field"]) == (422, "format")


def test_without_a_redirect_the_answer_is_always_a_url(api: Api, admin: Account) -> None:
    word, names = make_three()

    answer = export(api, admin, format="json", q=word, sort="username", redirect="false")

    assert (answer.status, set(answer.json())) == (200, {"url", "expires_at"})
    assert [row["username"] for row in json.loads(fetch(answer.json()["url"]))] == names


def test_a_large_export_is_redirected_to_the_storage(api: Api, admin: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three parts, so that the parts are put together too."""
    monkeypatch.setattr("shared.domain.exports._LARGEST_ANSWER", 100)
    monkeypatch.setattr("shared.domain.exports._PAGE_ROWS", 2)
    word, names = make_three()

    answer = export(api, admin, format="ndjson", q=word, sort="username")

    assert (answer.status, answer.body) == (303, b"")
    url = answer.headers["location"]
    assert urlsplit(url).path.startswith("/reviewpoint-exports/exports/users/")
    assert [row["username"] for row in rows_of(fetch(url), "ndjson")] == names


def test_what_is_made_after_its_start_is_not_in_an_export(api: Api, admin: Account) -> None:
    word, names = make_three()
    late = make_account(username=f"d{word}")
    with connection() as conn:
        execute(conn, "UPDATE users SET created_at = now() + interval '1 minute' WHERE id = %(id)s", {"id": late.id})

    for query in ({}, {"created_before": "2999-01-01T00:00:00Z"}):
        answer = export(api, admin, format="json", q=word, sort="username", **query)
        assert [row["username"] for row in answer.json()] == names


def test_an_export_reads_keyset_pages(api: Api, admin: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.domain.exports._PAGE_ROWS", 2)
    word, _ = make_three()

    with statements() as seen:
        export(api, admin, q=word)

    pages = [sql for sql in seen if "lower(username) LIKE" in sql]
    assert len(pages) == 2
    assert not any("OFFSET" in sql for sql in seen)
