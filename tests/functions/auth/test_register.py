"""`POST /auth/register`."""

from typing import Any

import pytest

from shared import ids
from shared.db import connection, fetch_value
from tests.support.api import Answer, Api
from tests.support.factories import PASSWORD, Account, unique
from tests.support.parallel import at_once


def account(**fields: Any) -> dict[str, Any]:
    name = unique("new")
    return {"username": name, "email": f"{name}@example.org", "password": PASSWORD, **fields}


def register(api: Api, **fields: Any) -> Answer:
    return api.post("/api/v1/auth/register", json=account(**fields))


def test_register_gives_the_account_and_no_more(api: Api) -> None:
    body = account()

    answer = api.post("/api/v1/auth/register", json=body)

    made = answer.json()
    assert answer.status == 201
    assert set(made) == {"id", "username", "email", "role", "created_at"}
    assert (made["username"], made["email"], made["role"]) == (body["username"], body["email"], "user")
    assert made["created_at"].endswith("Z")
    assert made["id"][14] == "7"


def test_register_keeps_the_name_as_written_and_the_domain_in_lower_case(api: Api) -> None:
    name = unique("MiXed")

    made = register(api, username=name, email=f"{name}@EXAMPLE.Org").json()

    assert (made["username"], made["email"]) == (name, f"{name}@example.org")


@pytest.mark.parametrize(("field", "code"), [("username", "USERNAME_TAKEN"), ("email", "EMAIL_TAKEN")])
def test_register_with_what_is_taken_in_another_case_is_409(api: Api, author: Account, field: str, code: str) -> None:
    answer = register(api, **{field: getattr(author, field).upper()})

    assert (answer.status, answer.error_code) == (409, code)
    assert answer.error["details"]["field"] == field


def test_20_parallel_registrations_of_one_name_give_one_account(api: Api) -> None:
    name = unique("wanted")
    bodies = [account(username=name, email=f"{unique('wants')}@example.org") for _ in range(20)]

    answers = at_once(lambda number: api.post("/api/v1/auth/register", json=bodies[number]), times=20)

    assert sorted(answer.status for answer in answers) == [201] + [409] * 19
    assert {answer.error_code for answer in answers if answer.status == 409} == {"USERNAME_TAKEN"}
    with connection() as conn:
        assert fetch_value(conn, "SELECT count(*) FROM users WHERE username = %(name)s", {"name": name}) == 1


@pytest.mark.parametrize(
    "username",
    ["ab", "x" * 51, "-ada", ".ada", "_ada", "a da", " ada", "ada ", "adä", "ada@home", "ada/1", "", "аdа", "ada\n"],
)
def test_register_with_a_bad_username_is_422(api: Api, username: str) -> None:
    answer = register(api, username=username)

    assert (answer.status, answer.error_code) == (422, "VALIDATION_ERROR")
    assert answer.error["details"]["field"] == "username"


@pytest.mark.parametrize("tail", ["", ".", "_", "-", "1"])
def test_register_takes_every_character_of_a_username(api: Api, tail: str) -> None:
    assert register(api, username=unique("0A.b_c-") + tail).status == 201


@pytest.mark.parametrize(
    "email",
    [
        "",
        "ada",
        "ada@",
        "@example.org",
        "a@b@c.org",
        "a b@example.org",
        "ada@-x.org",
        "ada@example..org",
        "a" * 250 + "@e.org",
    ],
)
def test_register_with_a_bad_email_is_422(api: Api, email: str) -> None:
    answer = register(api, email=email)

    assert (answer.status, answer.error_code) == (422, "VALIDATION_ERROR")
    assert answer.error["details"]["field"] == "email"


@pytest.mark.parametrize(
    "password", ["password1", "aaaaaaaa", "Password123!", "short1!", "x" * 7, "correct horse battery " * 6, "12345678"]
)
def test_register_with_a_weak_password_is_422_and_says_what_to_change(api: Api, password: str) -> None:
    answer = register(api, password=password)

    assert (answer.status, answer.error_code) == (422, "VALIDATION_ERROR")
    assert answer.error["details"]["field"] == "password"
    assert answer.error["details"]["issue"]
    assert password not in answer.body.decode()


def test_register_with_the_own_name_or_address_as_password_is_422(api: Api) -> None:
    name = "correct-horse-battery-" + str(ids.new())[-6:]
    email = f"{name}@staple.example.org"

    for password in (name, name.upper(), email):
        answer = register(api, username=name, email=email, password=password)
        assert (answer.status, answer.error["details"]["field"]) == (422, "password")


def test_register_counts_the_length_after_nfkc(api: Api) -> None:
    """Seven ligatures are fourteen letters, and a decomposed text is as short as its composed one."""
    assert register(api, password="ﬁﬂﬁﬂkqx").status == 201
    assert register(api, password="e\u0301z\u0308q\u0323wv").status == 422


@pytest.mark.parametrize("length", [72, 73, 101, 127])
def test_register_takes_a_long_password(api: Api, length: int) -> None:
    """From 73 characters on it used to end in a 500: the judge of passwords takes no more."""
    assert register(api, password=("correct horse battery staple " * 5)[:length].strip() + "!").status == 201


@pytest.mark.parametrize("password", ["short", "password1", "x" * 129])
def test_register_names_every_problem_and_the_unknown_field(api: Api, password: str) -> None:
    """A weak password used to be named only once everything else was right."""
    answer = register(api, username="x", email="y", password=password, role="admin")

    assert answer.status == 422
    problems = [problem["field"] for problem in answer.error["details"]["errors"]]
    assert problems == ["username", "email", "password", "role"]
    assert answer.error["details"]["issue"] == "Must have 3 to 50 characters"


@pytest.mark.parametrize("field", ["username", "email", "password"])
@pytest.mark.parametrize(
    "value", [None, 5, True, ["x"], {"a": 1}, "a\x00bcdefghijkl", "\ud800abcdefghij", "abc\x7fdefghijk"]
)
def test_register_with_what_is_no_clean_text_is_422(api: Api, field: str, value: Any) -> None:
    answer = register(api, **{field: value})

    assert (answer.status, answer.error["details"]["field"]) == (422, field)


@pytest.mark.parametrize("field", ["username", "email", "password"])
def test_register_without_a_field_is_422(api: Api, field: str) -> None:
    body = account()
    del body[field]

    answer = api.post("/api/v1/auth/register", json=body)

    assert (answer.status, answer.error["details"]["field"]) == (422, field)


def test_register_stores_bcrypt_and_not_the_password(api: Api) -> None:
    made = register(api).json()

    with connection() as conn:
        kept = fetch_value(conn, "SELECT password_hash FROM users WHERE id = %(id)s", {"id": made["id"]})
    assert kept.startswith("v1$$2b$04$")
