"""`Idempotency-Key` on `POST /users`."""

from typing import Any

import pytest

from shared import ids
from shared.db import connection, execute, fetch_value
from tests.support.api import Answer, Api
from tests.support.factories import PASSWORD, Account, make_account, unique
from tests.support.mail import mails_to
from tests.support.parallel import at_once
from tests.support.queues import work_outbox
from tests.support.tokens import signing_key_replaced
from tests.support.uploads import upload_body

USERS = "/api/v1/users"


def body(**fields: Any) -> dict[str, Any]:
    name = unique("made")
    return {"username": name, "email": f"{name}@example.org", "password": PASSWORD, **fields}


def create(api: Api, admin: Account, given: dict[str, Any], key: str) -> Answer:
    return api.post(USERS, token=admin.token, json=given, headers={"Idempotency-Key": key})


def test_the_same_again_gives_the_first_answer(api: Api, admin: Account) -> None:
    given, key = body(), str(ids.new())
    first = create(api, admin, given, key)
    api.put(f"{USERS}/{first.json()['id']}", token=admin.token, json={"username": unique("renamed")})

    again = create(api, admin, dict(reversed(given.items())), key)

    assert (again.status, again.body) == (201, first.body)
    assert again.headers["location"] == first.headers["location"]


def test_another_body_is_409(api: Api, admin: Account) -> None:
    key = str(ids.new())
    create(api, admin, body(), key)

    answer = create(api, admin, body(), key)

    assert (answer.status, answer.error_code) == (409, "IDEMPOTENCY_CONFLICT")


def test_a_key_is_known_after_a_rotation_of_the_signing_key(api: Api, admin: Account) -> None:
    given, key = body(), str(ids.new())
    first = create(api, admin, given, key)

    with signing_key_replaced():
        assert create(api, admin, given, key).body == first.body
        assert create(api, admin, body(), key).error_code == "IDEMPOTENCY_CONFLICT"


def test_of_20_parallel_requests_one_is_done_and_all_are_answered_alike(api: Api, admin: Account) -> None:
    given, key = body(), str(ids.new())
    del given["password"]

    answers = at_once(lambda _: create(api, admin, given, key), times=20)
    work_outbox()

    assert {(answer.status, answer.body) for answer in answers} == {(201, answers[0].body)}
    assert len(mails_to(given["email"])) == 1


def test_a_key_belongs_to_its_caller(api: Api, admin: Account) -> None:
    key = str(ids.new())
    other = make_account(role="admin")

    first, second = create(api, admin, body(), key), create(api, other, body(), key)

    assert (first.status, second.status) == (201, 201)
    assert first.json()["id"] != second.json()["id"]


def test_a_key_belongs_to_its_path(api: Api, admin: Account) -> None:
    key = str(ids.new())

    made = create(api, admin, body(), key)
    upload = api.post("/api/v1/uploads", token=admin.token, json=upload_body(), headers={"Idempotency-Key": key})

    assert (made.status, upload.status) == (201, 201)


def test_a_failed_request_leaves_no_key(api: Api, admin: Account, author: Account) -> None:
    key = str(ids.new())

    assert create(api, admin, body(username=author.username), key).error_code == "USERNAME_TAKEN"
    assert create(api, admin, body(password="password1"), key).status == 422
    assert create(api, admin, body(), key).status == 201


def test_a_key_is_forgotten_after_a_day(api: Api, admin: Account) -> None:
    key = str(ids.new())
    create(api, admin, body(), key)
    with connection() as conn:
        sql = "UPDATE idempotency_keys SET created_at = created_at - interval '1 day' WHERE key = %(key)s"
        execute(conn, sql, {"key": key})

    given = body()
    second = create(api, admin, given, key)
    assert second.status == 201
    assert create(api, admin, given, key).body == second.body


def test_the_body_is_kept_as_a_keyed_hash(api: Api, admin: Account) -> None:
    given, key = body(), str(ids.new())
    create(api, admin, given, key)

    sql = "SELECT row_to_json(k)::text FROM idempotency_keys k WHERE key = %(key)s"
    with connection() as conn:
        kept = fetch_value(conn, sql, {"key": key})
    assert PASSWORD not in kept


@pytest.mark.parametrize("key", ["x", "x" * 128, "!~ a/b"])
def test_any_printable_ascii_is_a_key(api: Api, admin: Account, key: str) -> None:
    assert create(api, admin, body(), key).status == 201


@pytest.mark.parametrize("key", ["", "x" * 129, "schlüssel", "a\tb"])
def test_a_bad_key_is_400(api: Api, admin: Account, key: str) -> None:
    answer = create(api, admin, body(), key)

    assert (answer.status, answer.error_code) == (400, "MALFORMED_REQUEST")
