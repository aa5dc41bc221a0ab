"""`GET /audit-events`."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from shared import clock, ids
from shared.db import transaction
from shared.domain import audit
from shared.domain.audit import Action, Actor
from shared.source import Source, set_source
from tests.support.api import Api
from tests.support.factories import Account

PATH = "/api/v1/audit-events"


def _record(action: Action, target: UUID, *, actor: Actor = audit.NOBODY) -> None:
    with transaction() as conn:
        audit.record(conn, action, actor=actor, target=("user", target), details={"field": "role"})


def test_events_come_newest_first_with_what_was_recorded(api: Api, admin: Account) -> None:
    target = ids.new()
    set_source(Source("203.0.113.9", "tests/1.0", "request-1"))
    _record("user_created", target)
    _record("privilege_permissions_changed", target, actor=Actor(admin.id, "admin"))

    answer = api.get(PATH, token=admin.token, query={"target_id": str(target)})

    newest, oldest = answer.json()["items"]
    assert (answer.status, answer.json()["total"]) == (200, 2)
    assert (oldest["action"], oldest["actor_id"], oldest["outcome"]) == ("user_created", None, "success")
    assert newest["actor_id"] == str(admin.id)
    assert (newest["ip"], newest["user_agent"], newest["request_id"]) == ("203.0.113.9", "tests/1.0", "request-1")
    assert newest["details"] == {"field": "role"}


def test_pages_follow_each_other_by_cursor(api: Api, admin: Account) -> None:
    target = ids.new()
    for _ in range(3):
        _record("file_deleted", target)
    query = {"target_id": str(target), "limit": 2}

    first = api.get(PATH, token=admin.token, query=query).json()
    second = api.get(PATH, token=admin.token, query={**query, "cursor": first["next_cursor"]}).json()

    seen = [item["id"] for item in (*first["items"], *second["items"])]
    assert len(set(seen)) == 3
    assert second["next_cursor"] is None


def test_a_cursor_of_another_filter_is_422(api: Api, admin: Account) -> None:
    target = ids.new()
    for _ in range(2):
        _record("file_deleted", target)
    first = api.get(PATH, token=admin.token, query={"target_id": str(target), "limit": 1}).json()

    answer = api.get(PATH, token=admin.token, query={"limit": 1, "cursor": first["next_cursor"]})

    assert (answer.status, answer.error["details"]["field"]) == (422, "cursor")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"action": "file_deleted"}, True),
        ({"action": "user_created"}, False),
        ({"outcome": "success"}, True),
        ({"outcome": "failure"}, False),
        ({"created_after": (clock.now() - timedelta(minutes=5)).isoformat()}, True),
        ({"created_before": (clock.now() - timedelta(minutes=5)).isoformat()}, False),
        ({"actor_id": "00000000-0000-7000-8000-000000000000"}, False),
    ],
)
def test_each_filter_narrows(api: Api, admin: Account, query: dict[str, str], found: bool) -> None:
    target = ids.new()
    _record("file_deleted", target)

    answer = api.get(PATH, token=admin.token, query={"target_id": str(target), **query})

    assert bool(answer.json()["items"]) is found


def test_a_failure_is_kept_though_its_cause_was_rolled_back(api: Api, admin: Account) -> None:
    target = ids.new()
    audit.record_failure("authn_login_fail", target=("user", target))

    items = api.get(PATH, token=admin.token, query={"target_id": str(target)}).json()["items"]

    assert [item["outcome"] for item in items] == ["failure"]


def test_a_span_begins_with_its_first_moment_and_ends_before_its_last(api: Api, admin: Account) -> None:
    target = ids.new()
    _record("file_deleted", target)

    def found(**span: str) -> list[Any]:
        return api.get(PATH, token=admin.token, query={"target_id": str(target), **span}).json()["items"]

    (event,) = found()
    assert found(created_after=event["occurred_at"]) == [event]
    assert found(created_before=event["occurred_at"]) == []


def test_users_may_not_read_the_trail(api: Api, author: Account) -> None:
    assert api.get(PATH, token=author.token).error_code == "FORBIDDEN"


def test_a_bare_number_is_no_time(api: Api, admin: Account) -> None:
    """It used to pass for seconds since 1970."""
    answer = api.get(PATH, token=admin.token, query={"created_before": "1107"})

    assert (answer.status, answer.error["details"]["field"]) == (422, "created_before")
