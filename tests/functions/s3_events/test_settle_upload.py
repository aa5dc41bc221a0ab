"""Messages of the upload queue: what comes of each upload, in whatever order and number they come."""

from pathlib import Path

import pytest

from shared.domain import uploads
from shared.repositories.files import Status
from tests.support.api import Api
from tests.support.factories import Account, make_account, make_file
from tests.support.faults import database_down, s3_down
from tests.support.parallel import at_once
from tests.support.queues import deliver, object_created, work_outbox
from tests.support.storage import put, put_object, sha256, versions
from tests.support.uploads import (
    PNG_HEAD,
    TEXT,
    UPLOADS,
    create,
    create_and_put,
    get,
    key_of,
    row_of,
    settle,
)

PDF_HEAD = b"%PDF-1.7\n" + b"x" * 40


def test_bytes_as_declared_become_available(api: Api, author: Account) -> None:
    created, version_id = create_and_put(api, author)

    assert deliver(object_created(key_of(created["id"]), version_id)) == []

    upload = get(api, author, created["id"])
    assert (upload["status"], upload["reason"], upload["sha256"]) == ("available", None, sha256(TEXT))
    assert upload["uploaded_at"].endswith("Z")
    assert row_of(created["id"]).version_id == version_id


def test_bytes_that_a_browser_would_decode_first_are_rejected(api: Api, author: Account) -> None:
    created = create(api, author)
    headers = created["upload"]["headers"] | {"Content-Encoding": "br"}
    assert put({**created["upload"], "headers": headers}, TEXT).status == 200

    assert deliver(object_created(key_of(created["id"]))) == []
    upload = get(api, author, created["id"])
    assert (upload["status"], upload["reason"]) == ("rejected", "CONTENT_INVALID")


def test_event_before_complete(api: Api, author: Account) -> None:
    upload = settle(api, author)

    answer = api.post(f"{UPLOADS}/{upload['id']}/complete", token=author.token)
    assert (answer.status, answer.json()) == (200, upload)


def test_complete_before_event(api: Api, author: Account) -> None:
    created, version_id = create_and_put(api, author)
    key = key_of(created["id"])
    assert api.post(f"{UPLOADS}/{created['id']}/complete", token=author.token).json()["status"] == "scanning"

    assert deliver(uploads.check_message(key), object_created(key, version_id)) == []
    assert get(api, author, created["id"])["status"] == "available"


def test_event_twice_changes_nothing_more(api: Api, author: Account) -> None:
    upload = settle(api, author)

    deliver(object_created(key_of(upload["id"]), row_of(upload["id"]).version_id))
    work_outbox()
    assert get(api, author, upload["id"]) == upload
    assert len(versions(key_of(upload["id"]))) == 1


def test_20_events_at_once_have_one_outcome(api: Api, author: Account) -> None:
    created, version_id = create_and_put(api, author)
    event = object_created(key_of(created["id"]), version_id)

    assert at_once(lambda _: deliver(event), times=20) == [[]] * 20
    work_outbox()
    assert get(api, author, created["id"])["status"] == "available"
    assert versions(key_of(created["id"])) == [version_id]


def test_20_events_at_once_of_a_bad_one_reject_it_once(api: Api, author: Account) -> None:
    created, version_id = create_and_put(api, author, PNG_HEAD, content_type="application/pdf")
    key = key_of(created["id"])

    at_once(lambda _: deliver(object_created(key, version_id)), times=20)
    work_outbox()
    assert get(api, author, created["id"])["reason"] == "TYPE_MISMATCH"
    assert versions(key) == []


def test_png_declared_as_pdf_is_rejected_and_its_object_removed(api: Api, author: Account) -> None:
    upload = settle(api, author, PNG_HEAD, content_type="application/pdf", filename="paper.pdf")

    assert (upload["status"], upload["reason"]) == ("rejected", "TYPE_MISMATCH")
    work_outbox()
    assert versions(key_of(upload["id"])) == []


@pytest.mark.parametrize(
    ("content", "content_type", "reason"),
    [
        (PDF_HEAD, "text/plain", "TYPE_MISMATCH"),
        (PNG_HEAD, "text/plain", "TYPE_MISMATCH"),
        (PDF_HEAD, "image/png", "TYPE_MISMATCH"),
        (b"<html><script>alert(1)</script>", "image/jpeg", "TYPE_MISMATCH"),
        (b"\xff\xfe\x00\x01 not text", "text/plain", "CONTENT_INVALID"),
        (b"text with a NUL \0 in it", "text/plain", "CONTENT_INVALID"),
        (b"cut in a character \xe2\x82", "text/plain", "CONTENT_INVALID"),
    ],
)
def test_content_that_is_not_what_was_declared(
    api: Api, author: Account, content: bytes, content_type: str, reason: str
) -> None:
    upload = settle(api, author, content, content_type=content_type)

    assert (upload["status"], upload["reason"]) == ("rejected", reason)


@pytest.mark.parametrize("content", ["žluťoučký kůň\n".encode(), b"MZ looks like a program", b"a", b"GIF89a as a word"])
def test_text_may_begin_with_anything(api: Api, author: Account, content: bytes) -> None:
    assert settle(api, author, content)["status"] == "available"


def test_object_of_another_size_is_rejected(api: Api, author: Account) -> None:
    created = create(api, author)
    version_id = put_object(key_of(created["id"]), TEXT + b"more")

    deliver(object_created(key_of(created["id"]), version_id))
    assert get(api, author, created["id"])["reason"] == "SIZE_MISMATCH"


def test_object_of_another_sha256_is_rejected(api: Api, author: Account) -> None:
    created = create(api, author, sha256="0" * 64)
    version_id = put_object(key_of(created["id"]), TEXT)

    deliver(object_created(key_of(created["id"]), version_id))
    upload = get(api, author, created["id"])
    assert (upload["reason"], upload["sha256"]) == ("CHECKSUM_MISMATCH", sha256(TEXT))


def test_unknown_key_of_ours_is_removed(author: Account) -> None:
    key = f"uploads/{author.id}/{make_file(make_account()).id}/nobodys"
    version_id = put_object(key, b"stray")

    assert deliver(object_created(key, version_id)) == []
    work_outbox()
    assert versions(key) == []


@pytest.mark.parametrize("key", ["elsewhere/file.pdf", "uploads/x", "malware-protection-resource-validation-object"])
def test_foreign_key_is_left_alone(key: str) -> None:
    version_id = put_object(key, b"not ours")

    assert deliver(object_created(key, version_id)) == []
    work_outbox()
    assert version_id in versions(key)


@pytest.mark.parametrize("status", ["rejected", "expired"])
def test_bytes_after_the_end_are_removed_and_change_nothing(api: Api, author: Account, status: Status) -> None:
    file = make_file(author, status=status, reason="SIZE_MISMATCH" if status == "rejected" else None)
    version_id = put_object(file.file_path, b"late")

    assert deliver(object_created(file.file_path, version_id)) == []
    work_outbox()
    assert versions(file.file_path) == []
    assert get(api, author, str(file.id))["status"] == status


def test_later_version_of_an_available_one_is_removed_and_the_first_stays(api: Api, author: Account) -> None:
    upload = settle(api, author)
    key = key_of(upload["id"])
    later = put_object(key, b"later")

    deliver(object_created(key, later))
    work_outbox()
    assert versions(key) == [row_of(upload["id"]).version_id]


def test_deleted_while_scanning_leaves_nothing(api: Api, author: Account) -> None:
    created, version_id = create_and_put(api, author)
    key = key_of(created["id"])
    api.post(f"{UPLOADS}/{created['id']}/complete", token=author.token)
    api.delete(f"{UPLOADS}/{created['id']}", token=author.token)

    assert deliver(object_created(key, version_id), uploads.check_message(key)) == []
    work_outbox()
    assert versions(key) == []


def test_event_of_an_object_that_is_gone_leaves_the_upload_waiting(api: Api, author: Account) -> None:
    created = create(api, author)

    assert deliver(object_created(key_of(created["id"]), "00000000-0000-0000-0000-000000000000")) == []
    assert deliver(uploads.check_message(key_of(created["id"]))) == []
    assert get(api, author, created["id"])["status"] == "pending"


def test_url_signed_again_after_the_event_was_lost(api: Api, author: Account) -> None:
    created, version_id = create_and_put(api, author)
    fresh = api.post(f"{UPLOADS}/{created['id']}/url", token=author.token).json()

    assert put(fresh, TEXT).status == 412
    deliver(uploads.check_message(key_of(created["id"])))
    assert row_of(created["id"]).version_id == version_id


@pytest.mark.parametrize(
    "body",
    [
        "not json",
        "[]",
        "{}",
        "null",
        '{"source": "aws.s3", "detail-type": "Object Deleted", "detail": {"object": {"key": "x"}}}',
        '{"source": "aws.s3", "detail-type": "Object Created", "detail": {}}',
        '{"source": "reviewpoint", "detail-type": "Upload Check", "detail": {"object": {"key": 7}}}',
    ],
)
def test_unknown_message_fails_alone(api: Api, author: Account, body: str) -> None:
    created, version_id = create_and_put(api, author)

    failed = deliver(body, object_created(key_of(created["id"]), version_id), body)

    assert failed == ["message-0", "message-2"]
    assert get(api, author, created["id"])["status"] == "available"


def test_storage_down_fails_the_message_and_it_comes_again(api: Api, author: Account) -> None:
    created, version_id = create_and_put(api, author)
    event = object_created(key_of(created["id"]), version_id)

    with s3_down():
        assert deliver(event) == ["message-0"]
    assert get(api, author, created["id"])["status"] == "pending"
    assert deliver(event) == []
    assert get(api, author, created["id"])["status"] == "available"


def test_database_down_fails_the_message_and_it_comes_again(api: Api, author: Account) -> None:
    created, version_id = create_and_put(api, author)
    event = object_created(key_of(created["id"]), version_id)

    with database_down():
        assert deliver(event) == ["message-0"]
    assert deliver(event) == []
    assert get(api, author, created["id"])["status"] == "available"


def test_killed_between_the_reading_and_the_verdict(api: Api, author: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    created, version_id = create_and_put(api, author)
    event = object_created(key_of(created["id"]), version_id)

    with monkeypatch.context() as patch:
        patch.setattr(uploads, "accept", _die)
        with pytest.raises(SystemExit):
            deliver(event)
    assert get(api, author, created["id"])["status"] == "scanning"
    assert deliver(event) == []
    assert get(api, author, created["id"])["status"] == "available"


def _die(*_: object) -> None:
    raise SystemExit


def test_nothing_but_the_status_table_writes_a_status() -> None:
    root = Path(__file__).parents[3]
    writers = [
        path.relative_to(root).as_posix()
        for path in (*root.glob("shared/**/*.py"), *root.glob("functions/**/*.py"))
        if "file_steps.update_status(" in path.read_text(encoding="utf-8")
    ]
    assert writers == ["shared/domain/uploads.py"]
