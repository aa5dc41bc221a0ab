"""`POST` and `GET /users/me/export`, and what is in the archive."""

import io
import json
import zipfile
from typing import Any
from unittest import mock

import jsonschema_rs
import pytest

from functions.archives import service
from shared import settings
from shared.db import connection, execute, fetch_value
from shared.errors import ServiceUnavailableError
from tests.support import storage
from tests.support.api import Answer, Api, invoke
from tests.support.factories import Account, make_account, make_file
from tests.support.mail import mails_to
from tests.support.queues import drain, empty_outbox, sqs_event, work_outbox
from tests.support.trail import events_of
from tests.support.uploads import settle

PATH = "/api/v1/users/me/export"


@pytest.fixture(autouse=True)
def _alone() -> None:
    """Other tests' orders would be among this test's."""
    empty_outbox()
    drain(settings.archive_queue().archive_queue_url)


def request(api: Api, account: Account) -> Answer:
    return api.post(PATH, token=account.token)


def state(api: Api, account: Account) -> dict[str, Any]:
    answer = api.get(PATH, token=account.token)
    assert answer.status == 200
    return answer.json()


def work(received: int = 1) -> list[str]:
    """Have all be made that is asked for; the ids of the messages that failed."""
    work_outbox()
    event = sqs_event(*drain(settings.archive_queue().archive_queue_url))
    for record in event["Records"]:
        record["attributes"] = {**record["attributes"], "ApproximateReceiveCount": str(received)}
    failed = invoke("archives", event)["batchItemFailures"]
    work_outbox()
    return [item["itemIdentifier"] for item in failed]


def archive(api: Api, account: Account) -> zipfile.ZipFile:
    answer = storage.send("GET", state(api, account)["url"])
    assert answer.status == 200
    assert "reviewpoint-data.zip" in answer.headers["content-disposition"]
    return zipfile.ZipFile(io.BytesIO(answer.body))


def test_before_anything_is_asked_for_there_is_none(api: Api, author: Account) -> None:
    assert state(api, author) == {"status": "none", "expires_at": None}


def test_it_is_pending_and_then_ready_and_told(api: Api, author: Account) -> None:
    answer = request(api, author)
    pending = state(api, author)
    work()
    ready = state(api, author)

    assert (answer.status, set(answer.json())) == (202, {"message"})
    assert pending == {"status": "pending", "expires_at": None}
    assert (ready["status"], set(ready)) == ("ready", {"status", "expires_at", "url"})
    assert [mail.subject for mail in mails_to(author.email)] == ["Your data is ready"]
    sql = "SELECT data FROM notices WHERE user_id = %(id)s AND type = 'export.ready'"
    with connection() as conn:
        assert fetch_value(conn, sql, {"id": author.id}) == {"expires_at": ready["expires_at"]}
    assert [event.action for event in events_of(actor_id=author.id)] == ["export_created"]


def test_the_archive_holds_all_that_is_the_users_and_nothing_else(api: Api, author: Account) -> None:
    settle(api, make_account(), b"of another")
    upload = settle(api, author, b"all of the bytes", filename="père.txt")
    waiting = make_file(author)
    api.post("/api/v1/auth/login", json={"username": author.username, "password": author.password})
    request(api, author)
    work()

    held = archive(api, author)

    assert held.testzip() is None
    path = f"files/{upload['id']}/père.txt"
    assert [name for name in held.namelist() if name.startswith("files/")] == [path]
    assert held.read(path) == b"all of the bytes"
    assert json.loads(held.read("profile.json"))["email"] == author.email
    assert len(json.loads(held.read("sessions.json"))) == 2
    assert [entry["outcome"] for entry in json.loads(held.read("activity.json"))] == ["success"]
    files = {entry["id"]: entry["path"] for entry in json.loads(held.read("files.json"))}
    assert files == {upload["id"]: path, str(waiting.id): None}
    everything = b"".join(held.read(name) for name in held.namelist())
    assert b"password_hash" not in everything


def test_each_document_is_as_its_schema_says(api: Api, author: Account) -> None:
    settle(api, author)
    request(api, author)
    work()
    held = archive(api, author)

    for name, schema, is_list in (
        ("profile.json", "Profile", False),
        ("sessions.json", "SessionEntry", True),
        ("activity.json", "ActivityEntry", True),
        ("files.json", "FileEntry", True),
    ):
        document = json.loads(held.read(name))
        for item in document if is_list else [document]:
            jsonschema_rs.validate(json.loads(held.read(f"schemas/{schema}.json")), item)


def test_a_second_request_waits_for_the_first_and_a_later_one_makes_another(api: Api, author: Account) -> None:
    for _ in range(2):
        assert request(api, author).status == 202
    work()
    assert len(mails_to(author.email)) == 1

    request(api, author)
    assert state(api, author)["status"] == "pending"
    work()
    assert len(mails_to(author.email)) == 2


def test_with_the_storage_down_it_comes_later_and_fails_at_last(api: Api, author: Account) -> None:
    request(api, author)
    work_outbox()
    (message,) = drain(settings.archive_queue().archive_queue_url)
    event = sqs_event(message)
    with mock.patch.object(service.export_storage, "write", side_effect=ServiceUnavailableError("storage")):
        assert len(invoke("archives", event)["batchItemFailures"]) == 1
        assert state(api, author)["status"] == "pending"
        event["Records"][0]["attributes"] = {**event["Records"][0]["attributes"], "ApproximateReceiveCount": "5"}
        invoke("archives", event)
        assert state(api, author) == {"status": "failed", "expires_at": None}

    assert request(api, author).status == 202
    work()
    assert state(api, author)["status"] == "ready"


def test_a_message_that_comes_twice_tells_once(api: Api, author: Account) -> None:
    request(api, author)
    work_outbox()
    event = sqs_event(*drain(settings.archive_queue().archive_queue_url))

    for _ in range(2):
        assert invoke("archives", event)["batchItemFailures"] == []
    work_outbox()

    assert len(mails_to(author.email)) == 1


def test_after_its_time_there_is_none(api: Api, author: Account) -> None:
    request(api, author)
    work()
    with connection() as conn:
        execute(conn, "UPDATE exports SET expires_at = now() WHERE user_id = %(id)s", {"id": author.id})

    assert state(api, author) == {"status": "none", "expires_at": None}


def test_a_user_who_is_gone_gets_none(api: Api, author: Account) -> None:
    request(api, author)
    work_outbox()
    event = sqs_event(*drain(settings.archive_queue().archive_queue_url))
    api.delete("/api/v1/users/me", token=author.token, json={"password": author.password})

    assert invoke("archives", event)["batchItemFailures"] == []
    assert [mail.subject for mail in mails_to(author.email)] == []
