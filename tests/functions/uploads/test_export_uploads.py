"""`GET /uploads/export`."""

import csv
import io
import json
from typing import Any

import pytest

from tests.support.api import Answer, Api
from tests.support.factories import Account, make_account, make_file
from tests.support.storage import send
from tests.support.uploads import UPLOADS, get


def export(api: Api, caller: Account, **query: Any) -> Answer:
    return api.get(f"{UPLOADS}/export", token=caller.token, query=query)


def test_it_has_the_callers_own_that_the_filters_match(api: Api, author: Account) -> None:
    make_file(make_account(), status="available", is_public=True)
    files = [make_file(author, filename=name, status="available") for name in ("=b.pdf", "a.pdf")]
    make_file(author, filename="waits.pdf")

    answer = export(api, author, format="json", status="available", sort="filename")

    assert answer.headers["content-disposition"] == 'attachment; filename="uploads.json"'
    assert answer.json() == [get(api, author, str(file.id)) for file in files]
    lines = export(api, author, format="ndjson", status="available", sort="filename").body.splitlines()
    assert [json.loads(line) for line in lines] == answer.json()


def test_csv_has_the_resources_fields_and_no_formula(api: Api, author: Account) -> None:
    file = make_file(author, filename='=1+1, "x"')

    answer = export(api, author, format="csv")

    rows = list(csv.DictReader(io.StringIO(answer.body.decode(), newline="")))
    assert list(rows[0]) == list(get(api, author, str(file.id)))
    assert rows[0]["filename"] == '\'=1+1, "x"'
    assert rows[0]["reason"] == ""


def test_without_a_redirect_it_is_a_url(api: Api, author: Account) -> None:
    file = make_file(author)

    answer = export(api, author, format="json", redirect="false")

    assert set(answer.json()) == {"url", "expires_at"}
    assert json.loads(send("GET", answer.json()["url"]).body)[0]["id"] == str(file.id)


def test_large_one_is_redirected_to_the_storage(api: Api, author: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.domain.exports._LARGEST_ANSWER", 100)
    monkeypatch.setattr("shared.domain.exports._PAGE_ROWS", 2)
    names = [make_file(author, filename=str(number)).filename for number in range(5)]

    answer = export(api, author, format="ndjson", sort="-filename")

    assert answer.status == 303
    lines = send("GET", answer.headers["location"]).body.splitlines()
    assert [json.loads(line)["filename"] for line in lines] == names[::-1]


@pytest.mark.parametrize("query", [{"scope": "all"}, {"user_id": "0192f1b0-7c1e-7000-8000-5a1de1f0c0de"}])
def test_those_of_others_are_for_admins(api: Api, author: Account, admin: Account, query: dict[str, str]) -> None:
    assert export(api, author, **query).error_code == "FORBIDDEN"
    assert export(api, admin, **query).status == 200


def test_another_format_is_422(api: Api, author: Account) -> None:
    assert export(api, author, format="xml").error["details"]["field"] == "format"
