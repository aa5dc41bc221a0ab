"""`GET /audit-events/export`."""

import csv
import io
import json

import pytest

from shared import ids
from shared.db import transaction
from shared.domain import audit
from tests.support.api import Api
from tests.support.factories import Account
from tests.support.trail import events_of

PATH = "/api/v1/audit-events/export"
FIELDS = [
    "id",
    "occurred_at",
    "action",
    "actor_id",
    "actor_role",
    "target_type",
    "target_id",
    "outcome",
    "ip",
    "user_agent",
    "request_id",
    "details",
]


@pytest.mark.parametrize("format_", ["csv", "json", "ndjson"])
def test_all_that_match_come_newest_first(api: Api, admin: Account, format_: str) -> None:
    target = ids.new()
    with transaction() as conn:
        for fields in (["username"], ["email"]):
            audit.record(conn, "user_updated", target=("user", target), details={"fields": fields})
    query = {"format": format_, "target_id": str(target)}

    answer = api.get(PATH, token=admin.token, query=query)

    assert answer.status == 200
    assert answer.headers["content-disposition"] == f'attachment; filename="audit-events.{format_}"'
    match format_:
        case "csv":
            rows = list(csv.DictReader(io.StringIO(answer.body.decode(), newline="")))
        case "json":
            rows = json.loads(answer.body)
        case _:
            rows = [json.loads(line) for line in answer.body.splitlines()]
    assert [list(row) for row in rows] == [FIELDS, FIELDS]
    assert {row["target_id"] for row in rows} == {str(target)}


def test_an_export_is_recorded(api: Api, admin: Account) -> None:
    api.get(PATH, token=admin.token, query={"format": "csv"})

    (event,) = events_of(actor_id=admin.id)
    assert (event.action, event.details) == ("export_created", {"of": "audit-events", "format": "csv"})


def test_a_url_instead_and_another_format(api: Api, admin: Account) -> None:
    answer = api.get(PATH, token=admin.token, query={"format": "json", "redirect": "false"})

    assert (answer.status, set(answer.json())) == (200, {"url", "expires_at"})
    assert api.get(PATH, token=admin.token, query={"format": "xml"}).status == 422


def test_users_may_not_export_the_trail(api: Api, author: Account) -> None:
    assert api.get(PATH, token=author.token).error_code == "FORBIDDEN"
