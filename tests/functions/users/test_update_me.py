"""`PUT /users/me`."""

from typing import Any

import pytest

from tests.support.api import Api
from tests.support.factories import Account, unique

ME = "/api/v1/users/me"


def test_what_is_given_changes_and_the_rest_stays(api: Api, author: Account) -> None:
    name = unique("Renamed")

    changed = api.put(ME, token=author.token, json={"username": name, "email": None}).json()
    again = api.put(ME, token=author.token, json={"email": f"{name}@EXAMPLE.org"}).json()

    assert (changed["username"], changed["email"]) == (name, author.email)
    assert (again["username"], again["email"]) == (name, f"{name}@example.org")
    assert again["updated_at"] > changed["updated_at"] > changed["created_at"]
    assert api.get(ME, token=author.token).json() == again


def test_one_may_keep_ones_own_name_in_another_case(api: Api, author: Account) -> None:
    assert api.put(ME, token=author.token, json={"username": author.username.upper()}).status == 200


@pytest.mark.parametrize(("field", "code"), [("username", "USERNAME_TAKEN"), ("email", "EMAIL_TAKEN")])
def test_what_is_taken_is_409(api: Api, author: Account, admin: Account, field: str, code: str) -> None:
    answer = api.put(ME, token=author.token, json={field: getattr(admin, field).upper()})

    assert (answer.status, answer.error_code) == (409, code)
    assert api.get(ME, token=author.token).json()[field] == getattr(author, field)


@pytest.mark.parametrize(
    "body", [{}, {"username": None}, {"username": "a b"}, {"email": "x"}, {"role": "admin"}, {"is_active": True}, []]
)
def test_a_bad_body_is_422(api: Api, author: Account, body: Any) -> None:
    assert api.put(ME, token=author.token, json=body).status == 422
