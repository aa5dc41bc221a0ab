"""The bucket as its users see it: what browsers put and fetch, and what lies in it."""

import hashlib
import http.client
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from shared import settings
from shared.aws.client import client


@dataclass(frozen=True)
class StorageAnswer:
    """What the storage answered; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def send(
    method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None
) -> StorageAnswer:
    """One request as it is, with no header but those given, `Host` and `Content-Length`."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=30)
    try:
        connection.request(method, f"{parts.path}?{parts.query}", body=body, headers=dict(headers or {}))
        answer = connection.getresponse()
        return StorageAnswer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    finally:
        connection.close()


def put(upload: Mapping[str, Any], body: bytes) -> StorageAnswer:
    """Send the bytes as the `upload` of a created upload says."""
    return send(upload["method"], upload["url"], headers=upload["headers"], body=body)


def put_object(key: str, body: bytes) -> str:
    """Put an object past all conditions, as nobody can by a presigned URL; its version id."""
    return client("s3").put_object(Bucket=settings.storage().upload_bucket, Key=key, Body=body)["VersionId"]


def versions(key: str) -> list[str]:
    """The ids of all versions and delete markers of a key."""
    answer = client("s3").list_object_versions(Bucket=settings.storage().upload_bucket, Prefix=key)
    found = [*answer.get("Versions", ()), *answer.get("DeleteMarkers", ())]
    return [entry["VersionId"] for entry in found if entry["Key"] == key]


def sha256(body: bytes) -> str:
    """The SHA-256, in hex."""
    return hashlib.sha256(body).hexdigest()
