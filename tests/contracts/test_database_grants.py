"""What a function's database role may do is what its statements do, no more and no less."""

import os

import psycopg
import pytest

from functions.migrations import roles
from functions.migrations.grants import GRANTS
from functions.migrations.roles import Role
from tools import grants


def test_grants_are_what_the_sql_in_reach_needs() -> None:
    assert grants.PATH.read_text(encoding="utf-8") == grants.text(), "run `make grants`, and look at what it grants"


def test_the_audit_trail_is_append_only() -> None:
    given = {function: tables.get("audit_events", "") for function, tables in GRANTS.items()}

    assert [function for function, words in given.items() if "UPDATE" in words or "DELETE" in words] == []


def test_a_role_may_not_do_more() -> None:
    with psycopg.connect(os.environ["REVIEWPOINT_DB_URL"], user=Role("health").name) as conn:
        assert conn.execute("SELECT version_num FROM alembic_version").fetchone()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("SELECT password_hash FROM users")


def test_deadlines_stand_on_the_role() -> None:
    with psycopg.connect(os.environ["REVIEWPOINT_DB_URL"], user=Role("users").name) as conn:
        for name, value in Role("users").deadlines.items():
            assert conn.execute("SELECT current_setting(%s)", [name]).fetchone() == (value,)


def test_a_privilege_that_is_taken_back_goes_at_the_next_deploy(monkeypatch: pytest.MonkeyPatch) -> None:
    with psycopg.connect(os.environ["REVIEWPOINT_DB_URL"], autocommit=True) as conn:
        monkeypatch.setattr(roles, "GRANTS", {"health": {}})
        roles.apply(conn)
        assert _may_read(conn) is False
        monkeypatch.setattr(roles, "GRANTS", {"health": GRANTS["health"]})
        roles.apply(conn)
        assert _may_read(conn) is True


def _may_read(conn: "psycopg.Connection[tuple[object, ...]]") -> object:
    row = conn.execute("SELECT has_table_privilege('reviewpoint_health', 'alembic_version', 'SELECT')").fetchone()
    return row and row[0]
