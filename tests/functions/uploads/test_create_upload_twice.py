"""`Idempotency-Key` on `POST /uploads`."""

from typing import Any

import pytest

from shared import settings
from shared.db import connection, fetch_value
from tests.support.api import Answer, Api
from tests.support.factories import Account, make_account
from tests.support.parallel import at_once
from tests.support.queues import deliver, object_created
from tests.support.storage import put
from tests.support.uploads import TEXT, UPLOADS, key_of, upload_body


def post(api: Api, owner: Account, key: str, path: str = UPLOADS, **fields: Any) -> Answer:
    return api.post(path, token=owner.token, json=upload_body(**fields), headers={"Idempotency-Key": key})


def without_url(answer: Answer) -> dict[str, Any]:
    return {**answer.json(), "upload": None}


def test_the_same_again_gives_the_first_answer(api: Api, author: Account) -> None:
    first, again = post(api, author, "k1"), post(api, author, "k1", path=f"{UPLOADS}/")

    assert (first.status, again.status) == (201, 201)
    assert without_url(first) == without_url(again)
    assert again.headers["location"] == first.headers["location"]
    assert api.get(UPLOADS, token=author.token).json()["total"] == 1
    assert put(again.json()["upload"], TEXT).status == 200


def test_no_url_once_it_is_no_longer_pending(api: Api, author: Account) -> None:
    created = post(api, author, "k1").json()
    version_id = put(created["upload"], TEXT).headers["x-amz-version-id"]
    deliver(object_created(key_of(created["id"]), version_id))

    again = post(api, author, "k1")

    assert (again.status, again.json()) == (201, {**created, "upload": None})


def test_no_url_once_it_is_deleted(api: Api, author: Account) -> None:
    created = post(api, author, "k1").json()
    api.delete(f"{UPLOADS}/{created['id']}", token=author.token)

    assert post(api, author, "k1").json() == {**created, "upload": None}


def test_with_another_body_it_is_409(api: Api, author: Account) -> None:
    post(api, author, "k1")

    answer = post(api, author, "k1", filename="other.txt")

    assert (answer.status, answer.error_code) == (409, "IDEMPOTENCY_CONFLICT")
    assert api.get(UPLOADS, token=author.token).json()["total"] == 1


def test_a_key_belongs_to_its_caller(api: Api, author: Account) -> None:
    assert post(api, author, "k1").json()["id"] != post(api, make_account(), "k1").json()["id"]


def test_20_at_once_make_one(api: Api, author: Account) -> None:
    answers = at_once(lambda _: post(api, author, "k1"), times=20)

    assert {answer.status for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert api.get(UPLOADS, token=author.token).json()["total"] == 1


def test_20_at_once_with_other_bodies_make_one(api: Api, author: Account) -> None:
    answers = at_once(lambda number: post(api, author, "k1", filename=f"{number}.txt"), times=20)

    assert sorted(answer.status for answer in answers) == [201] + [409] * 19


def test_a_refused_request_leaves_no_key(api: Api, author: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("USER_QUOTA_BYTES", "1")
        settings.storage.cache_clear()
        assert post(api, author, "k1").error_code == "QUOTA_EXCEEDED"
    settings.storage.cache_clear()

    assert post(api, author, "k1").status == 201


def test_after_a_day_the_key_is_new(api: Api, author: Account) -> None:
    first = post(api, author, "k1").json()
    with connection() as conn:
        sql = "UPDATE idempotency_keys SET created_at = now() - interval '25 hours' WHERE caller_id = %s"
        conn.execute(sql, [author.id])

    assert post(api, author, "k1", filename="new.txt").json()["id"] != first["id"]


@pytest.mark.parametrize("key", ["", "x" * 129, "é", "a\tb"])
def test_a_key_that_is_none_is_400(api: Api, author: Account, key: str) -> None:
    answer = post(api, author, key)

    assert (answer.status, answer.error_code) == (400, "MALFORMED_REQUEST")


def test_neither_url_nor_body_is_kept(api: Api, author: Account) -> None:
    post(api, author, "k1", sha256="a" * 64)

    with connection() as conn:
        kept = fetch_value(
            conn, "SELECT to_jsonb(k)::text FROM idempotency_keys k WHERE caller_id = %(id)s", {"id": author.id}
        )
    assert "X-Amz" not in kept
    assert "http" not in kept
