"""Lists in pages."""

import base64
from typing import Any

import pytest

from tests.support.api import Api
from tests.support.factories import Account, make_account, make_file

LIST = "/api/v1/uploads"


def test_pages_give_every_item_once_newest_first(api: Api, author: Account) -> None:
    made = [str(make_file(author).id) for _ in range(5)]
    seen: list[str] = []
    cursor: str | None = None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = api.get(LIST, token=author.token, query=query).json()
        assert set(page) == {"items", "next_cursor", "total"}
        assert page["total"] == 5
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == made[::-1]


def test_pages_stay_stable_while_others_are_added(api: Api, author: Account) -> None:
    made = [str(make_file(author).id) for _ in range(4)]
    first = api.get(LIST, token=author.token, query={"limit": 2}).json()
    make_file(author)

    second = api.get(LIST, token=author.token, query={"limit": 2, "cursor": first["next_cursor"]}).json()

    assert [item["id"] for item in first["items"] + second["items"]] == made[::-1]


def test_an_empty_list_is_a_page(api: Api, author: Account) -> None:
    assert api.get(LIST, token=author.token).json() == {"items": [], "next_cursor": None, "total": 0}


def test_the_default_is_20_and_the_most_100(api: Api, author: Account) -> None:
    for _ in range(21):
        make_file(author)

    assert len(api.get(LIST, token=author.token).json()["items"]) == 20
    assert len(api.get(LIST, token=author.token, query={"limit": 100}).json()["items"]) == 21


@pytest.mark.parametrize("limit", ["0", "-1", "101", "x", "1.5", "", "9" * 30])
def test_a_bad_limit_is_422(api: Api, author: Account, limit: str) -> None:
    answer = api.get(LIST, token=author.token, query={"limit": limit})

    assert (answer.status, answer.error["details"]["field"]) == (422, "limit")


def _tampered(cursor: str) -> list[str]:
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    flipped = [bytes(byte ^ (index == at) for index, byte in enumerate(raw)) for at in (0, 15, 16, len(raw) - 1)]
    encoded = [base64.urlsafe_b64encode(each).decode().rstrip("=") for each in (*flipped, raw[:16], raw[16:])]
    return [*encoded, cursor + "=", cursor[:-1], f" {cursor}", cursor.swapcase(), "x", "é", "\x00", "a" * 5000]


def test_a_tampered_cursor_is_422(api: Api, author: Account) -> None:
    for _ in range(2):
        make_file(author)
    cursor = api.get(LIST, token=author.token, query={"limit": 1}).json()["next_cursor"]

    for tampered in _tampered(cursor):
        answer = api.get(LIST, token=author.token, query={"cursor": tampered})
        assert (answer.status, answer.error["details"]["field"]) == (422, "cursor"), tampered


def test_a_cursor_shows_nobody_elses_items(api: Api, author: Account) -> None:
    for _ in range(2):
        make_file(author)
    cursor: Any = api.get(LIST, token=author.token, query={"limit": 1}).json()["next_cursor"]

    answer = api.get(LIST, token=make_account().token, query={"cursor": cursor})

    assert (answer.status, answer.error["details"]["field"]) == (422, "cursor")
