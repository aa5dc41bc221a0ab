"""`POST /auth/refresh`: rotation, the grace for retries, and what a stolen token leads to."""

from datetime import timedelta

from shared.db import connection, execute
from tests.support.api import Answer, Api
from tests.support.factories import Account, make_account
from tests.support.logs import captured_logs
from tests.support.parallel import at_once


def refresh(api: Api, token: str) -> Answer:
    return api.post("/api/v1/auth/refresh", token=token)


def let_pass(account: Account, seconds: float) -> None:
    """Move the session's last refresh into the past."""
    with connection() as conn:
        execute(
            conn,
            "UPDATE sessions SET refreshed_at = refreshed_at - %(age)s WHERE id = %(id)s",
            {"age": timedelta(seconds=seconds), "id": account.session_id},
        )


def test_refresh_gives_a_new_pair(api: Api, author: Account) -> None:
    answer = refresh(api, author.refresh_token)

    pair = answer.json()
    assert answer.status == 200
    assert (pair["token_type"], pair["expires_in"]) == ("bearer", 3600)
    assert pair["refresh_token"] != author.refresh_token
    assert api.get("/api/v1/auth/me", token=pair["access_token"]).status == 200
    assert refresh(api, pair["refresh_token"]).status == 200


def test_refresh_prolongs_the_session(api: Api, author: Account) -> None:
    move = "UPDATE sessions SET expires_at = expires_at - %(age)s WHERE id = %(id)s"
    with connection() as conn:
        execute(conn, move, {"age": timedelta(days=6, hours=23), "id": author.session_id})
    pair = refresh(api, author.refresh_token).json()
    with connection() as conn:
        execute(conn, move, {"age": timedelta(days=6), "id": author.session_id})

    assert api.get("/api/v1/auth/me", token=pair["access_token"]).status == 200
    assert refresh(api, pair["refresh_token"]).status == 200


def test_refresh_again_within_ten_seconds_gives_the_same_pair(api: Api, author: Account) -> None:
    first = refresh(api, author.refresh_token).json()

    assert refresh(api, author.refresh_token).json() == first


def test_refresh_again_later_ends_the_session_and_says_so_in_the_log(api: Api, author: Account) -> None:
    pair = refresh(api, author.refresh_token).json()
    let_pass(author, 11)

    with captured_logs() as logs:
        answer = refresh(api, author.refresh_token)

    assert (answer.status, answer.error_code) == (401, "TOKEN_REVOKED")
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert any(line["level"] == "WARNING" and line.get("session_id") == str(author.session_id) for line in logs.lines)
    assert api.get("/api/v1/auth/me", token=pair["access_token"]).error_code == "TOKEN_REVOKED"
    assert refresh(api, pair["refresh_token"]).error_code == "TOKEN_REVOKED"


def test_refresh_with_the_one_before_the_previous_ends_the_session(api: Api, author: Account) -> None:
    second = refresh(api, author.refresh_token).json()
    third = refresh(api, second["refresh_token"]).json()

    assert refresh(api, author.refresh_token).error_code == "TOKEN_REVOKED"
    assert refresh(api, third["refresh_token"]).error_code == "TOKEN_REVOKED"


def test_20_parallel_refreshes_leave_one_pair_and_nobody_logged_out(api: Api, author: Account) -> None:
    answers = at_once(lambda _: refresh(api, author.refresh_token), times=20)

    assert {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == 1
    pair = answers[0].json()
    assert api.get("/api/v1/auth/me", token=pair["access_token"]).status == 200
    assert refresh(api, pair["refresh_token"]).status == 200


def test_refresh_against_logout_in_parallel_leaves_no_live_token(api: Api, author: Account) -> None:
    """10 refreshes and a logout at once: whoever is first, the session has ended."""

    def send(number: int) -> Answer:
        return (
            api.post("/api/v1/auth/logout", token=author.token) if number == 5 else refresh(api, author.refresh_token)
        )

    answers = at_once(send, times=11)

    for answer in answers[:5] + answers[6:]:
        if answer.status == 200:
            assert refresh(api, answer.json()["refresh_token"]).error_code == "TOKEN_REVOKED"
            assert api.get("/api/v1/auth/me", token=answer.json()["access_token"]).error_code == "TOKEN_REVOKED"
        else:
            assert answer.error_code == "TOKEN_REVOKED"


def test_refresh_leaves_another_session_of_the_user_alone(api: Api, author: Account) -> None:
    login = {"username": author.username, "password": author.password}
    other = api.post("/api/v1/auth/login", json=login).json()
    refresh(api, author.refresh_token)
    let_pass(author, 11)
    refresh(api, author.refresh_token)

    assert api.get("/api/v1/auth/me", token=other["access_token"]).status == 200


def test_refresh_of_a_disabled_account_is_403(api: Api) -> None:
    answer = refresh(api, make_account(is_active=False).refresh_token)

    assert (answer.status, answer.error_code) == (403, "ACCOUNT_DISABLED")


def test_refresh_without_a_token_is_401(api: Api) -> None:
    answer = api.post("/api/v1/auth/refresh")

    assert (answer.status, answer.error_code) == (401, "AUTHENTICATION_REQUIRED")
