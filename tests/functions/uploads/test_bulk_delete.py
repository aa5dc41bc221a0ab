"""`POST /uploads/bulk-delete`."""

from typing import Any

import pytest

from shared import ids
from tests.support.api import Api
from tests.support.factories import Account, make_account, make_file
from tests.support.parallel import at_once
from tests.support.queues import work_outbox
from tests.support.storage import versions
from tests.support.uploads import UPLOADS, key_of, settle
from tests.support.usage import true_usage_of, usage_of


def delete(api: Api, caller: Account, ids_: Any):
    return api.post(f"{UPLOADS}/bulk-delete", token=caller.token, json={"ids": ids_})


def test_own_ones_go_and_the_others_are_named(api: Api, author: Account) -> None:
    other = make_account()
    mine = [str(make_file(author).id) for _ in range(3)]
    visible = str(make_file(other, status="available", is_public=True).id)
    hidden, none = str(make_file(other).id), str(ids.new())

    answer = delete(api, author, [mine[2], visible, mine[0], hidden, none, mine[1]])

    assert answer.status == 200
    assert answer.json() == {
        "deleted": [mine[2], mine[0], mine[1]],
        "failed": [
            {"id": visible, "code": "FORBIDDEN"},
            {"id": hidden, "code": "NOT_FOUND"},
            {"id": none, "code": "NOT_FOUND"},
        ],
    }
    assert api.get(UPLOADS, token=author.token).json()["total"] == 0
    assert api.get(f"{UPLOADS}/{visible}", token=author.token).status == 200


def test_objects_follow(api: Api, author: Account) -> None:
    upload = settle(api, author)
    key = key_of(upload["id"])

    delete(api, author, [upload["id"]])
    work_outbox()
    assert versions(key) == []


def test_an_id_twice_counts_once(api: Api, author: Account) -> None:
    file = str(make_file(author).id)

    assert delete(api, author, [file, file, file.upper()]).json() == {"deleted": [file], "failed": []}


def test_an_admin_deletes_any(api: Api, author: Account, admin: Account) -> None:
    file = str(make_file(author).id)

    assert delete(api, admin, [file]).json()["deleted"] == [file]


@pytest.mark.parametrize("wrong", [[], [str(ids.new()) for _ in range(101)], ["x"], [1], None, "x", [None]])
def test_wrong_ids_are_422(api: Api, author: Account, wrong: Any) -> None:
    answer = delete(api, author, wrong)

    assert (answer.status, answer.error_code) == (422, "VALIDATION_ERROR")
    assert answer.error["details"]["field"].startswith("ids")


def test_eight_at_once_delete_each_once(api: Api, author: Account) -> None:
    mine = [str(make_file(author).id) for _ in range(30)]

    answers = at_once(lambda n: delete(api, author, mine[n:] + mine[:n]).json()["deleted"], times=8)

    assert sorted(file for deleted in answers for file in deleted) == sorted(mine)
    assert usage_of(author.id) == true_usage_of(author.id)
