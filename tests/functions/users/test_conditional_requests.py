"""`ETag`, `If-None-Match` and `If-Match`."""

import pytest

from tests.support.api import Answer, Api
from tests.support.factories import Account, unique
from tests.support.parallel import at_once

ME = "/api/v1/users/me"


def get(api: Api, path: str, account: Account, **headers: str) -> Answer:
    return api.get(
        path, token=account.token, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )


@pytest.fixture
def paths(author: Account) -> list[str]:
    return [ME, "/api/v1/auth/me", f"/api/v1/users/{author.id}"]


def test_a_known_representation_is_304(api: Api, author: Account, admin: Account, paths: list[str]) -> None:
    for path, caller in zip(paths, (author, author, admin), strict=True):
        tag = get(api, path, caller).headers["etag"]
        for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            answer = get(api, path, caller, If_None_Match=known)
            assert (answer.status, answer.body, answer.headers["etag"]) == (304, b"", tag)
            assert answer.headers["cache-control"] == "no-store"
        assert get(api, path, caller, If_None_Match='"other"').status == 200


def test_a_tag_changes_with_the_representation(api: Api, author: Account) -> None:
    tag = get(api, ME, author).headers["etag"]

    changed = api.put(ME, token=author.token, json={"username": unique("renamed")})

    assert changed.headers["etag"] != tag
    assert get(api, ME, author).headers["etag"] == changed.headers["etag"]
    assert get(api, ME, author, If_None_Match=tag).status == 200


def test_a_stale_if_match_is_412_and_changes_nothing(api: Api, author: Account, admin: Account) -> None:
    path = f"/api/v1/users/{author.id}"
    mine, theirs = get(api, ME, author).headers["etag"], get(api, path, admin).headers["etag"]
    name = unique("renamed")
    assert api.put(ME, token=author.token, json={"username": name}, headers={"If-Match": mine}).status == 200

    for target, caller, stale in ((ME, author, mine), (path, admin, theirs), (ME, author, "W/x"), (ME, author, "")):
        answer = api.put(target, token=caller.token, json={"username": unique("x")}, headers={"If-Match": stale})
        assert (answer.status, answer.error_code) == (412, "PRECONDITION_FAILED")
    assert get(api, ME, author).json()["username"] == name
    assert api.put(ME, token=author.token, json={"username": name}, headers={"If-Match": "*"}).status == 200


def test_a_weak_tag_never_matches_before_a_change(api: Api, author: Account) -> None:
    tag = get(api, ME, author).headers["etag"]
    body = {"username": unique("renamed")}

    for known, status in ((f"W/{tag}", 412), (f'"other", {tag}', 200)):
        assert api.put(ME, token=author.token, json=body, headers={"If-Match": known}).status == status


def test_of_10_parallel_changes_of_one_version_one_is_made(api: Api, author: Account) -> None:
    tag = get(api, ME, author).headers["etag"]
    names = [unique("racer") for _ in range(10)]

    answers = at_once(
        lambda n: api.put(ME, token=author.token, json={"username": names[n]}, headers={"If-Match": tag}), times=10
    )

    assert sorted(answer.status for answer in answers) == [200] + [412] * 9
