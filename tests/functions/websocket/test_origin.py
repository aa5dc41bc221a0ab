"""`$connect` beside CloudFront: the WebSocket API's own address opens no socket."""

from typing import Any

import pytest

from shared import db, settings
from shared.aws import secrets
from shared.errors import ServiceUnavailableError
from tests.support.factories import Account
from tests.support.sockets import SocketGateway

VALUES = {"arn:current": "secret", "arn:next": "next secret"}


@pytest.fixture(autouse=True)
def _behind_cloudfront(monkeypatch: pytest.MonkeyPatch) -> None:
    origin = settings.origin_secrets().model_copy(
        update={"origin_secret_arn": "arn:current", "next_origin_secret_arn": "arn:next"}
    )
    monkeypatch.setattr(settings, "origin_secrets", lambda: origin)
    monkeypatch.setattr(secrets, "read", VALUES.__getitem__)


def status_with(sockets: SocketGateway, account: Account, headers: dict[str, str]) -> int:
    socket = sockets.socket()
    socket.connect("reviewpoint.v1", f"bearer.{account.token}", headers=headers)
    return socket.status


@pytest.mark.parametrize("headers", [{}, {"X-Origin-Secret": ""}, {"X-Origin-Secret": "wrong"}])
def test_a_handshake_without_the_secret_is_403_before_any_database_work(
    sockets: SocketGateway, author: Account, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
) -> None:
    def refuse(*_: object) -> Any:
        raise AssertionError("database work")

    monkeypatch.setattr(db, "_usable", refuse)

    assert status_with(sockets, author, headers) == 403


@pytest.mark.parametrize("header", ["X-Origin-Secret", "x-origin-secret"])
@pytest.mark.parametrize("value", VALUES.values())
def test_a_handshake_with_either_secret_opens(sockets: SocketGateway, author: Account, header: str, value: str) -> None:
    assert status_with(sockets, author, {header: value}) == 200


def test_secrets_that_cannot_be_read_are_503(
    sockets: SocketGateway, author: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(arn: str) -> str:
        raise ServiceUnavailableError("secret store")

    monkeypatch.setattr(secrets, "read", unreadable)

    assert status_with(sockets, author, {"X-Origin-Secret": "secret"}) == 503
