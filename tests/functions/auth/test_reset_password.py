"""`POST /auth/request-password-reset` and `POST /auth/reset-password`."""

from typing import Any

import pytest

from shared import settings
from shared.db import connection, execute, fetch_all, fetch_value
from shared.domain import mails
from shared.repositories.outbox import OutboxRow
from tests.support.api import Answer, Api
from tests.support.factories import Account, make_account, unique
from tests.support.faults import aws_down
from tests.support.logs import captured_logs
from tests.support.mail import mails_to
from tests.support.parallel import at_once
from tests.support.queues import work_outbox
from tests.support.statements import statements

NEW = "another good password of mine"


def request(api: Api, email: str) -> Answer:
    return api.post("/api/v1/auth/request-password-reset", json={"email": email})


def reset(api: Api, token: str, new: str = NEW) -> Answer:
    return api.post("/api/v1/auth/reset-password", json={"token": token, "new_password": new})


def mailed_token(api: Api, account: Account) -> str:
    request(api, account.email)
    work_outbox()
    return mails_to(account.email)[-1].token


def log_in(api: Api, account: Account, password: str) -> int:
    return api.post("/api/v1/auth/login", json={"username": account.username, "password": password}).status


def outbox_mails() -> list[OutboxRow]:
    with connection() as conn:
        return fetch_all(conn, OutboxRow, "SELECT id, kind, payload, attempts FROM outbox WHERE kind = 'mail'", {})


def test_the_mail_is_plain_text_with_one_link(api: Api, author: Account) -> None:
    answer = request(api, author.email.upper().replace("EXAMPLE.ORG", "Example.Org"))
    work_outbox()

    (mail,) = mails_to(author.email)
    assert (answer.status, set(answer.json())) == (202, {"message"})
    assert mail.text.count("http") == 1
    assert f"\nhttps://reviewpoint.example.org/#/reset-password?token={mail.token}\n" in mail.text
    assert len(mail.token) >= 43
    assert author.username in mail.text


@pytest.mark.parametrize(
    ("ttl", "words"), [(2, "a minute"), (60, "a minute"), (900, "15 minutes"), (3600, "an hour"), (7200, "2 hours")]
)
def test_the_mail_says_how_long_the_link_works(
    api: Api, author: Account, monkeypatch: pytest.MonkeyPatch, ttl: int, words: str
) -> None:
    """A link of some seconds used to be announced as one of "0 hours"."""
    ttls = settings.one_time_tokens().model_copy(update={"password_reset_ttl": ttl})
    monkeypatch.setattr(settings, "one_time_tokens", lambda: ttls)

    request(api, author.email)
    work_outbox()

    (mail,) = mails_to(author.email)
    assert f"Set it here within {words}:" in mail.text


def test_the_answer_and_what_it_costs_tell_nothing_of_the_account(api: Api, author: Account) -> None:
    costs: list[list[str]] = []
    answers: list[Answer] = []
    for email in (author.email, f"{unique('nobody')}@example.org", make_account(is_active=False).email):
        with statements() as seen:
            answers.append(request(api, email))
        costs.append(seen)

    assert {(answer.status, answer.body) for answer in answers} == {(202, answers[0].body)}
    assert costs[0] == costs[1] == costs[2]


def test_nobody_gets_a_mail_but_an_active_account(api: Api) -> None:
    disabled, nobody = make_account(is_active=False).email, f"{unique('nobody')}@example.org"
    for email in (disabled, nobody):
        request(api, email)
    work_outbox()

    assert mails_to(disabled) == mails_to(nobody) == []
    assert outbox_mails() == []


def test_the_new_password_works_and_every_session_ends(api: Api, author: Account) -> None:
    token = mailed_token(api, author)

    answer = reset(api, token)

    assert (answer.status, set(answer.json())) == (200, {"message"})
    assert (log_in(api, author, NEW), log_in(api, author, author.password)) == (200, 401)
    assert api.get("/api/v1/auth/me", token=author.token).error_code == "TOKEN_REVOKED"
    assert api.post("/api/v1/auth/refresh", token=author.refresh_token).error_code == "TOKEN_REVOKED"


def test_a_token_works_once_and_its_use_is_recorded(api: Api, author: Account) -> None:
    token = mailed_token(api, author)
    reset(api, token)

    answer = reset(api, token, "yet another good password")

    assert (answer.status, answer.error_code) == (400, "RESET_TOKEN_USED")
    assert log_in(api, author, NEW) == 200
    sql = "SELECT count(*) FROM used_password_reset_tokens WHERE email = %(email)s AND nonce = %(nonce)s"
    with connection() as conn:
        assert fetch_value(conn, sql, {"email": author.email, "nonce": mails.hash_token(token)}) == 1


def test_of_20_parallel_uses_of_a_token_one_is_taken(api: Api, author: Account) -> None:
    token = mailed_token(api, author)

    answers = at_once(lambda number: reset(api, token, f"{NEW} number {number}"), times=20)

    assert sorted(answer.status for answer in answers) == [200] + [400] * 19
    assert {answer.error_code for answer in answers if answer.status == 400} == {"RESET_TOKEN_USED"}
    winner = next(number for number, answer in enumerate(answers) if answer.status == 200)
    assert log_in(api, author, f"{NEW} number {winner}") == 200


@pytest.mark.parametrize("token", ["x", "a" * 43, "é", "' OR 1=1 --"])
def test_an_unknown_token_is_invalid(api: Api, token: str) -> None:
    answer = reset(api, token)

    assert (answer.status, answer.error_code) == (400, "RESET_TOKEN_INVALID")


def test_a_token_expires_after_an_hour(api: Api, author: Account) -> None:
    token = mailed_token(api, author)
    with connection() as conn:
        sql = "UPDATE one_time_tokens SET expires_at = expires_at - interval '1 hour' WHERE user_id = %(id)s"
        execute(conn, sql, {"id": author.id})

    answer = reset(api, token)

    assert (answer.status, answer.error_code) == (400, "RESET_TOKEN_EXPIRED")
    assert log_in(api, author, author.password) == 200


def test_a_weak_password_is_422_and_spends_nothing(api: Api, author: Account) -> None:
    token = mailed_token(api, author)

    for weak in ("password1", author.email):
        answer = reset(api, token, weak)
        assert (answer.status, answer.error["details"]["field"]) == (422, "new_password")
    assert reset(api, token).status == 200


def test_a_reset_ends_the_other_links_that_were_mailed(api: Api, author: Account) -> None:
    first, second = mailed_token(api, author), mailed_token(api, author)
    reset(api, second)

    assert reset(api, first, "yet another good password").error_code == "RESET_TOKEN_INVALID"
    assert log_in(api, author, NEW) == 200


def test_a_changed_password_ends_the_links_that_were_mailed_before(api: Api, author: Account) -> None:
    token = mailed_token(api, author)
    body = {"current_password": author.password, "new_password": "yet another good password"}
    api.post("/api/v1/auth/change-password", token=author.token, json=body)

    assert reset(api, token).error_code == "RESET_TOKEN_INVALID"


def test_a_changed_address_ends_the_links_that_the_old_one_got(api: Api, author: Account) -> None:
    token = mailed_token(api, author)
    body = {"email": f"{unique('moved')}@example.org"}
    assert api.put("/api/v1/users/me", token=author.token, json=body).status == 200

    assert reset(api, token).error_code == "RESET_TOKEN_INVALID"


@pytest.mark.parametrize("body", [{}, {"email": "x"}, {"email": None}, {"email": "a@example.org", "x": 1}])
def test_a_request_with_a_bad_body_is_422(api: Api, body: dict[str, Any]) -> None:
    assert api.post("/api/v1/auth/request-password-reset", json=body).status == 422


def test_no_table_holds_the_token_and_the_outbox_holds_the_mail_until_it_is_sent(api: Api, author: Account) -> None:
    request(api, author.email)
    (before,) = [row for row in outbox_mails() if row.payload.get("email") == author.email]
    assert set(before.payload) == {"template", "email", "request_id"}

    work_outbox()

    token = mails_to(author.email)[-1].token
    with connection() as conn:
        kept = fetch_value(conn, "SELECT token_hash FROM one_time_tokens WHERE user_id = %(id)s", {"id": author.id})
    assert kept == mails.hash_token(token)
    assert [row for row in outbox_mails() if row.id == before.id] == []


def test_with_the_mail_server_down_the_answer_is_the_same_and_the_mail_comes_later(api: Api, author: Account) -> None:
    with captured_logs() as logs, aws_down():
        answer = request(api, author.email)
        work_outbox()
    assert answer.status == 202
    assert mails_to(author.email) == []
    assert author.email not in "".join(logs.text)
    with connection() as conn:
        execute(conn, "UPDATE outbox SET next_at = now() WHERE kind = 'mail'", {})

    work_outbox()

    (mail,) = mails_to(author.email)
    assert reset(api, mail.token).status == 200


def test_4_parallel_workers_send_a_mail_once(api: Api, author: Account) -> None:
    request(api, author.email)

    at_once(lambda _: work_outbox(), times=4)

    assert len(mails_to(author.email)) == 1


def test_neither_token_nor_address_is_logged(api: Api, author: Account) -> None:
    with captured_logs() as logs:
        token = mailed_token(api, author)
        reset(api, token)

    text = "".join(logs.text)
    for private in (token, author.email, NEW, mails.hash_token(token)):
        assert private not in text
