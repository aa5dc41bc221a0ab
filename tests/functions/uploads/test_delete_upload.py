"""`DELETE /uploads/{id}`."""

import pytest

from shared.repositories.files import Status
from tests.support.api import Api
from tests.support.factories import Account, make_account, make_file
from tests.support.faults import aws_down, s3_down
from tests.support.queues import deliver, object_created, work_outbox
from tests.support.storage import put, put_object, send, versions
from tests.support.uploads import TEXT, UPLOADS, create, create_and_put, key_of, settle


def delete(api: Api, caller: Account, upload_id: object):
    return api.delete(f"{UPLOADS}/{upload_id}", token=caller.token)


def test_delete_removes_the_row_and_then_every_version(api: Api, author: Account) -> None:
    upload = settle(api, author)
    key = key_of(upload["id"])
    put_object(key, b"a later version")
    url = api.get(f"{UPLOADS}/{upload['id']}/download", token=author.token).headers["location"]

    answer = delete(api, author, upload["id"])

    assert (answer.status, answer.body) == (204, b"")
    assert api.get(f"{UPLOADS}/{upload['id']}", token=author.token).status == 404
    work_outbox()
    assert versions(key) == []
    assert send("GET", url).status == 404


def test_delete_twice_is_404(api: Api, author: Account) -> None:
    file = make_file(author)

    assert [delete(api, author, file.id).status for _ in range(2)] == [204, 404]


@pytest.mark.parametrize("status", ["pending", "scanning", "available", "expired"])
def test_any_status_may_be_deleted(api: Api, author: Account, status: Status) -> None:
    assert delete(api, author, make_file(author, status=status).id).status == 204


def test_an_admin_deletes_any(api: Api, author: Account, admin: Account) -> None:
    assert delete(api, admin, make_file(author).id).status == 204


def test_others_get_403_where_they_may_see_it_else_404(api: Api, author: Account) -> None:
    other = make_account()
    visible = delete(api, other, make_file(author, status="available", is_public=True).id)
    hidden = delete(api, other, make_file(author).id)

    assert (visible.status, visible.error_code) == (403, "FORBIDDEN")
    assert (hidden.status, hidden.error_code) == (404, "NOT_FOUND")


def test_bytes_that_come_after_the_deletion_go_too(api: Api, author: Account) -> None:
    created = create(api, author)
    key = key_of(created["id"])
    assert delete(api, author, created["id"]).status == 204

    version_id = put(created["upload"], TEXT).headers["x-amz-version-id"]
    assert deliver(object_created(key, version_id)) == []
    work_outbox()
    assert versions(key) == []


def test_deletion_with_aws_down_is_done_later(api: Api, author: Account) -> None:
    created, _ = create_and_put(api, author)
    key = key_of(created["id"])

    with aws_down():
        assert delete(api, author, created["id"]).status == 204
    with s3_down():
        work_outbox()
    assert versions(key) != []
    _make_all_due()
    work_outbox()
    assert versions(key) == []


def _make_all_due() -> None:
    from shared.db import connection, execute

    with connection() as conn:
        execute(conn, "UPDATE outbox SET next_at = now()", {})
