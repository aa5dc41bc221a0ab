"""`POST /uploads/{id}/complete`."""

import pytest

from shared.aws import storage
from shared.aws.storage import StoredObject
from shared.repositories.files import Status
from tests.support.api import Api
from tests.support.factories import Account, make_account, make_file
from tests.support.faults import aws_down, database_down
from tests.support.parallel import at_once
from tests.support.queues import checks_queued, deliver, object_created, work_outbox
from tests.support.uploads import PNG_HEAD, UPLOADS, create, create_and_put, get, key_of, row_of


def complete(api: Api, owner: Account, upload_id: object):
    return api.post(f"{UPLOADS}/{upload_id}/complete", token=owner.token)


def test_complete_begins_the_checks(api: Api, author: Account) -> None:
    created, _ = create_and_put(api, author)

    answer = complete(api, author, created["id"])

    assert (answer.status, answer.json()["status"]) == (200, "scanning")
    assert key_of(created["id"]) in checks_queued()


def test_complete_without_bytes_is_409_and_changes_nothing(api: Api, author: Account) -> None:
    created = create(api, author)

    answer = complete(api, author, created["id"])

    assert (answer.status, answer.error_code) == (409, "UPLOAD_NOT_RECEIVED")
    assert get(api, author, created["id"])["status"] == "pending"


def test_complete_twice_gives_what_is(api: Api, author: Account) -> None:
    created, version_id = create_and_put(api, author)

    assert [complete(api, author, created["id"]).json()["status"] for _ in range(2)] == ["scanning", "scanning"]
    deliver(object_created(key_of(created["id"]), version_id))
    assert complete(api, author, created["id"]).json()["status"] == "available"


@pytest.mark.parametrize("status", ["scanning", "available"])
def test_complete_of_one_under_way_or_over_is_200(api: Api, author: Account, status: Status) -> None:
    answer = complete(api, author, make_file(author, status=status).id)

    assert (answer.status, answer.json()["status"]) == (200, status)


def test_complete_of_a_rejected_one_tells_the_reason(api: Api, author: Account) -> None:
    answer = complete(api, author, make_file(author, status="rejected", reason="TYPE_MISMATCH").id)

    assert (answer.status, answer.json()["reason"]) == (200, "TYPE_MISMATCH")


def test_complete_of_an_expired_one_is_409(api: Api, author: Account) -> None:
    answer = complete(api, author, make_file(author, status="expired").id)

    assert (answer.status, answer.error_code) == (409, "UPLOAD_NOT_AVAILABLE")


def test_complete_of_one_whose_bytes_are_rejected_and_gone_meanwhile_tells_the_reason(
    api: Api, author: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    created, version_id = create_and_put(api, author, PNG_HEAD)
    head = storage.head

    def reject(_: int) -> None:
        deliver(object_created(key_of(created["id"]), version_id))
        work_outbox()

    def look(key: str) -> StoredObject | None:
        at_once(reject, times=1)
        return head(key)

    monkeypatch.setattr(storage, "head", look)
    answer = complete(api, author, created["id"])

    assert (answer.status, answer.json()["reason"]) == (200, "TYPE_MISMATCH")


@pytest.mark.parametrize("call", ["complete", "url"])
def test_others_and_admins_get_404(api: Api, author: Account, admin: Account, call: str) -> None:
    file = make_file(author, status="available", is_public=True)

    for other in (make_account(), admin):
        answer = api.post(f"{UPLOADS}/{file.id}/{call}", token=other.token)
        assert (answer.status, answer.error_code) == (404, "NOT_FOUND")


def test_complete_with_aws_down_is_503_and_works_later(api: Api, author: Account) -> None:
    created, _ = create_and_put(api, author)

    with aws_down():
        answer = complete(api, author, created["id"])
        assert (answer.status, answer.error_code) == (503, "SERVICE_UNAVAILABLE")
    assert "retry-after" in answer.headers
    assert complete(api, author, created["id"]).json()["status"] == "scanning"


def test_complete_with_the_database_down_is_503_and_works_later(api: Api, author: Account) -> None:
    created, _ = create_and_put(api, author)

    with database_down():
        assert complete(api, author, created["id"]).status == 503
    assert complete(api, author, created["id"]).json()["status"] == "scanning"


def test_20_completes_and_events_at_once_have_one_outcome(api: Api, author: Account) -> None:
    created, version_id = create_and_put(api, author)
    event = object_created(key_of(created["id"]), version_id)

    def come(number: int) -> object:
        return deliver(event) if number % 2 else complete(api, author, created["id"]).status

    assert at_once(come, times=20) == [200, []] * 10
    deliver(event)
    settled = get(api, author, created["id"])
    assert (settled["status"], row_of(created["id"]).version_id) == ("available", version_id)
