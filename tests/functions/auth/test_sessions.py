"""`GET /auth/sessions` and `DELETE /auth/sessions/{id}`."""

from typing import Any

from shared import ids
from shared.db import connection, execute
from tests.support.api import Api
from tests.support.factories import Account, make_account
from tests.support.tokens import claims_of

SESSIONS = "/api/v1/auth/sessions"


def log_in(api: Api, account: Account, **options: Any) -> dict[str, str]:
    body = {"username": account.username, "password": account.password}
    return api.post("/api/v1/auth/login", json=body, **options).json()


def test_sessions_are_listed_newest_first_with_where_they_were_begun(api: Api, author: Account) -> None:
    pair = log_in(api, author, headers={"User-Agent": "Browser/2.0\x01"}, source_ip="2001:db8::7")

    page = api.get(SESSIONS, token=pair["access_token"]).json()

    assert (len(page["items"]), page["next_cursor"], page["total"]) == (2, None, 2)
    newest, first = page["items"]
    assert set(newest) == {"id", "created_at", "last_used_at", "user_agent", "ip", "current"}
    assert newest["id"] == claims_of(pair["access_token"])["sid"]
    assert (newest["ip"], newest["user_agent"], newest["current"]) == ("2001:db8::7", "Browser/2.0", True)
    assert (first["id"], first["current"]) == (str(author.session_id), False)


def test_a_long_user_agent_is_cut(api: Api, author: Account) -> None:
    pair = log_in(api, author, headers={"User-Agent": "x" * 7000})

    newest = api.get(SESSIONS, token=pair["access_token"]).json()["items"][0]

    assert newest["user_agent"] == "x" * 255


def test_sessions_come_in_pages(api: Api, author: Account) -> None:
    for _ in range(2):
        log_in(api, author)
    first = api.get(SESSIONS, token=author.token, query={"limit": 2}).json()

    second = api.get(SESSIONS, token=author.token, query={"limit": 2, "cursor": first["next_cursor"]}).json()

    assert (first["total"], len(second["items"]), second["next_cursor"]) == (3, 1, None)
    assert len({item["id"] for item in first["items"] + second["items"]}) == 3


def test_the_total_is_exact_up_to_10_000(api: Api, author: Account) -> None:
    sql = """
        INSERT INTO sessions (id, user_id, jti, refreshed_at, expires_at, created_at)
        SELECT gen_random_uuid(), %(user_id)s, gen_random_uuid(), now(), now() + interval '1 day', now()
        FROM generate_series(1, %(count)s)
    """

    totals: list[int | None] = []
    for count in (9_999, 1):
        with connection() as conn:
            execute(conn, sql, {"user_id": author.id, "count": count})
        totals.append(api.get(SESSIONS, token=author.token, query={"limit": 1}).json()["total"])

    assert totals == [10_000, None]


def test_a_refresh_is_a_use_of_the_session(api: Api, author: Account) -> None:
    with connection() as conn:
        sql = "UPDATE sessions SET refreshed_at = now() - interval '1 hour' WHERE id = %(id)s"
        execute(conn, sql, {"id": author.session_id})
    before = api.get(SESSIONS, token=author.token).json()["items"][0]
    api.post("/api/v1/auth/refresh", token=author.refresh_token)

    after = api.get(SESSIONS, token=author.token).json()["items"][0]

    assert after["last_used_at"] > before["last_used_at"]
    assert after["created_at"] == before["created_at"]


def test_ended_and_expired_sessions_are_neither_listed_nor_of_use(api: Api, author: Account) -> None:
    ended, expired = log_in(api, author), log_in(api, author)
    api.post("/api/v1/auth/logout", token=ended["access_token"])
    with connection() as conn:
        sql = "UPDATE sessions SET expires_at = now() WHERE id = %(id)s"
        execute(conn, sql, {"id": claims_of(expired["access_token"])["sid"]})

    items = api.get(SESSIONS, token=author.token).json()["items"]

    assert [item["id"] for item in items] == [str(author.session_id)]
    for pair in (ended, expired):
        assert api.get("/api/v1/auth/me", token=pair["access_token"]).error_code == "TOKEN_REVOKED"
        assert api.post("/api/v1/auth/refresh", token=pair["refresh_token"]).error_code == "TOKEN_REVOKED"
        path = f"{SESSIONS}/{claims_of(pair['access_token'])['sid']}"
        assert api.delete(path, token=author.token).error_code == "NOT_FOUND"


def test_a_session_that_is_deleted_ends_at_once(api: Api, author: Account) -> None:
    pair = log_in(api, author)
    session_id = claims_of(pair["access_token"])["sid"]

    answer = api.delete(f"{SESSIONS}/{session_id}", token=author.token)

    assert (answer.status, answer.body) == (204, b"")
    assert api.get("/api/v1/auth/me", token=pair["access_token"]).error_code == "TOKEN_REVOKED"
    assert api.post("/api/v1/auth/refresh", token=pair["refresh_token"]).error_code == "TOKEN_REVOKED"
    assert api.get("/api/v1/auth/me", token=author.token).status == 200
    assert api.delete(f"{SESSIONS}/{session_id}", token=author.token).error_code == "NOT_FOUND"


def test_the_own_session_may_be_deleted(api: Api, author: Account) -> None:
    assert api.delete(f"{SESSIONS}/{author.session_id}", token=author.token).status == 204
    assert api.get("/api/v1/auth/me", token=author.token).error_code == "TOKEN_REVOKED"


def test_a_session_of_another_is_404_and_goes_on(api: Api, author: Account, admin: Account) -> None:
    other = make_account()

    for caller in (author, admin):
        assert api.delete(f"{SESSIONS}/{other.session_id}", token=caller.token).error_code == "NOT_FOUND"
    assert api.delete(f"{SESSIONS}/{ids.new()}", token=author.token).error_code == "NOT_FOUND"
    assert api.delete(f"{SESSIONS}/nonsense", token=author.token).status == 422
    assert api.get("/api/v1/auth/me", token=other.token).status == 200
