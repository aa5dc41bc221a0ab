"""How every boto3 client is made and how its failures are read."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from typing import Any

from shared import settings
from shared.errors import ServiceUnavailableError
from shared.observability import logger


@cache
def session() -> Any:
    """The environment's one boto3 session."""
    import boto3

    return boto3.Session(region_name=settings.aws().aws_region)


@cache
def client(service: str, *, connect_seconds: float = 1.0, read_seconds: float = 3.0, attempts: int = 2) -> Any:
    """The environment's boto3 client for a service, made at its first use: most requests need none.

    With all its attempts a call ends before the time of a function that answers the API does.
    """
    from botocore.config import Config

    config = Config(
        connect_timeout=connect_seconds,
        read_timeout=read_seconds,
        retries={"total_max_attempts": attempts, "mode": "standard"},
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

    started = time.perf_counter()
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise ServiceUnavailableError(what) from error
    took = round((time.perf_counter() - started) * 1000, 1)
    logger.debug("aws called", extra={"reached": what, "duration_ms": took})
