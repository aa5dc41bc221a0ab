"""Things that are elsewhere for a while, or not there."""

import os
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from unittest import mock

from shared import db, settings
from shared.aws.client import client

_CLOSED_PORT = 1


@contextmanager
def database_at(url: str) -> Generator[None]:
    """The functions' database is that one, inside."""
    with mock.patch.dict(os.environ, REVIEWPOINT_DB_URL=url):
        _forget()
        try:
            yield
        finally:
            _forget()


def _forget() -> None:
    settings.database.cache_clear()
    db.close()


def database_down() -> AbstractContextManager[None]:
    """No database answers inside."""
    return database_at(f"postgresql://nobody@127.0.0.1:{_CLOSED_PORT}/none")


@contextmanager
def aws_at(port: int, *, variable: str = "AWS_ENDPOINT_URL") -> Generator[None]:
    """All of AWS is at that port of this machine, inside."""
    with mock.patch.dict(os.environ, {variable: f"http://127.0.0.1:{port}"}):
        client.cache_clear()
        try:
            yield
        finally:
            client.cache_clear()


def aws_down() -> AbstractContextManager[None]:
    """No AWS service answers a function inside: neither S3 nor SQS."""
    return aws_at(_CLOSED_PORT)


def s3_down() -> AbstractContextManager[None]:
    """S3 alone does not answer a function inside."""
    return aws_at(_CLOSED_PORT, variable="AWS_ENDPOINT_URL_S3")
