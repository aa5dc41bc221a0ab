"""`POST /auth/change-password`."""

import itertools

from tests.support.api import Answer, Api
from tests.support.factories import Account
from tests.support.limits import limits, unique_address
from tests.support.parallel import at_once

NEW = "another good password of mine"


def change(api: Api, account: Account, current: str, new: str = NEW, ip: str = "203.0.113.7") -> Answer:
    body = {"current_password": current, "new_password": new}
    return api.post("/api/v1/auth/change-password", token=account.token, json=body, source_ip=ip)


def log_in(api: Api, account: Account, password: str) -> Answer:
    return api.post("/api/v1/auth/login", json={"username": account.username, "password": password})


def test_the_new_password_works_and_the_old_one_does_not(api: Api, author: Account) -> None:
    answer = change(api, author, author.password)

    assert (answer.status, set(answer.json())) == (200, {"message"})
    assert log_in(api, author, NEW).status == 200
    assert log_in(api, author, author.password).error_code == "INVALID_CREDENTIALS"


def test_every_other_session_ends_and_this_one_goes_on(api: Api, author: Account) -> None:
    other = log_in(api, author, author.password).json()

    change(api, author, author.password)

    assert api.get("/api/v1/auth/me", token=author.token).status == 200
    assert api.post("/api/v1/auth/refresh", token=author.refresh_token).status == 200
    assert api.get("/api/v1/auth/me", token=other["access_token"]).error_code == "TOKEN_REVOKED"
    assert api.post("/api/v1/auth/refresh", token=other["refresh_token"]).error_code == "TOKEN_REVOKED"


def test_a_wrong_current_password_is_403_at_its_field(api: Api, author: Account) -> None:
    answer = change(api, author, "not the password")

    assert (answer.status, answer.error_code) == (403, "FORBIDDEN")
    assert answer.error["details"]["field"] == "current_password"
    assert log_in(api, author, author.password).status == 200


def test_a_weak_new_password_is_422_at_its_field(api: Api, author: Account) -> None:
    for weak in ("password1", author.username + author.username, "short"):
        answer = change(api, author, author.password, weak)
        assert (answer.status, answer.error["details"]["field"]) == (422, "new_password")


def test_a_wrong_current_password_counts_as_a_failed_login(api: Api, author: Account) -> None:
    ip = unique_address()
    with limits(login_account="2/15m"):
        answers = [change(api, author, "not the password", ip=ip) for _ in range(2)]
        blocked = change(api, author, author.password, ip=ip)
        login = api.post(
            "/api/v1/auth/login", json={"username": author.username, "password": author.password}, source_ip=ip
        )

    assert [answer.status for answer in answers] == [403, 403]
    assert (blocked.status, login.status) == (429, 429)


def test_a_right_current_password_counts_as_none(api: Api, author: Account) -> None:
    wished = [author.password, *(f"{NEW} number {number}" for number in range(3))]
    with limits(login_account="2/15m"):
        ip = unique_address()

        answers = [change(api, author, old, new, ip) for old, new in itertools.pairwise(wished)]

    assert [answer.status for answer in answers] == [200, 200, 200]


def test_10_parallel_changes_of_one_password_leave_one_new_password(api: Api, author: Account) -> None:
    wished = [f"{NEW} number {number}" for number in range(10)]

    answers = at_once(lambda number: change(api, author, author.password, wished[number]), times=10)

    assert sorted(answer.status for answer in answers) == [200] + [403] * 9
    works = [password for password in wished if log_in(api, author, password).status == 200]
    assert works == [wished[number] for number, answer in enumerate(answers) if answer.status == 200]
