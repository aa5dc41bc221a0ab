"""The presigned PUT against a storage that enforces its conditions: one violation a test."""

import time
from collections.abc import Mapping
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from shared import settings
from shared.aws import storage
from tests.support.api import Api
from tests.support.factories import Account
from tests.support.services import ORIGIN
from tests.support.storage import put, send, sha256, versions
from tests.support.uploads import TEXT, create, key_of


def test_put_as_told_is_taken(api: Api, author: Account) -> None:
    created = create(api, author, sha256=sha256(TEXT))

    assert put(created["upload"], TEXT).status == 200
    assert len(versions(key_of(created["id"]))) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"Content-Type": "text/html"},
        {"Content-Type": None},
        {"If-None-Match": None},
        {"If-None-Match": '"x"'},
        {"x-amz-checksum-sha256": None},
        {"x-amz-tagging": "GuardDutyMalwareScanStatus=NO_THREATS_FOUND"},
        {"x-amz-copy-source": "/bucket/key"},
        {"x-amz-acl": "public-read"},
        {"x-amz-storage-class": "GLACIER"},
        {"x-amz-meta-a": "b"},
    ],
)
def test_other_header_is_403(api: Api, author: Account, changed: Mapping[str, str | None]) -> None:
    created = create(api, author, sha256=sha256(TEXT))
    headers = {name: value for name, value in {**created["upload"]["headers"], **changed}.items() if value}

    assert put({**created["upload"], "headers": headers}, TEXT).status == 403
    assert versions(key_of(created["id"])) == []


@pytest.mark.parametrize("body", [TEXT + b"x", TEXT[:-1], b""])
def test_other_length_is_403(api: Api, author: Account, body: bytes) -> None:
    created = create(api, author)

    assert put(created["upload"], body).status == 403
    assert versions(key_of(created["id"])) == []


def test_other_bytes_than_the_declared_sha256_are_400(api: Api, author: Account) -> None:
    created = create(api, author, sha256=sha256(TEXT))

    assert put(created["upload"], bytes(len(TEXT))).status == 400
    assert versions(key_of(created["id"])) == []


def test_checksum_of_the_other_bytes_is_403(api: Api, author: Account) -> None:
    created = create(api, author, sha256=sha256(TEXT))
    other = bytes(len(TEXT))
    lie = storage.presign_put("x", size=1, content_type="text/plain", sha256=sha256(other)).headers

    assert put({**created["upload"], "headers": lie}, other).status == 403


def test_other_key_is_403(api: Api, author: Account) -> None:
    upload = create(api, author)["upload"]

    assert put({**upload, "url": upload["url"].replace("/uploads/", "/uploads/x")}, TEXT).status == 403


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_other_method_is_403(api: Api, author: Account, method: str) -> None:
    upload = create(api, author)["upload"]

    assert put({**upload, "method": method}, TEXT).status == 403


def test_second_put_is_412(api: Api, author: Account) -> None:
    created = create(api, author)

    assert [put(created["upload"], TEXT).status for _ in range(2)] == [200, 412]
    assert len(versions(key_of(created["id"]))) == 1


@pytest.mark.parametrize("part", ["X-Amz-Signature", "X-Amz-Expires", "X-Amz-Date", "X-Amz-Credential"])
def test_tampered_query_is_refused(api: Api, author: Account, part: str) -> None:
    upload = create(api, author)["upload"]
    url: str = upload["url"]
    parts = urlsplit(url)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    query[part] = {"X-Amz-Expires": "604800", "X-Amz-Signature": "0" * 64}.get(part, query[part][::-1])

    answer = put({**upload, "url": parts._replace(query=urlencode(query)).geturl()}, TEXT)
    assert answer.status in {400, 403}


def test_unsigned_put_is_403(api: Api, author: Account) -> None:
    upload = create(api, author)["upload"]

    assert put({**upload, "url": urlsplit(upload["url"])._replace(query="").geturl()}, TEXT).status == 403


def test_put_after_the_expiry_is_403(
    api: Api, author: Account, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setenv("UPLOAD_URL_TTL", "1")
    request.addfinalizer(settings.storage.cache_clear)
    settings.storage.cache_clear()
    created = create(api, author)

    deadline = time.monotonic() + 10
    # A wrong body: refused for it until the URL is dead, and then for that.
    while b"expired" not in (answer := put(created["upload"], TEXT + b"x")).body and time.monotonic() < deadline:
        time.sleep(0.1)
    assert (answer.status, put(created["upload"], TEXT).status) == (403, 403)
    assert versions(key_of(created["id"])) == []


def test_fresh_url_has_the_same_conditions(api: Api, author: Account) -> None:
    created = create(api, author, sha256=sha256(TEXT))
    fresh = api.post(f"/api/v1/uploads/{created['id']}/url", token=author.token).json()

    assert set(fresh) == {"method", "url", "headers", "expires_at"}
    assert fresh["headers"] == created["upload"]["headers"]
    assert put(fresh, TEXT + b"x").status == 403
    assert put(fresh, TEXT).status == 200


def test_preflight_of_a_page_of_ours_is_answered(api: Api, author: Account) -> None:
    answer = _preflight(create(api, author)["upload"]["url"], ORIGIN)

    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == ORIGIN


def test_preflight_of_a_foreign_page_is_refused(api: Api, author: Account) -> None:
    answer = _preflight(create(api, author)["upload"]["url"], "https://evil.example.org")

    assert answer.status == 403
    assert "access-control-allow-origin" not in answer.headers


def _preflight(url: str, origin: str):
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "content-type,if-none-match",
    }
    return send("OPTIONS", url, headers=headers)
