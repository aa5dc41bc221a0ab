"""Quota: what a user may keep, whatever races; the counters follow every change of a status."""

from collections.abc import Callable, Generator
from datetime import timedelta
from typing import Any

import pytest

from shared import clock, settings
from shared.db import connection
from shared.domain import uploads
from tests.support.api import Api
from tests.support.factories import Account, make_account, make_file
from tests.support.parallel import at_once
from tests.support.uploads import PNG_HEAD, TEXT, UPLOADS, create, settle, upload_body
from tests.support.usage import true_usage_of, usage_of


@pytest.fixture
def limit(monkeypatch: pytest.MonkeyPatch) -> Generator[Callable[..., None]]:
    """Sets limits for this test alone."""

    def set_limits(**variables: int) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, str(value))
        settings.storage.cache_clear()

    yield set_limits
    monkeypatch.undo()
    settings.storage.cache_clear()


def post(api: Api, owner: Account, size: int = 10):
    return api.post(UPLOADS, token=owner.token, json=upload_body(file_size=size))


@pytest.mark.parametrize(
    ("limits", "sizes", "named"),
    [
        ({"MAX_PENDING_UPLOADS": 2}, [10, 10], "pending_uploads"),
        ({"USER_QUOTA_FILES": 2}, [10, 10], "files"),
        ({"USER_QUOTA_BYTES": 29}, [10, 10], "bytes"),
        ({"USER_QUOTA_BYTES": 9}, [], "bytes"),
    ],
)
def test_what_does_not_fit_is_409_and_leaves_nothing(
    api: Api, author: Account, limit: Callable[..., None], limits: dict[str, int], sizes: list[int], named: str
) -> None:
    limit(**limits)
    for size in sizes:
        assert post(api, author, size).status == 201

    answer = post(api, author)

    assert (answer.status, answer.error_code) == (409, "QUOTA_EXCEEDED")
    assert answer.error["details"] == {"limit": named}
    assert api.get(UPLOADS, token=author.token).json()["total"] == len(sizes)
    assert post(api, make_account(), 5).status == 201


def test_the_last_byte_may_be_used(api: Api, author: Account, limit: Callable[..., None]) -> None:
    limit(USER_QUOTA_BYTES=30)

    assert [post(api, author).status for _ in range(4)] == [201, 201, 201, 409]


def test_20_at_once_never_pass_the_limit(api: Api, author: Account, limit: Callable[..., None]) -> None:
    limit(USER_QUOTA_BYTES=75)

    statuses = at_once(lambda _: post(api, author).status, times=20)

    assert sorted(statuses) == [201] * 7 + [409] * 13
    assert usage_of(author.id) == true_usage_of(author.id)


def test_20_at_once_never_pass_the_number_that_may_wait(api: Api, author: Account, limit: Callable[..., None]) -> None:
    limit(MAX_PENDING_UPLOADS=3)

    assert at_once(lambda _: post(api, author).status, times=20).count(201) == 3


def test_room_is_there_again_after_a_deletion(api: Api, author: Account, limit: Callable[..., None]) -> None:
    limit(MAX_PENDING_UPLOADS=1)
    created = create(api, author)
    assert post(api, author).status == 409

    api.delete(f"{UPLOADS}/{created['id']}", token=author.token)
    assert post(api, author).status == 201


def _steps(api: Api, owner: Account) -> Generator[tuple[int, int]]:
    """What each step should leave of files that count, and of those that wait."""
    created = create(api, owner)
    yield 1, 1
    api.delete(f"{UPLOADS}/{created['id']}", token=owner.token)
    yield 0, 0
    settle(api, owner)
    yield 1, 0
    settle(api, owner, PNG_HEAD)
    yield 1, 0
    waiting = make_file(owner)
    with connection() as conn:
        uploads.expire(conn, waiting.id)
    yield 1, 0
    failed = make_file(owner)
    with connection() as conn:
        uploads.begin_scan(conn, failed.id)
        uploads.reject(conn, failed.id, "SCAN_FAILED")
    yield 2, 0
    with connection() as conn:
        uploads.rescan(conn, failed.id)
    yield 2, 0
    with connection() as conn:
        uploads.reject(conn, failed.id, "MALWARE")
    yield 1, 0


def test_counters_follow_every_change(api: Api, author: Account) -> None:
    for files, pending in _steps(api, author):
        usage: Any = usage_of(author.id)
        assert (usage.files, usage.pending_files) == (files, pending)
        assert usage == true_usage_of(author.id)


def test_deletion_of_a_kept_one_gives_its_room_back(api: Api, author: Account) -> None:
    file = make_file(author)
    with connection() as conn:
        uploads.begin_scan(conn, file.id)
        kept = uploads.reject(conn, file.id, "SCAN_FAILED")
    assert kept is not None
    assert kept.kept_until is not None
    assert timedelta(days=6) < kept.kept_until - clock.now() <= timedelta(days=7)

    api.delete(f"{UPLOADS}/{file.id}", token=author.token)
    assert usage_of(author.id).files == 0


def test_20_deletions_and_events_at_once_keep_the_count(api: Api, author: Account) -> None:
    created = [create(api, author) for _ in range(10)]

    def come(number: int) -> None:
        upload_id = created[number // 2]["id"]
        if number % 2:
            api.delete(f"{UPLOADS}/{upload_id}", token=author.token)
        else:
            with connection() as conn:
                uploads.expire(conn, upload_id)

    at_once(come, times=20)
    assert usage_of(author.id) == true_usage_of(author.id)
    assert usage_of(author.id).files == 0


def test_text_of_the_reservation_counts_with_its_declared_size(api: Api, author: Account) -> None:
    create(api, author, TEXT)

    assert usage_of(author.id).bytes == len(TEXT)
