"""`GET /uploads`: filters, order, and the admin's view."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.api import Api
from tests.support.factories import Account, make_account, make_file
from tests.support.uploads import UPLOADS

START = datetime(2026, 1, 1, tzinfo=UTC)


def names(api: Api, caller: Account, **query: object) -> list[str]:
    answer = api.get(UPLOADS, token=caller.token, query=query)
    assert answer.status == 200, answer.body
    body = answer.json()
    assert body["total"] == len(body["items"])
    return [item["filename"] for item in body["items"]]


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("PAPER", ["Paper 2.pdf", "paper_1.pdf"]),
        ("%", ["100% sure.txt"]),
        ("_", ["paper_1.pdf"]),
        ("\\", []),
        ("É", ["étude.txt"]),
        ("E\u0301", ["étude.txt"]),
        ("' OR 1=1 --", []),
        ("", ["étude.txt", "100% sure.txt", "Paper 2.pdf", "paper_1.pdf"]),
    ],
)
def test_q_is_literal_and_knows_no_case(api: Api, author: Account, q: str, found: list[str]) -> None:
    for name in ("paper_1.pdf", "Paper 2.pdf", "100% sure.txt", "étude.txt"):
        make_file(author, filename=name)

    assert names(api, author, q=q) == found


def test_status_and_type(api: Api, author: Account) -> None:
    make_file(author, filename="a", status="available", content_type="image/png")
    make_file(author, filename="b", status="available")
    make_file(author, filename="c", content_type="image/png")

    assert names(api, author, status="available") == ["b", "a"]
    assert names(api, author, content_type="image/png") == ["c", "a"]
    assert names(api, author, content_type="image/png", status="available") == ["a"]


def test_created_after_is_inclusive_and_before_exclusive(api: Api, author: Account) -> None:
    for number in range(4):
        make_file(author, filename=str(number), created_at=START + timedelta(days=number))

    def day(number: int) -> str:
        return (START + timedelta(days=number)).isoformat()

    assert names(api, author, created_after=day(1), created_before=day(3)) == ["2", "1"]
    assert names(api, author, created_after="2026-01-04T01:00:00+01:00") == ["3"]
    assert names(api, author, created_before=day(1).replace("+00:00", "Z")) == ["0"]


@pytest.mark.parametrize(
    ("sort", "ordered"),
    [
        ("created_at", ["b", "C", "a"]),
        ("-created_at", ["a", "C", "b"]),
        ("filename", ["a", "b", "C"]),
        ("-filename", ["C", "b", "a"]),
        ("file_size", ["C", "a", "b"]),
        ("-file_size", ["b", "a", "C"]),
    ],
)
def test_sort(api: Api, author: Account, sort: str, ordered: list[str]) -> None:
    for number, (name, size) in enumerate([("b", 30), ("C", 10), ("a", 20)]):
        make_file(author, filename=name, file_size=size, created_at=START + timedelta(days=number))

    assert names(api, author, sort=sort) == ordered
    walked: list[str] = []
    query = {"sort": sort, "limit": "1"}
    while True:
        page = api.get(UPLOADS, token=author.token, query=query).json()
        walked += [item["filename"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert walked == ordered


def test_rows_of_one_key_are_all_seen(api: Api, author: Account) -> None:
    made = {str(make_file(author, filename="same", created_at=START, file_size=7).id) for _ in range(5)}
    for sort in ("filename", "-file_size", "created_at"):
        seen: list[str] = []
        query = {"sort": sort, "limit": "2"}
        while query.get("cursor") != "":
            page = api.get(UPLOADS, token=author.token, query=query).json()
            seen += [item["id"] for item in page["items"]]
            query["cursor"] = page["next_cursor"] or ""
        assert len(seen) == 5
        assert set(seen) == made


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("status", "done"),
        ("sort", "owner"),
        ("sort", "--filename"),
        ("created_after", "yesterday"),
        ("created_before", "2026-01-01T00:00:00"),
        ("user_id", "me"),
        ("scope", "everything"),
        ("q", "x" * 256),
    ],
)
def test_wrong_value_is_422_and_named(api: Api, admin: Account, name: str, value: str) -> None:
    answer = api.get(UPLOADS, token=admin.token, query={name: value})

    assert (answer.status, answer.error["details"]["field"]) == (422, name)


@pytest.mark.parametrize("changed", [{"q": "b"}, {"sort": "filename"}, {"status": "pending"}, {"scope": "all"}])
def test_cursor_belongs_to_its_sort_and_filters(api: Api, admin: Account, changed: dict[str, str]) -> None:
    make_file(admin, filename="bb")
    make_file(admin, filename="bbb")
    cursor = api.get(UPLOADS, token=admin.token, query={"limit": 1}).json()["next_cursor"]

    answer = api.get(UPLOADS, token=admin.token, query={"limit": 1, "cursor": cursor, **changed})
    assert (answer.status, answer.error["details"]["field"]) == (422, "cursor")
    assert api.get(UPLOADS, token=admin.token, query={"limit": 2, "cursor": cursor}).status == 200


def test_cursor_belongs_to_its_caller(api: Api, author: Account) -> None:
    make_file(author)
    make_file(author)
    cursor = api.get(UPLOADS, token=author.token, query={"limit": 1}).json()["next_cursor"]

    assert api.get(UPLOADS, token=make_account().token, query={"cursor": cursor}).status == 422


def test_an_admin_sees_those_of_one_user_or_of_all(api: Api, author: Account, admin: Account) -> None:
    theirs = make_file(author, filename="theirs")
    mine = make_file(admin, filename="mine")

    assert names(api, admin) == ["mine"]
    assert names(api, admin, user_id=author.id) == ["theirs"]
    page = api.get(UPLOADS, token=admin.token, query={"scope": "all", "limit": 2}).json()
    assert [item["id"] for item in page["items"]] == [str(mine.id), str(theirs.id)]


@pytest.mark.parametrize("query", [{"scope": "all"}, {"user_id": "0192f1b0-7c1e-7000-8000-5a1de1f0c0de"}])
def test_others_may_not(api: Api, author: Account, query: dict[str, str]) -> None:
    answer = api.get(UPLOADS, token=author.token, query=query)

    assert (answer.status, answer.error_code) == (403, "FORBIDDEN")
