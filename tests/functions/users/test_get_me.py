"""`GET /users/me`."""

from tests.support.api import Api
from tests.support.factories import Account, make_account


def test_me_gives_exactly_the_profile(api: Api, author: Account) -> None:
    answer = api.get("/api/v1/users/me", token=author.token)

    assert answer.status == 200
    assert set(answer.json()) == {"id", "username", "email", "role", "created_at", "updated_at"}
    assert answer.json()["username"] == author.username


def test_me_with_a_disabled_account_is_403(api: Api) -> None:
    answer = api.get("/api/v1/users/me", token=make_account(is_active=False).token)

    assert (answer.status, answer.error_code) == (403, "ACCOUNT_DISABLED")
