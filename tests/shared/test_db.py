"""The connection, transactions, and what may be said over a shared connection."""

import psycopg
import pytest

from shared import db, errors, ids
from tests.support.factories import unique
from tests.support.statements import PinningError, pins


def _insert(conn: db.Connection, name: str) -> None:
    sql = "INSERT INTO blacklisted_tokens (id, jti, expires_at) VALUES (%(id)s, %(id)s, now())"
    db.execute(conn, sql, {"id": name})


def _insert_and_fail(name: str) -> None:
    with db.transaction() as conn:
        _insert(conn, name)
        raise RuntimeError


def _sleep_past_the_deadline() -> None:
    with db.transaction() as conn:
        db.execute(conn, "SET LOCAL statement_timeout = '20ms'", {})
        db.execute(conn, "SELECT pg_sleep(5)", {})


def _count(name: str) -> int:
    with db.connection() as conn:
        return db.fetch_value(conn, "SELECT count(*) FROM blacklisted_tokens WHERE jti = %(id)s", {"id": name})


def test_a_transaction_is_kept_whole_or_not_at_all() -> None:
    kept, dropped = str(ids.new()), str(ids.new())
    with db.transaction() as conn:
        _insert(conn, kept)
    with pytest.raises(RuntimeError):
        _insert_and_fail(dropped)

    assert (_count(kept), _count(dropped)) == (1, 0)


def test_one_connection_is_used_again() -> None:
    with db.connection() as conn:
        first = conn.info.backend_pid
    with db.connection() as conn:
        assert conn.info.backend_pid == first


def test_an_idle_connection_that_was_cut_is_replaced_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    with db.connection() as conn:
        first = conn.info.backend_pid
        other = psycopg.connect(conn.info.dsn, autocommit=True)
    with other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [first])
    monkeypatch.setattr(db, "_IDLE_CHECK_SECONDS", -1)

    with db.connection() as conn:
        assert conn.info.backend_pid != first


def test_a_statement_past_its_deadline_is_unavailable_and_the_connection_lives() -> None:
    with db.connection() as conn:
        first = conn.info.backend_pid
    with pytest.raises(errors.ServiceUnavailableError):
        _sleep_past_the_deadline()

    with db.connection() as conn:
        assert conn.info.backend_pid == first


def test_nothing_is_prepared_on_the_server() -> None:
    name = unique("x")
    with db.connection() as conn:
        for _ in range(8):
            db.fetch_value(conn, "SELECT %(name)s::text", {"name": name})
        assert db.fetch_value(conn, "SELECT count(*) FROM pg_prepared_statements", {}) == 0


@pytest.mark.parametrize(
    "sql",
    [
        "SET timezone = 'UTC'",
        "set session statement_timeout = 5",
        "PREPARE x AS SELECT 1",
        "DECLARE c CURSOR FOR SELECT 1",
        "LISTEN x",
        "CREATE TEMP TABLE x ()",
        "SELECT pg_advisory_lock(1)",
        "SELECT 1; DISCARD ALL",
    ],
)
def test_every_test_fails_on_a_statement_that_pins(sql: str) -> None:
    assert pins(sql)
    with pytest.raises(PinningError), db.connection() as conn:
        conn.execute(sql.encode())


@pytest.mark.parametrize(
    "sql", ["SET LOCAL x = 1", "SELECT pg_advisory_xact_lock(1)", "UPDATE a SET b = 1", "SELECT 1"]
)
def test_what_can_share_a_connection_passes(sql: str) -> None:
    assert not pins(sql)
