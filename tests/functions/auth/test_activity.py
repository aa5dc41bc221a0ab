"""`GET /auth/activity`."""

from tests.support.api import Api
from tests.support.factories import Account, make_account

PATH = "/api/v1/auth/activity"


def _sign_in(api: Api, account: Account, password: str | None = None) -> None:
    body = {"username": account.username, "password": password or account.password}
    api.post("/api/v1/auth/login", json=body, source_ip="203.0.113.50", headers={"User-Agent": "browser/3"})


def test_ones_own_sign_ins_come_newest_first(api: Api, author: Account) -> None:
    other = make_account()
    _sign_in(api, other)
    _sign_in(api, author)
    _sign_in(api, author, "a wrong one")

    answer = api.get(PATH, token=author.token)

    failed, succeeded = answer.json()["items"]
    assert (answer.status, answer.json()["total"], answer.json()["next_cursor"]) == (200, 2, None)
    assert set(failed) == {"occurred_at", "outcome", "ip", "user_agent"}
    assert (failed["outcome"], succeeded["outcome"]) == ("failure", "success")
    assert (failed["ip"], failed["user_agent"]) == ("203.0.113.50", "browser/3")
    assert failed["occurred_at"] > succeeded["occurred_at"]
    assert failed["occurred_at"].endswith("Z")


def test_pages_follow_each_other(api: Api, author: Account) -> None:
    for _ in range(3):
        _sign_in(api, author)

    first = api.get(PATH, token=author.token, query={"limit": 2}).json()
    second = api.get(PATH, token=author.token, query={"limit": 2, "cursor": first["next_cursor"]}).json()

    times = [item["occurred_at"] for item in (*first["items"], *second["items"])]
    assert times == sorted(times, reverse=True)
    assert (len(set(times)), second["next_cursor"]) == (3, None)


def test_a_cursor_of_another_list_is_422(api: Api, author: Account) -> None:
    for _ in range(2):
        _sign_in(api, author)
    cursor = api.get(PATH, token=author.token, query={"limit": 1}).json()["next_cursor"]

    answer = api.get("/api/v1/auth/sessions", token=author.token, query={"cursor": cursor})

    assert (answer.status, answer.error["details"]["field"]) == (422, "cursor")


def test_activity_needs_a_caller(api: Api) -> None:
    assert api.get(PATH).error_code == "AUTHENTICATION_REQUIRED"
