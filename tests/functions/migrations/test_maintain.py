"""The audit trail's partitions come and go."""

import os
from datetime import timedelta
from unittest import mock
from uuid import UUID

import psycopg
import pytest

from functions.migrations import partitions
from shared import clock, ids, settings
from shared.db import connection, execute, transaction
from shared.domain import audit
from tests.support.api import invoke
from tests.support.parallel import at_once
from tests.support.trail import events_of


def maintain() -> str:
    return invoke("migrations", {"action": "maintain"})["message"]


def names() -> set[str]:
    with psycopg.connect(os.environ["REVIEWPOINT_DB_URL"]) as conn:
        return set(partitions._existing(conn))  # pyright: ignore[reportPrivateUsage]


def record(days_ago: int = 0) -> UUID:
    target = ids.new()
    with transaction() as conn:
        audit.record(conn, "file_deleted", target=("file", target))
        then = clock.now() - timedelta(days=days_ago)
        sql = "UPDATE audit_events SET occurred_at = %(then)s WHERE target_id = %(target)s"
        execute(conn, sql, {"then": then, "target": target})
    return target


def test_partitions_are_made_ahead_and_what_was_written_before_moves_along() -> None:
    target = record()

    maintain()
    maintain()

    assert f"audit_events_{clock.now():%Y_%m}" in names()
    assert len(names()) >= 3
    assert len(events_of(target_id=target)) == 1
    assert len(events_of(target_id=record())) == 1


def test_what_is_older_than_its_time_goes() -> None:
    old, young = record(days_ago=366), record(days_ago=364)
    with connection() as conn:
        execute(
            conn,
            """
            CREATE TABLE audit_events_2020_01 PARTITION OF audit_events FOR VALUES FROM ('2020-01-01') TO ('2020-02-01')
            """,
            {},
        )

    assert "1 dropped" in maintain()

    assert events_of(target_id=old) == []
    assert len(events_of(target_id=young)) == 1
    assert "audit_events_2020_01" not in names()


def test_how_long_they_are_kept_is_a_setting() -> None:
    target = record(days_ago=75)
    with mock.patch.dict(os.environ, AUDIT_RETENTION_DAYS="10"):
        settings.audit.cache_clear()
        try:
            maintain()
        finally:
            settings.audit.cache_clear()

    assert events_of(target_id=target) == []


@pytest.mark.parametrize("event", [{"action": "maintain"}, {"source": "aws.events"}])
def test_an_operator_or_a_schedule_asks_for_it(event: dict[str, str]) -> None:
    assert "partitions" in invoke("migrations", event)["message"]


def test_four_at_once_come_one_after_another() -> None:
    assert len(at_once(lambda _: maintain(), times=4)) == 4
