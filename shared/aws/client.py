"""How every boto3 client is made and how its failures are read."""

from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from typing import Any

from shared import settings
from shared.errors import ServiceUnavailableError


@cache
def session() -> Any:
    """The environment's one boto3 session."""
    import boto3

    return boto3.Session(region_name=settings.aws().aws_region)


@cache
def client(service: str) -> Any:
    """The environment's boto3 client for a service, made at its first use: most requests need none."""
    from botocore.config import Config

    config = Config(
        connect_timeout=2,
        read_timeout=5,
        retries={"total_max_attempts": 2, "mode": "standard"},
        signature_version="s3v4" if service == "s3" else None,
    )
    return session().client(service, config=config)


@contextmanager
def reaching(what: str) -> Generator[None]:
    """Turn any failure of the AWS calls inside into one error; `what` names the service for people.

    Raises:
        ServiceUnavailableError: AWS was not reachable, too slow, or refused.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise ServiceUnavailableError(what) from error
