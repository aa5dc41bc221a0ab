"""`GET /uploads/{id}`: who sees what."""

import pytest

from shared.repositories.files import Status
from tests.support.api import Api
from tests.support.factories import Account, make_account, make_file
from tests.support.uploads import UPLOADS


@pytest.mark.parametrize(
    ("status", "is_public", "seen"),
    [("available", True, 200), ("available", False, 404), ("pending", True, 404), ("scanning", True, 404)],
)
def test_a_stranger_sees_what_is_public_and_available(
    api: Api, author: Account, status: Status, is_public: bool, seen: int
) -> None:
    file = make_file(author, status=status, is_public=is_public)

    assert api.get(f"{UPLOADS}/{file.id}", token=make_account().token).status == seen


def test_owner_and_admin_see_all(api: Api, author: Account, admin: Account) -> None:
    file = make_file(author)

    for viewer in (author, admin):
        assert api.get(f"{UPLOADS}/{file.id}", token=viewer.token).json()["id"] == str(file.id)


def test_nothing_inner_is_told(api: Api, author: Account) -> None:
    answer = api.get(f"{UPLOADS}/{make_file(author).id}", token=author.token)

    assert set(answer.json()) == {
        "id",
        "user_id",
        "filename",
        "content_type",
        "file_size",
        "uploaded_at",
        "status",
        "is_public",
        "sha256",
        "reason",
        "created_at",
    }


def test_head_answers_as_get_without_a_body(api: Api, author: Account) -> None:
    answer = api.request("HEAD", f"{UPLOADS}/{make_file(author).id}", token=author.token)

    assert (answer.status, answer.body) == (200, b"")
