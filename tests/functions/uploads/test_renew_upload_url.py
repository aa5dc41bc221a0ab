"""`POST /uploads/{id}/url`."""

from datetime import timedelta

import pytest

from shared import clock
from shared.repositories.files import Status
from tests.support.api import Api
from tests.support.factories import Account, make_file
from tests.support.storage import put
from tests.support.uploads import TEXT, UPLOADS, create, row_of


def test_a_fresh_url_outlives_the_first(api: Api, author: Account) -> None:
    file = make_file(author, content_type="text/plain", file_size=len(TEXT))
    dead = clock.now() - timedelta(minutes=10)
    _age(file.id, dead)

    fresh = api.post(f"{UPLOADS}/{file.id}/url", token=author.token)

    assert fresh.status == 200
    assert row_of(file.id).url_expires_at > clock.now()
    assert put(fresh.json(), TEXT).status == 200


def test_url_expiry_is_the_one_that_is_told(api: Api, author: Account) -> None:
    created = create(api, author)

    fresh = api.post(f"{UPLOADS}/{created['id']}/url", token=author.token).json()

    kept = row_of(created["id"]).url_expires_at
    assert abs(kept.timestamp() - _parsed(fresh["expires_at"])) < 2


@pytest.mark.parametrize("status", ["scanning", "available", "expired"])
def test_url_of_one_no_longer_pending_is_409(api: Api, author: Account, status: Status) -> None:
    file = make_file(author, status=status)

    answer = api.post(f"{UPLOADS}/{file.id}/url", token=author.token)

    assert (answer.status, answer.error_code) == (409, "UPLOAD_NOT_AVAILABLE")
    assert answer.error["details"] == {"status": status}


def _age(file_id: object, url_expires_at: object) -> None:
    from shared.db import connection, execute

    with connection() as conn:
        sql = "UPDATE files SET url_expires_at = %(at)s WHERE id = %(id)s"
        execute(conn, sql, {"at": url_expires_at, "id": file_id})


def _parsed(text: str) -> float:
    from datetime import datetime

    return datetime.fromisoformat(text).timestamp()
