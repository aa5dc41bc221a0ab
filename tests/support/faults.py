"""Things that are not there for a while."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from unittest import mock

from shared import db, settings
from shared.aws.client import client

_NOWHERE = "127.0.0.1:1"


@contextmanager
def database_down() -> Generator[None]:
    """No database answers inside."""
    with mock.patch.dict(os.environ, REVIEWPOINT_DB_URL=f"postgresql://nobody@{_NOWHERE}/none"):
        _forget()
        try:
            yield
        finally:
            _forget()


def _forget() -> None:
    settings.database.cache_clear()
    db.close()


@contextmanager
def aws_down() -> Generator[None]:
    """No AWS service answers a function inside: neither S3 nor SQS."""
    with mock.patch.dict(os.environ, AWS_ENDPOINT_URL=f"http://{_NOWHERE}"):
        client.cache_clear()
        try:
            yield
        finally:
            client.cache_clear()


@contextmanager
def s3_down() -> Generator[None]:
    """S3 alone does not answer a function inside."""
    with mock.patch.dict(os.environ, AWS_ENDPOINT_URL_S3=f"http://{_NOWHERE}"):
        client.cache_clear()
        try:
            yield
        finally:
            client.cache_clear()
