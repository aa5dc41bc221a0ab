"""Calls of S3, against a fast fake: pages of versions, and what failures become."""

import functools
from collections.abc import Generator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from shared import settings
from shared.aws import storage
from shared.aws.client import client, session
from shared.errors import ServiceUnavailableError


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Generator[Any]:
    settings.aws()  # read before the fake's credentials stand in the environment
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # which would keep them for all later tests
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        _forget()
        fake = boto3.client("s3", region_name="us-east-1")
        bucket = settings.storage().upload_bucket
        fake.create_bucket(Bucket=bucket)
        fake.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        yield fake
    _forget()


def _forget() -> None:
    # A session keeps the credentials it was made with, and every client is the session's.
    client.cache_clear()
    session.cache_clear()


def versions(s3: Any) -> int:
    answer = s3.list_object_versions(Bucket=settings.storage().upload_bucket)
    return len(answer.get("Versions", ())) + len(answer.get("DeleteMarkers", ()))


def test_delete_removes_all_versions_and_markers_of_that_key_alone(s3: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    bucket = settings.storage().upload_bucket
    for _ in range(5):
        s3.put_object(Bucket=bucket, Key="uploads/a", Body=b"x")
        s3.delete_object(Bucket=bucket, Key="uploads/a")
    s3.put_object(Bucket=bucket, Key="uploads/ab", Body=b"x")
    _short_pages(monkeypatch)

    storage.delete("uploads/a", None)

    assert versions(s3) == 1
    storage.delete("uploads/a", None)


def _short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    paginator = client("s3").get_paginator("list_object_versions")
    paginate = functools.partial(paginator.paginate, PaginationConfig={"PageSize": 2})
    monkeypatch.setattr(paginator, "paginate", paginate)
    monkeypatch.setattr(client("s3"), "get_paginator", {"list_object_versions": paginator}.__getitem__)


def test_delete_of_one_version_leaves_the_others(s3: Any) -> None:
    bucket = settings.storage().upload_bucket
    first = s3.put_object(Bucket=bucket, Key="uploads/a", Body=b"1")["VersionId"]
    s3.put_object(Bucket=bucket, Key="uploads/a", Body=b"2")

    storage.delete("uploads/a", first)

    assert versions(s3) == 1


def test_head_of_what_is_not_there_is_none(s3: Any) -> None:
    assert storage.head("uploads/none") is None


def test_a_refusal_is_never_read_as_absent(s3: Any) -> None:
    s3.delete_bucket(Bucket=settings.storage().upload_bucket)

    with pytest.raises(ServiceUnavailableError):
        storage.head("uploads/a")


def test_opened_gives_the_version_that_is_named(s3: Any) -> None:
    bucket = settings.storage().upload_bucket
    first = s3.put_object(Bucket=bucket, Key="uploads/a", Body=b"first")["VersionId"]
    s3.put_object(Bucket=bucket, Key="uploads/a", Body=b"second")

    with storage.opened("uploads/a", first) as stored:
        assert stored is not None
        assert (stored.size, stored.version_id, stored.body.read()) == (5, first, b"first")
