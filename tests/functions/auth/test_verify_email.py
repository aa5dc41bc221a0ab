"""`POST /auth/verify-email`, `POST /auth/request-verification`, and what `EMAIL_VERIFICATION` changes."""

from typing import Any

import pytest

from shared.db import connection, execute
from tests.support.api import Answer, Api
from tests.support.factories import PASSWORD, Account, make_account, unique
from tests.support.limits import limits, unique_address
from tests.support.mail import Mail, mails_to
from tests.support.parallel import at_once
from tests.support.queues import work_outbox
from tests.support.statements import statements
from tests.support.verification import verification_required


def register(api: Api, name: str | None = None) -> dict[str, Any]:
    name = name or unique("fresh")
    body = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
    answer = api.post("/api/v1/auth/register", json=body)
    assert answer.status == 201, answer.body
    work_outbox()
    return answer.json()


def verify(api: Api, token: str) -> Answer:
    return api.post("/api/v1/auth/verify-email", json={"token": token})


def request(api: Api, email: str, **options: Any) -> Answer:
    answer = api.post("/api/v1/auth/request-verification", json={"email": email}, **options)
    work_outbox()
    return answer


def log_in(api: Api, login: str, password: str = PASSWORD) -> Answer:
    return api.post("/api/v1/auth/login", json={"username": login, "password": password})


def change_email(api: Api, account: Account, email: str) -> Answer:
    answer = api.put("/api/v1/users/me", token=account.token, json={"email": email})
    work_outbox()
    return answer


def links_to(email: str) -> list[Mail]:
    return [mail for mail in mails_to(email) if "/#/verify-email?token=" in mail.text]


def test_a_registration_sends_a_link_that_works_once(api: Api) -> None:
    user = register(api)

    (mail,) = mails_to(user["email"])
    assert f"\nhttps://reviewpoint.example.org/#/verify-email?token={mail.token}\n" in mail.text
    assert "within 24 hours" in mail.text
    assert len(mail.token) >= 43
    answer = verify(api, mail.token)
    assert (answer.status, set(answer.json())) == (200, {"message"})
    assert verify(api, mail.token).error_code == "VERIFICATION_TOKEN_USED"


def test_without_the_setting_nobody_has_to_verify(api: Api) -> None:
    assert log_in(api, register(api)["username"]).status == 200


def test_with_the_setting_a_login_waits_for_the_link(api: Api) -> None:
    with verification_required():
        user = register(api)
        refused = log_in(api, user["username"])
        wrong = log_in(api, user["username"], "a wrong password")
        verify(api, mails_to(user["email"])[0].token)

        assert (refused.status, refused.error_code) == (403, "EMAIL_NOT_VERIFIED")
        assert wrong.error_code == "INVALID_CREDENTIALS"
        assert log_in(api, user["email"]).status == 200


def test_with_the_setting_the_right_password_is_no_failure(api: Api) -> None:
    with verification_required(), limits(login_account="2/15m"):
        user = register(api)

        assert {log_in(api, user["username"]).status for _ in range(4)} == {403}


def test_accounts_made_by_an_admin_count_as_verified(api: Api, admin: Account) -> None:
    name = unique("made")
    body = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
    api.post("/api/v1/users", token=admin.token, json=body)
    work_outbox()

    with verification_required():
        assert log_in(api, name).status == 200
    assert mails_to(body["email"]) == []


@pytest.mark.parametrize("token", ["x", "a" * 43, "é"])
def test_an_unknown_token_is_invalid(api: Api, token: str) -> None:
    answer = verify(api, token)

    assert (answer.status, answer.error_code) == (400, "VERIFICATION_TOKEN_INVALID")


def test_a_token_expires(api: Api) -> None:
    user = register(api)
    with connection() as conn:
        sql = "UPDATE one_time_tokens SET expires_at = now() - interval '1 second' WHERE user_id = %(id)s"
        execute(conn, sql, {"id": user["id"]})

    answer = verify(api, mails_to(user["email"])[0].token)

    assert (answer.status, answer.error_code) == (400, "VERIFICATION_TOKEN_EXPIRED")


def test_tokens_of_one_kind_are_none_of_the_other(api: Api, author: Account) -> None:
    verification = mails_to(register(api)["email"])[0].token
    api.post("/api/v1/auth/request-password-reset", json={"email": author.email})
    work_outbox()
    reset = mails_to(author.email)[-1].token

    body = {"token": verification, "new_password": "another good password of mine"}
    assert api.post("/api/v1/auth/reset-password", json=body).error_code == "RESET_TOKEN_INVALID"
    assert verify(api, reset).error_code == "VERIFICATION_TOKEN_INVALID"


def test_of_10_parallel_uses_one_is_taken(api: Api) -> None:
    token = mails_to(register(api)["email"])[0].token

    answers = at_once(lambda _: verify(api, token), times=10)

    assert sorted(answer.status for answer in answers) == [200] + [400] * 9
    assert {answer.error_code for answer in answers if answer.status == 400} == {"VERIFICATION_TOKEN_USED"}


def test_a_link_can_be_asked_for_again_until_the_address_is_verified(api: Api) -> None:
    email = register(api)["email"]

    assert request(api, email.upper().replace("EXAMPLE.ORG", "example.org")).status == 202
    assert len(links_to(email)) == 2
    first, second = links_to(email)
    verify(api, second.token)
    assert request(api, email).status == 202
    assert len(links_to(email)) == 2
    assert verify(api, first.token).error_code == "VERIFICATION_TOKEN_INVALID"


def test_a_disabled_account_gets_no_link(api: Api) -> None:
    user = register(api)
    with connection() as conn:
        execute(conn, "UPDATE users SET is_active = false WHERE id = %(id)s", {"id": user["id"]})

    assert request(api, user["email"]).status == 202
    assert len(links_to(user["email"])) == 1


def test_the_answer_and_what_it_costs_tell_nothing(api: Api, author: Account) -> None:
    costs: list[list[str]] = []
    answers: list[Answer] = []
    for email in (register(api)["email"], author.email, f"{unique('nobody')}@example.org"):
        with statements() as seen:
            answers.append(api.post("/api/v1/auth/request-verification", json={"email": email}))
        costs.append(seen)

    assert {(answer.status, answer.body) for answer in answers} == {(202, answers[0].body)}
    assert costs[0] == costs[1] == costs[2]


def test_requests_are_limited_as_those_for_a_reset_are(api: Api) -> None:
    email, place = f"{unique('often')}@example.org", unique_address()

    with limits(reset_account="2/1h"):
        seen = [request(api, email, source_ip=place).status for _ in range(3)]

    assert seen == [202, 202, 429]


def test_without_the_setting_a_changed_address_takes_effect_at_once_and_both_are_told(
    api: Api, author: Account
) -> None:
    new = f"{unique('moved')}@example.org"

    answer = change_email(api, author, new)

    assert (answer.status, answer.json()["email"]) == (200, new)
    assert len(links_to(new)) == 1
    (notice,) = mails_to(author.email)
    assert "another e-mail address" in notice.text
    assert "http" not in notice.text
    assert verify(api, links_to(new)[0].token).status == 200


def test_with_the_setting_a_changed_address_takes_effect_when_it_is_verified(api: Api, author: Account) -> None:
    new = f"{unique('moved')}@example.org"
    with verification_required():
        answer = change_email(api, author, new)

        assert (answer.status, answer.json()["email"]) == (200, author.email)
        assert log_in(api, author.email).status == 200
        assert log_in(api, new).status == 401
        assert mails_to(author.email) == []
        assert verify(api, links_to(new)[0].token).status == 200
        work_outbox()
        assert api.get("/api/v1/users/me", token=author.token).json()["email"] == new
        assert log_in(api, new).status == 200
    assert len(mails_to(author.email)) == 1


def test_a_waiting_address_that_was_taken_meanwhile_is_409_and_spends_nothing(api: Api, author: Account) -> None:
    name = unique("wanted")
    new = f"{name}@example.org"
    with verification_required():
        change_email(api, author, new)
        token = links_to(new)[0].token
        make_account(email=new)

        for _ in range(2):
            answer = verify(api, token)
            assert (answer.status, answer.error_code) == (409, "EMAIL_TAKEN")
        assert api.get("/api/v1/users/me", token=author.token).json()["email"] == author.email


def test_with_the_setting_a_taken_address_is_refused_at_once(api: Api, author: Account) -> None:
    other = make_account()
    with verification_required():
        assert change_email(api, author, other.email).error_code == "EMAIL_TAKEN"


def test_a_link_speaks_for_its_address_alone(api: Api, author: Account) -> None:
    first, second = (f"{unique('moved')}@example.org" for _ in range(2))
    with verification_required():
        change_email(api, author, first)
        change_email(api, author, second)

        assert verify(api, links_to(first)[0].token).error_code == "VERIFICATION_TOKEN_INVALID"
        assert verify(api, links_to(second)[0].token).status == 200


@pytest.mark.parametrize("body", [{}, {"token": ""}, {"token": None}, {"token": "x", "y": 1}])
def test_a_bad_body_is_422(api: Api, body: dict[str, Any]) -> None:
    assert api.post("/api/v1/auth/verify-email", json=body).status == 422
