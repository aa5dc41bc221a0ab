"""`POST /uploads`."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from shared import clock
from tests.support.api import Api
from tests.support.factories import Account
from tests.support.faults import aws_down, database_down
from tests.support.storage import sha256
from tests.support.uploads import TEXT, UPLOADS, create, get, key_of, row_of, upload_body


def test_create_gives_the_upload_and_where_its_bytes_go(api: Api, author: Account) -> None:
    answer = api.post(f"{UPLOADS}/", token=author.token, json=upload_body(filename="notes.txt", is_public=True))

    created = answer.json()
    put = created.pop("upload")
    assert answer.status == 201
    assert answer.headers["location"] == f"{UPLOADS}/{created['id']}"
    assert created == get(api, author, created["id"])
    assert created | {"id": "", "created_at": ""} == {
        "id": "",
        "user_id": str(author.id),
        "filename": "notes.txt",
        "content_type": "text/plain",
        "file_size": len(TEXT),
        "uploaded_at": None,
        "status": "pending",
        "is_public": True,
        "sha256": None,
        "reason": None,
        "created_at": "",
    }
    assert put["method"] == "PUT"
    assert put["headers"] == {"Content-Type": "text/plain", "If-None-Match": "*"}
    lives = datetime.fromisoformat(put["expires_at"]) - clock.now()
    assert timedelta(minutes=14) < lives <= timedelta(minutes=15)


def test_url_signs_every_condition(api: Api, author: Account) -> None:
    url: str = create(api, author, sha256=sha256(TEXT))["upload"]["url"]

    query = parse_qs(urlsplit(url).query)
    signed = query["X-Amz-SignedHeaders"][0].split(";")
    assert signed == ["content-length", "content-type", "host", "if-none-match", "x-amz-checksum-sha256"]
    assert query["X-Amz-Expires"] == ["900"]


def test_key_tells_nothing_of_the_client(api: Api, author: Account) -> None:
    created = create(api, author, filename="secret thesis.txt")

    prefix, user_id, upload_id, random = key_of(created["id"]).split("/")
    assert (prefix, user_id, upload_id) == ("uploads", str(author.id), created["id"])
    assert len(random) >= 20


def test_original_name_is_kept_and_the_safe_one_served(api: Api, author: Account) -> None:
    created = create(api, author, filename=" exe.\u202etxt ")

    assert created["filename"] == "exe.txt"


@pytest.mark.parametrize(
    "filename", ["", " ", ".", "..", "...", " .. ", "a/b", "..\\x", "a\0b", "a\nb", "\u202e..", "x" * 256, "\u202e"]
)
def test_name_that_is_none_is_422(api: Api, author: Account, filename: str) -> None:
    answer = api.post(UPLOADS, token=author.token, json=upload_body(filename=filename))

    assert (answer.status, answer.error_code) == (422, "VALIDATION_ERROR")
    assert answer.error["details"]["field"] == "filename"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"file_size": 0}, "file_size"),
        ({"file_size": -1}, "file_size"),
        ({"file_size": 10_485_761}, "file_size"),
        ({"file_size": "12"}, "file_size"),
        ({"file_size": 1.5}, "file_size"),
        ({"file_size": True}, "file_size"),
        ({"file_size": 10**400}, "file_size"),
        ({"file_size": None}, "file_size"),
        ({"content_type": "text/html"}, "content_type"),
        ({"content_type": "image/svg+xml"}, "content_type"),
        ({"content_type": "text/plain; charset=utf-8"}, "content_type"),
        ({"sha256": "A" * 64}, "sha256"),
        ({"sha256": "a" * 63}, "sha256"),
        ({"sha256": "a" * 64 + "\n"}, "sha256"),
        ({"is_public": "yes"}, "is_public"),
        ({"status": "available"}, "status"),
    ],
)
def test_wrong_field_is_named(api: Api, author: Account, fields: dict[str, Any], field: str) -> None:
    answer = api.post(UPLOADS, token=author.token, json=upload_body() | fields)

    assert (answer.status, answer.error_code) == (422, "VALIDATION_ERROR")
    assert answer.error["details"]["field"] == field


@pytest.mark.parametrize("size", [1, 10_485_760])
def test_smallest_and_largest_size_are_taken(api: Api, author: Account, size: int) -> None:
    assert create(api, author, file_size=size)["file_size"] == size


def test_type_is_taken_in_any_case_and_kept_lower(api: Api, author: Account) -> None:
    created = create(api, author, content_type="Application/PDF", filename="a.pdf")

    assert created["content_type"] == created["upload"]["headers"]["Content-Type"] == "application/pdf"


def test_multipart_is_415_and_told_how_uploads_work(api: Api, author: Account) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = api.post(f"{UPLOADS}/", token=author.token, raw=b"--x--", headers=headers)

    assert (answer.status, answer.error_code) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert "PUT" in answer.error["message"]


def test_without_a_token_is_401(api: Api) -> None:
    answer = api.post(UPLOADS, json=upload_body())

    assert (answer.status, answer.error_code) == (401, "AUTHENTICATION_REQUIRED")


def test_name_is_normalised(api: Api, author: Account) -> None:
    assert create(api, author, filename="e\u0301tude.txt")["filename"] == "\u00e9tude.txt"


def test_row_keeps_the_name_as_sent(api: Api, author: Account) -> None:
    from shared.db import connection, fetch_value

    created = create(api, author, filename=" a\u202eb.txt")
    with connection() as conn:
        sql = "SELECT original_filename FROM files WHERE id = %(id)s"
        assert fetch_value(conn, sql, {"id": row_of(created["id"]).id}) == " a\u202eb.txt"


def test_create_needs_no_aws(api: Api, author: Account) -> None:
    with aws_down():
        answer = api.post(UPLOADS, token=author.token, json=upload_body())

    assert answer.status == 201


def test_create_with_the_database_down_is_503_and_leaves_nothing(api: Api, author: Account) -> None:
    with database_down():
        answer = api.post(UPLOADS, token=author.token, json=upload_body())

    assert (answer.status, answer.error_code) == (503, "SERVICE_UNAVAILABLE")
    assert api.get(UPLOADS, token=author.token).json()["total"] == 0
