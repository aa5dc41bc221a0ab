"""`DELETE /users/me` and `DELETE /users/{id}`."""

from datetime import timedelta
from typing import Any

import pytest

from shared import clock
from shared.db import connection, fetch_value
from tests.support.api import Answer, Api
from tests.support.factories import PASSWORD, Account, make_account, make_file
from tests.support.faults import s3_down
from tests.support.limits import limits, unique_address
from tests.support.mail import mails_to
from tests.support.queues import work_outbox

USERS = "/api/v1/users"


def delete_me(api: Api, account: Account, password: str = PASSWORD, ip: str = "203.0.113.7") -> Answer:
    return api.delete(f"{USERS}/me", token=account.token, json={"password": password}, source_ip=ip)


def count(table: str, account: Account) -> int:
    sql: Any = {
        "users": "SELECT count(*) FROM users WHERE id = %(id)s",
        "files": "SELECT count(*) FROM files WHERE user_id = %(id)s",
        "sessions": "SELECT count(*) FROM sessions WHERE user_id = %(id)s",
    }[table]
    with connection() as conn:
        return fetch_value(conn, sql, {"id": account.id})


def delete(api: Api, account: Account, admin: Account, by: str) -> Answer:
    return delete_me(api, account) if by == "me" else api.delete(f"{USERS}/{account.id}", token=admin.token)


@pytest.mark.parametrize("by", ["me", "admin"])
def test_the_account_is_gone_for_every_reader_at_once(api: Api, author: Account, admin: Account, by: str) -> None:
    shared, own = make_file(author, status="available", is_public=True), make_file(author)
    kept = make_file(author, status="rejected", reason="SCAN_FAILED", kept_until=clock.now() + timedelta(days=1))

    answer = delete(api, author, admin, by)

    assert (answer.status, answer.body) == (204, b"")
    assert api.get(f"{USERS}/me", token=author.token).error_code == "TOKEN_REVOKED"
    assert api.post("/api/v1/auth/refresh", token=author.refresh_token).error_code == "TOKEN_REVOKED"
    for login in (author.username, author.email):
        answer = api.post("/api/v1/auth/login", json={"username": login, "password": PASSWORD})
        assert answer.error_code == "INVALID_CREDENTIALS"
    assert api.get(f"{USERS}/{author.id}", token=admin.token).status == 404
    assert api.put(f"{USERS}/{author.id}", token=admin.token, json={"role": "user"}).status == 404
    assert api.get(USERS, token=admin.token, query={"q": author.username}).json()["items"] == []
    other = make_account()
    for file in (shared, own, kept):
        assert api.post(f"/api/v1/uploads/{file.id}/rescan", token=admin.token).status == 404
        for viewer in (other, admin):
            assert api.get(f"/api/v1/uploads/{file.id}", token=viewer.token).status == 404
            assert api.get(f"/api/v1/uploads/{file.id}/download", token=viewer.token).status == 404
            changed = api.patch(f"/api/v1/uploads/{file.id}", token=viewer.token, json={"is_public": False})
            assert changed.status == 404
            assert api.delete(f"/api/v1/uploads/{file.id}", token=viewer.token).status == 404
    bulk = api.post("/api/v1/uploads/bulk-delete", token=other.token, json={"ids": [str(shared.id)]}).json()
    assert bulk["failed"] == [{"id": str(shared.id), "code": "NOT_FOUND"}]
    everything = api.get("/api/v1/uploads", token=admin.token, query={"scope": "all", "limit": 100}).json()
    assert str(author.id) not in {item["user_id"] for item in everything["items"]}


@pytest.mark.parametrize("by", ["me", "admin"])
def test_name_and_address_are_free_at_once(api: Api, author: Account, admin: Account, by: str) -> None:
    delete(api, author, admin, by)
    body = {"username": author.username.upper(), "email": author.email, "password": PASSWORD}

    again = api.post("/api/v1/auth/register", json=body)

    assert again.status == 201
    assert again.json()["id"] != str(author.id)
    work_outbox()
    assert api.post("/api/v1/auth/login", json={"username": author.email, "password": PASSWORD}).status == 200


def test_rows_and_objects_follow_in_batches(api: Api, author: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    removed: list[str] = []

    def remove(key: str, _: str | None) -> None:
        removed.append(key)

    monkeypatch.setattr("shared.aws.storage.delete", remove)
    monkeypatch.setattr("functions.outbox.service._FILES_BATCH", 3)
    keys = {make_file(author).file_path for _ in range(7)}
    delete_me(api, author)
    assert count("files", author) == 7

    work_outbox()

    assert {count("users", author), count("files", author), count("sessions", author)} == {0}
    assert keys <= set(removed)


def test_with_the_storage_down_the_account_goes_all_the_same(api: Api, author: Account) -> None:
    make_file(author)
    with s3_down():
        assert delete_me(api, author).status == 204
        work_outbox()

    assert count("users", author) == 0
    sql = "SELECT count(*) FROM outbox WHERE kind = 'delete_object' AND payload ->> 'key' LIKE %(key)s"
    with connection() as conn:
        assert fetch_value(conn, sql, {"key": f"uploads/{author.id}/%"}) == 1


def test_a_wrong_password_is_403_at_its_field_and_deletes_nothing(api: Api, author: Account) -> None:
    answer = delete_me(api, author, "not the password")

    assert (answer.status, answer.error_code) == (403, "FORBIDDEN")
    assert answer.error["details"]["field"] == "password"
    assert api.get(f"{USERS}/me", token=author.token).status == 200


def test_a_wrong_password_counts_as_a_failed_login(api: Api, author: Account) -> None:
    ip = unique_address()
    with limits(login_account="2/15m"):
        assert [delete_me(api, author, "not the password", ip).status for _ in range(3)] == [403, 403, 429]
        assert delete_me(api, author, ip=ip).status == 429
        assert delete_me(api, author, ip=unique_address()).status == 204


@pytest.mark.parametrize("body", [None, {}, {"password": None}, {"password": ""}, {"password": PASSWORD, "x": 1}])
def test_a_bad_body_is_422(api: Api, author: Account, body: Any) -> None:
    assert api.delete(f"{USERS}/me", token=author.token, json=body).status == 422


def test_a_link_that_was_mailed_before_is_no_good(api: Api, author: Account) -> None:
    api.post("/api/v1/auth/request-password-reset", json={"email": author.email})
    work_outbox()
    token = mails_to(author.email)[-1].token
    delete_me(api, author)

    answer = api.post("/api/v1/auth/reset-password", json={"token": token, "new_password": "another good password"})

    assert answer.error_code == "RESET_TOKEN_INVALID"


def test_deleting_twice_is_404(api: Api, author: Account, admin: Account) -> None:
    path = f"{USERS}/{author.id}"

    assert [api.delete(path, token=admin.token).status for _ in range(2)] == [204, 404]
