"""Only requests through the stack's own CloudFront are served."""

from typing import Any

import pytest

from shared import settings
from shared.aws import secrets
from tests.support.api import Answer, Api
from tests.support.factories import PASSWORD, Account

HEADER = "X-Origin-Secret"
VALUES = {"arn:current": "secret", "arn:next": "next secret"}


@pytest.fixture(autouse=True)
def _behind_cloudfront(monkeypatch: pytest.MonkeyPatch) -> None:
    origin = settings.origin_secrets().model_copy(
        update={"origin_secret_arn": "arn:current", "next_origin_secret_arn": "arn:next"}
    )
    monkeypatch.setattr(settings, "origin_secrets", lambda: origin)
    monkeypatch.setattr(secrets, "read", VALUES.__getitem__)


@pytest.mark.parametrize("headers", [{}, {HEADER: ""}, {HEADER: "wrong"}, {HEADER: "né"}])
def test_request_without_the_secret_is_403_in_the_envelope(
    api: Api, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
) -> None:
    from shared import db

    def refuse() -> Any:
        raise AssertionError("database work")

    monkeypatch.setattr(db, "_usable", refuse)
    answer = api.get("/api/v1/users/me", token="x.y.z", headers=headers)

    assert (answer.status, answer.error_code) == (403, "FORBIDDEN")
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("value", VALUES.values())
def test_request_with_either_secret_is_served(api: Api, author: Account, value: str) -> None:
    answer = api.get("/api/v1/users/me", token=author.token, headers={HEADER: value})

    assert answer.status == 200


def test_address_is_the_viewers(api: Api, author: Account) -> None:
    answer = log_in(api, author, {HEADER: "secret", "X-Viewer-Address": "2001:db8::7"})

    assert session_address(answer.json()["access_token"]) == "2001:db8::7"


def test_address_that_is_none_counts_for_nothing(api: Api, author: Account) -> None:
    answer = log_in(api, author, {HEADER: "secret", "X-Viewer-Address": "10.0.0.1, evil"})

    assert session_address(answer.json()["access_token"]) == "203.0.113.7"


def test_secret_that_cannot_be_read_is_503(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    from shared.errors import ServiceUnavailableError

    def unreadable(arn: str) -> str:
        raise ServiceUnavailableError("secret store")

    monkeypatch.setattr(secrets, "read", unreadable)
    answer = api.get("/api/v1/health/live", headers={HEADER: "secret"})

    assert (answer.status, answer.error_code) == (503, "SERVICE_UNAVAILABLE")


def log_in(api: Api, account: Account, headers: dict[str, str]) -> Answer:
    body = {"username": account.username, "password": PASSWORD}
    return api.post("/api/v1/auth/login", json=body, headers=headers)


def session_address(access_token: str) -> str | None:
    from shared.db import connection, fetch_value
    from shared.domain import tokens

    with connection() as conn:
        session_id = tokens.decode(access_token, "access").session_id
        return fetch_value(conn, "SELECT ip FROM sessions WHERE id = %(id)s", {"id": session_id})
