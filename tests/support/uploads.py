"""Uploads of tests, made through the API and the storage."""

from typing import Any
from uuid import UUID

from shared.db import connection
from shared.repositories import files
from shared.repositories.files import FileRow
from tests.support.api import Api
from tests.support.factories import Account
from tests.support.queues import deliver, object_created
from tests.support.storage import put

UPLOADS = "/api/v1/uploads"
TEXT = b"The quick brown fox jumps over the lazy dog.\n"
PNG_HEAD = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


def upload_body(content: bytes = TEXT, **fields: Any) -> dict[str, Any]:
    """The body that announces these bytes."""
    return {"filename": "notes.txt", "content_type": "text/plain", "file_size": len(content)} | fields


def create(api: Api, owner: Account, content: bytes = TEXT, **fields: Any) -> dict[str, Any]:
    """A `pending` upload, as its creation answered."""
    answer = api.post(UPLOADS, token=owner.token, json=upload_body(content, **fields))
    assert answer.status == 201, answer.body
    return answer.json()


def create_and_put(api: Api, owner: Account, content: bytes = TEXT, **fields: Any) -> tuple[dict[str, Any], str]:
    """A `pending` upload whose bytes are in the storage, and their version id."""
    created = create(api, owner, content, **fields)
    stored = put(created["upload"], content)
    assert stored.status == 200, stored.body
    return created, stored.headers["x-amz-version-id"]


def settle(api: Api, owner: Account, content: bytes = TEXT, **fields: Any) -> dict[str, Any]:
    """An upload after its bytes came and were checked, as its owner sees it."""
    created, version_id = create_and_put(api, owner, content, **fields)
    assert deliver(object_created(key_of(created["id"]), version_id)) == []
    return get(api, owner, created["id"])


def get(api: Api, viewer: Account, upload_id: str) -> dict[str, Any]:
    """The upload as it is now."""
    answer = api.get(f"{UPLOADS}/{upload_id}", token=viewer.token)
    assert answer.status == 200, answer.body
    return answer.json()


def row_of(upload_id: str | UUID) -> FileRow:
    """The row, which must be there."""
    with connection() as conn:
        row = files.find_visible(conn, UUID(str(upload_id)), viewer_id=UUID(int=0), sees_all=True)
    assert row is not None
    return row


def key_of(upload_id: str) -> str:
    """The object key."""
    return row_of(upload_id).file_path
