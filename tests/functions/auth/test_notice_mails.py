"""What an account's owner is told by mail."""

from shared.db import connection, execute
from tests.support.api import Api
from tests.support.factories import PASSWORD, Account
from tests.support.mail import mails_to
from tests.support.queues import work_outbox

NEW = "another good password of mine"


def _told(account: Account) -> list[str]:
    work_outbox()
    return [mail.subject for mail in mails_to(account.email)]


def test_a_changed_password(api: Api, author: Account) -> None:
    body = {"current_password": PASSWORD, "new_password": NEW}
    api.post("/api/v1/auth/change-password", token=author.token, json=body)

    assert _told(author) == ["Your password was changed"]


def test_a_password_that_was_reset(api: Api, author: Account) -> None:
    api.post("/api/v1/auth/request-password-reset", json={"email": author.email})
    work_outbox()
    body = {"token": mails_to(author.email)[-1].token, "new_password": NEW}
    api.post("/api/v1/auth/reset-password", json=body)

    assert _told(author)[-1] == "Your password was set anew"


def test_a_refresh_token_used_by_somebody_else(api: Api, author: Account) -> None:
    api.post("/api/v1/auth/refresh", token=author.refresh_token)
    with connection() as conn:
        sql = "UPDATE sessions SET refreshed_at = refreshed_at - interval '1 minute' WHERE id = %(id)s"
        execute(conn, sql, {"id": author.session_id})
    for _ in range(2):
        api.post("/api/v1/auth/refresh", token=author.refresh_token)

    assert _told(author) == ["A session of yours was ended"]


def test_a_disabled_account_once(api: Api, author: Account, admin: Account) -> None:
    for _ in range(2):
        api.put(f"/api/v1/users/{author.id}", token=admin.token, json={"is_active": False})

    assert _told(author) == ["Your account was disabled"]
