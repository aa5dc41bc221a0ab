"""What hangs is given up in time: a database or storage that takes a connection, or had one, and never answers."""

import time
from collections.abc import Generator
from pathlib import Path

import pytest

from shared import db
from shared.errors import ServiceUnavailableError
from tests.support.api import Api
from tests.support.factories import Account
from tests.support.faults import aws_at, database_at
from tests.support.frozen import Freezer, silent_server
from tests.support.valkey import using

pytestmark = pytest.mark.slow

HEALTH = "/api/v1/health"
_IN_TIME = 2.0
_SLACK = 1.0
"""For a machine that is busy with something else."""


@pytest.fixture(scope="module")
def freezer(tmp_path_factory: pytest.TempPathFactory) -> Generator[Freezer]:
    made = Freezer(Path(tmp_path_factory.mktemp("frozen")))
    yield made
    made.stop()


def _ask() -> int:
    with db.connection() as conn:
        return db.fetch_value(conn, "SELECT 1", {})


def test_health_with_a_database_and_a_storage_that_never_answer(api: Api) -> None:
    api.get(HEALTH)
    with silent_server() as port, database_at(f"postgresql://nobody@127.0.0.1:{port}/none"), aws_at(port):
        started = time.monotonic()
        answer = api.get(HEALTH)
        took = time.monotonic() - started

    checks = answer.json()["checks"]
    assert (answer.status, checks["database"]["status"], checks["storage"]["status"]) == (503, "fail", "fail")
    assert took < _IN_TIME + _SLACK
    assert api.get(HEALTH).status == 200


def test_health_with_a_cache_that_never_answers(api: Api) -> None:
    with silent_server() as port, using(f"redis://127.0.0.1:{port}/0"):
        api.get(HEALTH)
        started = time.monotonic()
        answer = api.get(HEALTH)
        took = time.monotonic() - started

    assert (answer.status, answer.json()["checks"]["cache"]["status"]) == (503, "fail")
    assert took < _IN_TIME


def test_health_with_a_database_that_froze_after_connecting(api: Api, freezer: Freezer) -> None:
    with database_at(freezer.url):
        _ask()
        with freezer.frozen():
            started = time.monotonic()
            answer = api.get(HEALTH)
            took = time.monotonic() - started
        assert _ask() == 1

    assert (answer.status, answer.json()["checks"]["database"]["status"]) == (503, "fail")
    assert took < _IN_TIME + _SLACK


def test_a_request_with_a_frozen_database_is_503_and_the_next_one_works(api: Api, author: Account) -> None:
    with silent_server() as port, database_at(f"postgresql://nobody@127.0.0.1:{port}/none"):
        started = time.monotonic()
        answer = api.get("/api/v1/users/me", token=author.token)
        took = time.monotonic() - started

    assert (answer.status, answer.error_code) == (503, "SERVICE_UNAVAILABLE")
    assert took < db.CONNECT_SECONDS + _SLACK
    assert api.get("/api/v1/users/me", token=author.token).status == 200


def test_a_statement_without_an_answer_is_given_up_and_its_connection_replaced(
    freezer: Freezer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "STATEMENT_SECONDS", 0.3)
    with database_at(freezer.url):
        with db.connection() as conn:
            before = conn.info.backend_pid
        started = time.monotonic()
        with freezer.frozen(), pytest.raises(ServiceUnavailableError):
            _ask()
        took = time.monotonic() - started
        with db.connection() as conn:
            assert conn.info.backend_pid != before

    assert took < 0.3 + _SLACK


def test_a_transaction_without_an_answer_keeps_nothing(freezer: Freezer, monkeypatch: pytest.MonkeyPatch) -> None:
    def insert_and_freeze() -> None:
        with db.transaction() as conn:
            db.execute(conn, "INSERT INTO kept VALUES (1)", {})
            with freezer.frozen():
                db.execute(conn, "INSERT INTO kept VALUES (2)", {})

    monkeypatch.setattr(db, "STATEMENT_SECONDS", 0.5)
    with database_at(freezer.url):
        with db.connection() as conn:
            db.execute(conn, "CREATE TABLE kept (number integer)", {})
        with pytest.raises(ServiceUnavailableError):
            insert_and_freeze()
        with db.connection() as conn:
            assert db.fetch_value(conn, "SELECT count(*) FROM kept", {}) == 0


def test_an_idle_connection_to_a_frozen_server_costs_a_moment(
    freezer: Freezer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "_IDLE_CHECK_SECONDS", -1)
    monkeypatch.setattr(db, "CONNECT_SECONDS", 0.5)
    with database_at(freezer.url):
        _ask()
        started = time.monotonic()
        with freezer.frozen(), pytest.raises(ServiceUnavailableError):
            _ask()
        took = time.monotonic() - started

    assert took < 1.5 + _SLACK
