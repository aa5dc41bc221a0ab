"""ETags of an upload."""

import pytest

from tests.support.api import Api
from tests.support.factories import Account, make_file
from tests.support.uploads import UPLOADS


def test_get_with_a_known_tag_is_304(api: Api, author: Account) -> None:
    path = f"{UPLOADS}/{make_file(author).id}"
    tag = api.get(path, token=author.token).headers["etag"]

    for known in (tag, f'"x", {tag}', f"W/{tag}", "*"):
        answer = api.get(path, token=author.token, headers={"If-None-Match": known})
        assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", tag)
    assert api.get(path, token=author.token, headers={"If-None-Match": '"x"'}).status == 200


def test_a_change_changes_the_tag(api: Api, author: Account) -> None:
    path = f"{UPLOADS}/{make_file(author).id}"
    first = api.get(path, token=author.token).headers["etag"]

    patched = api.patch(path, token=author.token, json={"filename": "new.pdf"})

    assert patched.headers["etag"] != first
    assert patched.headers["etag"] == api.get(path, token=author.token).headers["etag"]


@pytest.mark.parametrize(("known", "status"), [("tag", 200), ("*", 200), ('"stale"', 412), ('W/"x"', 412)])
def test_patch_with_if_match(api: Api, author: Account, known: str, status: int) -> None:
    path = f"{UPLOADS}/{make_file(author).id}"
    if known == "tag":
        known = api.get(path, token=author.token).headers["etag"]

    answer = api.patch(path, token=author.token, json={"filename": "new.pdf"}, headers={"If-Match": known})

    assert answer.status == status
    if status == 412:
        assert answer.error_code == "PRECONDITION_FAILED"
        assert api.get(path, token=author.token).json()["filename"] == "paper.pdf"
