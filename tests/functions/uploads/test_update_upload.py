"""`PATCH /uploads/{id}`."""

from typing import Any

import pytest

from shared import ids
from tests.support.api import Api
from tests.support.factories import Account, make_account, make_file
from tests.support.uploads import UPLOADS, get


def patch(api: Api, caller: Account, upload_id: object, **fields: Any):
    return api.patch(f"{UPLOADS}/{upload_id}", token=caller.token, json=fields)


def test_name_and_visibility_change(api: Api, author: Account) -> None:
    file = make_file(author, status="available")

    answer = patch(api, author, file.id, filename="neu.pdf", is_public=True)

    assert (answer.status, answer.json()["filename"], answer.json()["is_public"]) == (200, "neu.pdf", True)
    assert get(api, make_account(), str(file.id)) == answer.json()


def test_what_is_not_given_stays(api: Api, author: Account) -> None:
    file = make_file(author, is_public=True)

    assert patch(api, author, file.id, filename="b.pdf").json()["is_public"] is True
    assert patch(api, author, file.id, is_public=False, filename=None).json()["filename"] == "b.pdf"


@pytest.mark.parametrize(
    "fields",
    [{}, {"filename": None}, {"filename": ".."}, {"filename": "a/b"}, {"is_public": 1}, {"status": "available"}],
)
def test_wrong_body_is_422(api: Api, author: Account, fields: dict[str, Any]) -> None:
    answer = patch(api, author, make_file(author).id, **fields)

    assert (answer.status, answer.error_code) == (422, "VALIDATION_ERROR")


def test_an_admin_may(api: Api, author: Account, admin: Account) -> None:
    assert patch(api, admin, make_file(author).id, filename="a.pdf").status == 200


def test_others_get_403_where_they_may_see_it_else_404(api: Api, author: Account) -> None:
    other = make_account()
    visible = make_file(author, status="available", is_public=True)

    assert patch(api, other, visible.id, is_public=False).error_code == "FORBIDDEN"
    assert patch(api, other, make_file(author).id, is_public=False).error_code == "NOT_FOUND"
    assert patch(api, author, ids.new(), is_public=False).error_code == "NOT_FOUND"
    assert get(api, author, str(visible.id))["is_public"] is True


def test_made_private_it_is_gone_for_others_at_once(api: Api, author: Account) -> None:
    file = make_file(author, status="available", is_public=True)
    other = make_account()
    assert api.get(f"{UPLOADS}/{file.id}", token=other.token).status == 200

    patch(api, author, file.id, is_public=False)
    assert api.get(f"{UPLOADS}/{file.id}", token=other.token).status == 404
