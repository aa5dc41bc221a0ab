"""`POST /uploads/{id}/rescan`."""

from datetime import timedelta

import pytest

from shared import clock, ids
from shared.domain import uploads
from shared.repositories.files import Reason, Status
from tests.support.api import Api
from tests.support.factories import Account, make_file
from tests.support.queues import checks_queued, deliver, work_outbox
from tests.support.storage import put_object, versions
from tests.support.uploads import TEXT, UPLOADS, get


def rescan(api: Api, caller: Account, upload_id: object):
    return api.post(f"{UPLOADS}/{upload_id}/rescan", token=caller.token)


def failed(owner: Account):
    return make_file(
        owner,
        status="rejected",
        reason="SCAN_FAILED",
        kept_until=clock.now() + timedelta(days=1),
        content_type="text/plain",
        file_size=len(TEXT),
    )


def test_an_admin_has_it_looked_at_again(api: Api, author: Account, admin: Account) -> None:
    file = failed(author)
    put_object(file.file_path, TEXT)

    answer = rescan(api, admin, file.id)

    assert (answer.status, answer.json()["status"], answer.json()["reason"]) == (202, "scanning", None)
    assert file.file_path in checks_queued()
    assert deliver(uploads.check_message(file.file_path)) == []
    assert get(api, author, str(file.id))["status"] == "available"


def test_others_may_not(api: Api, author: Account) -> None:
    answer = rescan(api, author, failed(author).id)

    assert (answer.status, answer.error_code) == (403, "FORBIDDEN")


@pytest.mark.parametrize(
    ("status", "reason"),
    [("pending", None), ("scanning", None), ("available", None), ("expired", None), ("rejected", "MALWARE")],
)
def test_anything_else_is_409(api: Api, author: Account, admin: Account, status: Status, reason: Reason | None) -> None:
    answer = rescan(api, admin, make_file(author, status=status, reason=reason).id)

    assert (answer.status, answer.error_code) == (409, "UPLOAD_NOT_AVAILABLE")


def test_one_not_kept_any_more_is_409(api: Api, author: Account, admin: Account) -> None:
    file = make_file(author, status="rejected", reason="SCAN_FAILED")

    assert rescan(api, admin, file.id).error_code == "UPLOAD_NOT_AVAILABLE"


def test_unknown_id_is_404(api: Api, admin: Account) -> None:
    assert rescan(api, admin, ids.new()).status == 404


def test_object_of_one_that_could_not_be_scanned_stays(author: Account) -> None:
    file = failed(author)
    version_id = put_object(file.file_path, TEXT)

    assert deliver(uploads.check_message(file.file_path)) == []
    work_outbox()
    assert versions(file.file_path) == [version_id]
