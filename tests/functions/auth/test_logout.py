"""`POST /auth/logout`."""

import pytest

from shared.db import connection, execute
from tests.support.api import Api
from tests.support.factories import Account


def log_in(api: Api, account: Account) -> dict[str, str]:
    answer = api.post("/api/v1/auth/login", json={"username": account.username, "password": account.password})
    return answer.json()


def test_logout_ends_this_session_at_once(api: Api, author: Account) -> None:
    answer = api.post("/api/v1/auth/logout", token=author.token)

    assert (answer.status, set(answer.json())) == (200, {"message"})
    assert api.get("/api/v1/auth/me", token=author.token).error_code == "TOKEN_REVOKED"
    assert api.post("/api/v1/auth/refresh", token=author.refresh_token).error_code == "TOKEN_REVOKED"


def test_logout_blacklists_the_access_token_for_itself(api: Api, author: Account) -> None:
    api.post("/api/v1/auth/logout", token=author.token)
    with connection() as conn:
        execute(conn, "UPDATE sessions SET revoked_at = NULL WHERE id = %(id)s", {"id": author.session_id})

    assert api.get("/api/v1/auth/me", token=author.token).error_code == "TOKEN_REVOKED"
    pair = api.post("/api/v1/auth/refresh", token=author.refresh_token).json()
    assert api.get("/api/v1/auth/me", token=pair["access_token"]).status == 200


@pytest.mark.parametrize("body", [None, {}, {"all_sessions": False}, {"all_sessions": None}])
def test_logout_leaves_other_sessions_alone(api: Api, author: Account, body: dict[str, bool] | None) -> None:
    other = log_in(api, author)

    api.post("/api/v1/auth/logout", token=author.token, json=body)

    assert api.get("/api/v1/auth/me", token=other["access_token"]).status == 200


def test_logout_of_all_sessions_ends_every_one(api: Api, author: Account) -> None:
    other = log_in(api, author)

    answer = api.post("/api/v1/auth/logout", token=author.token, json={"all_sessions": True})

    assert answer.status == 200
    assert api.get("/api/v1/auth/me", token=other["access_token"]).error_code == "TOKEN_REVOKED"
    assert api.post("/api/v1/auth/refresh", token=other["refresh_token"]).error_code == "TOKEN_REVOKED"


def test_logout_of_an_older_access_token_ends_the_session_too(api: Api, author: Account) -> None:
    pair = api.post("/api/v1/auth/refresh", token=author.refresh_token).json()

    api.post("/api/v1/auth/logout", token=author.token)

    assert api.get("/api/v1/auth/me", token=pair["access_token"]).error_code == "TOKEN_REVOKED"


@pytest.mark.parametrize("body", [{"all_sessions": "yes"}, {"all_sessions": 1}, {"everywhere": True}, []])
def test_logout_with_a_bad_body_is_422_and_ends_nothing(api: Api, author: Account, body: object) -> None:
    assert api.post("/api/v1/auth/logout", token=author.token, json=body).status == 422
    assert api.get("/api/v1/auth/me", token=author.token).status == 200


def test_logout_twice_is_401(api: Api, author: Account) -> None:
    api.post("/api/v1/auth/logout", token=author.token)

    assert api.post("/api/v1/auth/logout", token=author.token).error_code == "TOKEN_REVOKED"
