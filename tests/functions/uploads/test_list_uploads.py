"""`GET /uploads`."""

import pytest

from shared import ids
from tests.support.api import Api
from tests.support.factories import Account, make_account, make_file
from tests.support.uploads import UPLOADS


def listed(api: Api, caller: Account, **query: object) -> list[str]:
    answer = api.get(UPLOADS, token=caller.token, query=query)
    assert answer.status == 200, answer.body
    return [item["id"] for item in answer.json()["items"]]


def test_list_has_the_callers_own_newest_first(api: Api, author: Account) -> None:
    mine = [str(make_file(author).id) for _ in range(3)]
    make_file(make_account(), is_public=True, status="available")

    assert listed(api, author) == mine[::-1]


@pytest.mark.parametrize("path", [UPLOADS, f"{UPLOADS}/"])
def test_empty_list(api: Api, author: Account, path: str) -> None:
    answer = api.get(path, token=author.token)

    assert answer.json() == {"items": [], "next_cursor": None, "total": 0}


def test_pages_follow_each_other_while_rows_come_in(api: Api, author: Account) -> None:
    mine = [str(make_file(author).id) for _ in range(5)]
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = api.get(UPLOADS, token=author.token, query={"limit": 2, **cursor}).json()
        seen += [item["id"] for item in page["items"]]
        make_file(author)
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}

    assert seen == mine[::-1]


def test_last_page_that_is_full_has_no_next(api: Api, author: Account) -> None:
    make_file(author)
    make_file(author)

    assert api.get(UPLOADS, token=author.token, query={"limit": 2}).json()["next_cursor"] is None


@pytest.mark.parametrize("limit", ["0", "101", "-1", "x", "1.5"])
def test_limit_out_of_range_is_422(api: Api, author: Account, limit: str) -> None:
    answer = api.get(UPLOADS, token=author.token, query={"limit": limit})

    assert (answer.status, answer.error["details"]["field"]) == (422, "limit")


def test_tampered_cursor_is_422(api: Api, author: Account) -> None:
    make_file(author)
    make_file(author)
    cursor = api.get(UPLOADS, token=author.token, query={"limit": 1}).json()["next_cursor"]

    for bad in (cursor[:-1], cursor + "A", "A" + cursor[1:], cursor[::-1], "x", "%00", "é"):
        answer = api.get(UPLOADS, token=author.token, query={"limit": 1, "cursor": bad})
        assert (answer.status, answer.error["details"]["field"]) == (422, "cursor"), bad


def test_unknown_query_parameters_are_ignored(api: Api, author: Account) -> None:
    file = make_file(author)

    assert listed(api, author, colour="red") == [str(file.id)]


def test_get_of_an_unknown_or_a_strange_id(api: Api, author: Account) -> None:
    assert api.get(f"{UPLOADS}/{ids.new()}", token=author.token).status == 404
    assert api.get(f"{UPLOADS}/not-an-id", token=author.token).status == 422
