"""S3: presigned URLs, and what functions read and remove of the bucket of uploads."""

import base64
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from shared import clock, settings
from shared.aws import presigning
from shared.aws.client import client, reaching
from shared.aws.presigning import PresignedGet, PresignedPut

_ABSENT = {"404", "NoSuchKey", "NoSuchVersion"}


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One version of an object; `size` in bytes. `encoding` is what readers would decode it by before they use it."""

    version_id: str
    size: int
    uploaded_at: datetime
    encoding: str | None
    body: Any = None


def presign_put(key: str, *, size: int, content_type: str, sha256: str | None) -> PresignedPut:
    """A URL for one PUT of exactly `size` bytes of that type (and SHA-256, in hex), where nothing lies yet."""
    headers = {"Content-Type": content_type, "If-None-Match": "*"}
    if sha256 is not None:
        headers["x-amz-checksum-sha256"] = base64.b64encode(bytes.fromhex(sha256)).decode()
    ttl = settings.storage().upload_url_ttl
    # Every client sets Content-Length by itself and no browser lets a page set it: signed, but not listed.
    bucket = settings.storage().upload_bucket
    url = presign("PUT", bucket, key, query={}, headers={**headers, "Content-Length": str(size)}, ttl=ttl)
    return PresignedPut(url, headers, _expiry(ttl))


def presign_get(key: str, *, version_id: str, content_type: str, disposition: str) -> PresignedGet:
    """A URL for a GET of that very version, answered with the given type and disposition."""
    query = {
        "response-content-disposition": disposition,
        "response-content-type": content_type,
        "versionId": version_id,
    }
    bucket, ttl = settings.storage().upload_bucket, settings.storage().download_url_ttl
    return PresignedGet(presign("GET", bucket, key, query=query, headers={}, ttl=ttl), _expiry(ttl))


def _expiry(ttl: int) -> datetime:
    return clock.now().replace(microsecond=0) + timedelta(seconds=ttl)


def presign(method: str, bucket: str, key: str, *, query: dict[str, str], headers: dict[str, str], ttl: int) -> str:
    """A URL for one kind of request to one object, that lives for `ttl` seconds."""
    url = f"{_bucket_url(bucket)}/{quote(key)}"
    return presigning.presign(
        method, url, service="s3", ttl=ttl, query=query, headers=headers, payload_hash="UNSIGNED-PAYLOAD"
    )


def _bucket_url(bucket: str) -> str:
    aws = settings.aws()
    if aws.s3_endpoint:
        return f"{aws.s3_endpoint.rstrip('/')}/{bucket}"
    return f"https://{bucket}.s3.{aws.aws_region}.amazonaws.com"


def head(key: str, version_id: str | None = None) -> StoredObject | None:
    """An object's version (`None`: the current one), or `None` where there is none.

    Raises:
        ServiceUnavailableError: S3 did not say (a 403 is never read as absent).
    """
    return _call("head_object", key, {"VersionId": version_id} if version_id else {})


@contextmanager
def opened(key: str, version_id: str | None) -> Generator[StoredObject | None]:
    """An object's version (`None`: the current one) with its `body` to be read once, or `None` where there is none.

    Raises:
        ServiceUnavailableError: S3 did not answer, also while the body was read.
    """
    found = _call("get_object", key, {"VersionId": version_id} if version_id else {})
    if found is None:
        yield None
        return
    with reaching("storage"):
        try:
            yield found
        finally:
            found.body.close()


def _call(operation: str, key: str, extra: dict[str, str]) -> StoredObject | None:
    from botocore.exceptions import ClientError

    with reaching("storage"):
        try:
            answer = getattr(client("s3"), operation)(Bucket=settings.storage().upload_bucket, Key=key, **extra)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in _ABSENT:
                return None
            raise
    return StoredObject(
        version_id=answer.get("VersionId", "null"),
        size=answer["ContentLength"],
        uploaded_at=answer["LastModified"],
        encoding=answer.get("ContentEncoding"),
        body=answer.get("Body"),
    )


def read_tag(key: str, version_id: str, tag: str) -> str | None:
    """The value of a tag of an object's version, or `None` where it has none such, or there is no such version.

    Raises:
        ServiceUnavailableError: S3 did not say.
    """
    from botocore.exceptions import ClientError

    with reaching("storage"):
        try:
            answer = client("s3").get_object_tagging(
                Bucket=settings.storage().upload_bucket, Key=key, VersionId=version_id
            )
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in _ABSENT:
                return None
            raise
    return next((entry["Value"] for entry in answer["TagSet"] if entry["Key"] == tag), None)


def list_keys(prefix: str, *, after: str) -> tuple[dict[str, datetime], bool]:
    """The next keys after one, with the time of their latest version, up to a thousand; whether there are more.

    Raises:
        ServiceUnavailableError: S3 did not say.
    """
    with reaching("storage"):
        page = client("s3").list_object_versions(
            Bucket=settings.storage().upload_bucket, Prefix=prefix, **({"KeyMarker": after} if after else {})
        )
    found: dict[str, datetime] = {}
    for entry in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
        found[entry["Key"]] = max(entry["LastModified"], found.get(entry["Key"], entry["LastModified"]))
    return found, page.get("IsTruncated", False)


def delete(key: str, version_id: str | None) -> None:
    """Remove a version of an object, or all its versions and delete markers; fine where there is none.

    Raises:
        ServiceUnavailableError: S3 did not do it.
    """
    bucket = settings.storage().upload_bucket
    with reaching("storage"):
        for version in [version_id] if version_id else list(_versions(bucket, key)):
            client("s3").delete_object(Bucket=bucket, Key=key, VersionId=version)


def _versions(bucket: str, key: str) -> Iterator[str]:
    for page in client("s3").get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=key):
        for entry in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
            if entry["Key"] == key:
                yield entry["VersionId"]


def check() -> None:
    """Ask the bucket once for a sign of life, which has to come within a second or so.

    Raises:
        ServiceUnavailableError: it gave none.
    """
    with reaching("storage"):
        client("s3", connect_seconds=0.5, read_seconds=0.7, attempts=1).head_bucket(
            Bucket=settings.storage().upload_bucket
        )
