"""`POST /auth/login`."""

import unicodedata
from typing import Any

import bcrypt
import pytest

from shared import settings
from shared.db import connection, fetch_value
from shared.domain import passwords
from tests.support.api import Answer, Api
from tests.support.factories import PASSWORD, Account, make_account, unique
from tests.support.tokens import claims_of


def log_in(api: Api, username: str, password: str = PASSWORD, **options: Any) -> Answer:
    return api.post("/api/v1/auth/login", json={"username": username, "password": password}, **options)


def test_login_gives_a_pair_that_works(api: Api, author: Account) -> None:
    answer = log_in(api, author.username)

    pair = answer.json()
    assert answer.status == 200
    assert set(pair) == {"access_token", "refresh_token", "token_type", "expires_in"}
    assert (pair["token_type"], pair["expires_in"]) == ("bearer", 3600)
    assert api.get("/api/v1/auth/me", token=pair["access_token"]).json()["id"] == str(author.id)


def test_login_tokens_carry_the_claims(api: Api, author: Account) -> None:
    pair = log_in(api, author.username).json()

    access, refresh = claims_of(pair["access_token"]), claims_of(pair["refresh_token"])
    for claims, typ, lifetime in ((access, "access", 3600), (refresh, "refresh", 7 * 86400)):
        assert set(claims) == {"sub", "username", "role", "exp", "iat", "jti", "sid", "typ", "iss", "aud"}
        assert (claims["sub"], claims["username"], claims["role"]) == (str(author.id), author.username, "user")
        assert (claims["typ"], claims["exp"] - claims["iat"]) == (typ, lifetime)
        assert (claims["iss"], claims["aud"]) == ("reviewpoint", "reviewpoint-api")
    assert access["sid"] == refresh["sid"]
    assert access["jti"] != refresh["jti"]


def test_login_takes_name_and_address_in_any_case(api: Api, author: Account) -> None:
    for login in (author.username.upper(), author.email, author.email.upper()):
        assert log_in(api, login).status == 200


def test_login_takes_an_address_in_any_normal_form(api: Api) -> None:
    account = make_account(email=f"\u00e9mile{unique('')}@example.org")

    assert log_in(api, unicodedata.normalize("NFD", account.email)).status == 200


def test_login_answers_the_same_to_unknown_wrong_and_disabled(api: Api, author: Account) -> None:
    disabled = make_account(is_active=False)

    answers = [
        log_in(api, unique("nobody")),
        log_in(api, author.username, "not the password"),
        log_in(api, disabled.username, "not the password"),
    ]

    assert {(answer.status, answer.error_code, answer.error["message"]) for answer in answers} == {
        (401, "INVALID_CREDENTIALS", answers[0].error["message"])
    }
    assert all("www-authenticate" not in answer.headers for answer in answers)


def test_login_to_a_disabled_account_with_the_right_password_is_403(api: Api) -> None:
    answer = log_in(api, make_account(is_active=False).username)

    assert (answer.status, answer.error_code) == (403, "ACCOUNT_DISABLED")


def test_login_costs_one_bcrypt_whether_the_account_exists_or_not(
    api: Api, author: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Time tells nothing, since each way runs one check of as many rounds; `make bench` has the clock."""
    calls: list[bytes] = []
    hashpw, checkpw = bcrypt.hashpw, bcrypt.checkpw

    def noting_hash(password: bytes, salt: bytes) -> bytes:
        calls.append(salt[:7])
        return hashpw(password, salt)

    def noting_check(password: bytes, hashed: bytes) -> bool:
        calls.append(hashed[:7])
        return checkpw(password, hashed)

    monkeypatch.setattr(bcrypt, "hashpw", noting_hash)
    monkeypatch.setattr(bcrypt, "checkpw", noting_check)
    disabled = make_account(is_active=False)
    calls.clear()

    for login in (unique("nobody"), author.username, disabled.username):
        log_in(api, login, "not the password")

    assert calls == [b"$2b$04$"] * 3


@pytest.mark.parametrize("body", [{}, {"username": "ada"}, {"password": "x"}, {"username": "", "password": "x"}])
def test_login_without_a_field_is_422(api: Api, body: dict[str, str]) -> None:
    assert api.post("/api/v1/auth/login", json=body).status == 422


def test_login_never_echoes_the_password(api: Api) -> None:
    answer = api.post("/api/v1/auth/login", json={"username": "ada", "password": "hunter2\x00", "extra": "hunter2"})

    assert answer.status == 422
    assert "hunter2" not in answer.body.decode()


def test_passwords_over_72_bytes_count_in_full(api: Api) -> None:
    password = "correct horse battery staple " * 4
    account = make_account(password=password)

    assert log_in(api, account.username, password[:-1] + "!").status == 401
    assert log_in(api, account.username, password[:72]).status == 401
    assert log_in(api, account.username, password).status == 200


def test_a_password_is_the_same_in_every_normal_form(api: Api) -> None:
    password = "Äpfel sind ﬁx gegessen"
    account = make_account(password=password)

    assert log_in(api, account.username, unicodedata.normalize("NFD", password)).status == 200
    assert log_in(api, account.username, unicodedata.normalize("NFKC", password)).status == 200


def test_login_upgrades_a_hash_of_fewer_rounds(api: Api, author: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BCRYPT_ROUNDS", "5")
    settings.passwords.cache_clear()
    try:
        assert log_in(api, author.username).status == 200
        upgraded = _kept_hash(author)
        assert upgraded.startswith("v1$$2b$05$")
        assert log_in(api, author.username).status == 200
        assert _kept_hash(author) == upgraded
    finally:
        monkeypatch.undo()
        settings.passwords.cache_clear()
    assert not passwords.needs_rehash(upgraded)


def _kept_hash(account: Account) -> str:
    with connection() as conn:
        return fetch_value(conn, "SELECT password_hash FROM users WHERE id = %(id)s", {"id": account.id})
