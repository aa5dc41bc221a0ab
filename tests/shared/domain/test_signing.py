"""Keys that change while tokens live."""

import json

import jwt
import pytest

from shared import settings
from shared.aws import secrets
from shared.domain import signing
from shared.errors import ServiceUnavailableError
from shared.http import pagination
from tests.support.api import Api
from tests.support.factories import Account

FIRST, SECOND = "first key, of more than thirty-two bytes", "second key, of more than thirty-two bytes"


def hold(monkeypatch: pytest.MonkeyPatch, held: dict[str, str]) -> None:
    auth = settings.auth().model_copy(update={"secret_key_arn": "arn:keys"})
    monkeypatch.setattr(settings, "auth", lambda: auth)
    monkeypatch.setattr(secrets, "read", {"arn:keys": json.dumps(held)}.__getitem__)


def test_a_key_that_is_not_current_any_more_still_verifies(
    api: Api, author: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold(monkeypatch, {"current": "a", "a": FIRST})
    old = api.post("/api/v1/auth/login", json={"username": author.username, "password": author.password}).json()
    cursor = pagination.encode_cursor(("2026-01-01", author.id))

    hold(monkeypatch, {"current": "b", "a": FIRST, "b": SECOND})
    new = api.post("/api/v1/auth/refresh", token=old["refresh_token"]).json()

    assert api.get("/api/v1/users/me", token=old["access_token"]).status == 200
    assert jwt.get_unverified_header(new["access_token"])["kid"] == "b"
    assert pagination.decode_cursor(cursor)[1] == author.id


def test_a_key_that_is_gone_verifies_nothing(api: Api, author: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    hold(monkeypatch, {"current": "b", "b": SECOND})

    answer = api.get("/api/v1/users/me", token=author.token)

    assert (answer.status, answer.error_code) == (401, "TOKEN_INVALID")


@pytest.mark.parametrize("held", [{}, {"current": "a"}, {"current": "a", "a": "short"}, {"a": FIRST}])
def test_a_secret_without_a_usable_key_is_unavailable(monkeypatch: pytest.MonkeyPatch, held: dict[str, str]) -> None:
    hold(monkeypatch, held)

    with pytest.raises(ServiceUnavailableError):
        signing.keys()
