"""Secrets, over the emulator's Secrets Manager."""

import os
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from shared import settings
from shared.aws import secrets
from shared.errors import ServiceUnavailableError
from tests.support.factories import unique

KEPT = 301


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    secrets.forget()
    yield
    secrets.forget()


def manager() -> Any:
    return boto3.client("secretsmanager", region_name="us-east-1", endpoint_url=os.environ["AWS_ENDPOINT_URL"])


def make_secret(value: str) -> str:
    return manager().create_secret(Name=unique("secret"), SecretString=value)["ARN"]


def test_secret_is_kept_for_five_minutes_then_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    arn = make_secret("first")
    assert secrets.read(arn) == "first"
    manager().put_secret_value(SecretId=arn, SecretString="second")

    assert secrets.read(arn) == "first"
    now = secrets.time.time()
    monkeypatch.setattr(secrets.time, "time", lambda: now + KEPT)
    assert secrets.read(arn) == "second"


def test_secret_stays_known_while_the_store_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    arn = make_secret("first")
    secrets.read(arn)
    _break_the_store(monkeypatch)
    now = secrets.time.time()
    monkeypatch.setattr(secrets.time, "time", lambda: now + KEPT)

    assert secrets.read(arn) == "first"


def test_secret_never_read_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    _break_the_store(monkeypatch)

    with pytest.raises(ServiceUnavailableError):
        secrets.read("arn:aws:secretsmanager:us-east-1:000000000000:secret:none")


def _break_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = settings.aws().model_copy(update={"endpoint": "http://127.0.0.1:1"})
    monkeypatch.setattr(settings, "aws", lambda: broken)
