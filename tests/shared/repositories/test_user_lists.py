"""The lists of accounts among 100,000 of them."""

import os
from collections.abc import Callable, Generator
from typing import Any
from unittest import mock

import psycopg
import pytest

from shared import ids
from shared.db import Connection
from shared.repositories import user_lists
from shared.repositories.user_lists import UserFilter
from tests.support.services import clone_database

pytestmark = pytest.mark.slow

_MANY = 100_000
# What is counted for `total`, and some more.
_MOST_LOOKED_AT = 10_200
_SEED = """
    INSERT INTO users (id, username, email, password_hash, role, is_active, created_at)
    SELECT gen_random_uuid(), 'user' || n, 'user' || n || CASE WHEN n %% 1000 = 0 THEN '@rare.test' ELSE '@example.org' END,
           '!', CASE WHEN n %% 5000 = 0 THEN 'admin' ELSE 'user' END, n %% 4000 <> 0,
           timestamptz '2026-01-01' + n * interval '1 second'
    FROM generate_series(1, %(count)s) AS n
"""


@pytest.fixture(scope="module")
def crowd() -> Generator[Connection]:
    """A database of its own with many accounts."""
    url = clone_database(os.environ["REVIEWPOINT_TEST_POSTGRES"], f"crowd_{os.getpid()}")
    # As psycopg has it, without the deadline of a function's statements.
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(_SEED, {"count": _MANY})
        conn.execute("VACUUM ANALYZE users")
    with Connection.connect(url, autocommit=True, prepare_threshold=None) as conn:
        yield conn


def most_looked_at(conn: Connection, read: Callable[[], object]) -> int:
    """The most rows that any step of the statement's plan goes through."""
    seen: list[tuple[Any, Any]] = []
    execute = psycopg.Cursor.execute

    def noting(self: Any, query: Any, params: Any = None, **options: Any) -> Any:
        seen.append((query, params))
        return execute(self, query, params, **options)

    with mock.patch.object(psycopg.Cursor, "execute", noting):
        read()
    ((query, params),) = seen
    row = conn.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}".encode(), params).fetchone()
    assert row is not None
    return max(_looked_at(row[0][0]["Plan"]))


def _looked_at(node: dict[str, Any]) -> Generator[int]:
    rows = node["Actual Rows"] + node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    # Entries of an index that a bitmap is made of are no rows yet.
    yield 0 if node["Node Type"] == "Bitmap Index Scan" else int(rows * node["Actual Loops"])
    for child in node.get("Plans", ()):
        yield from _looked_at(child)


FILTERS: dict[str, dict[str, Any]] = {
    "all": {},
    "rare word": {"q": "@rare.test"},
    "one": {"q": "USER77777@"},
    "nobody": {"q": "nobody-at-all"},
    "everybody": {"q": "user"},
    "admins": {"role": "admin"},
    "disabled": {"is_active": False},
}


@pytest.mark.parametrize("sort", ["created_at", "-created_at", "username"])
@pytest.mark.parametrize("name", FILTERS)
def test_no_step_of_a_page_looks_at_all_accounts(crowd: Connection, name: str, sort: Any) -> None:
    wanted = UserFilter(**FILTERS[name], sort=sort)
    first = user_lists.list_page(crowd, wanted, limit=20, after=None)
    after = wanted.position_of(first.rows[-1]) if first.rows else ("2026-01-01T00:00:00Z", ids.new())

    for position in (None, after):
        looked_at = most_looked_at(
            crowd, lambda position=position: user_lists.list_page(crowd, wanted, limit=20, after=position)
        )
        assert looked_at <= _MOST_LOOKED_AT


@pytest.mark.parametrize("sort", ["created_at", "username"])
def test_an_export_goes_through_all_without_looking_twice(crowd: Connection, sort: Any) -> None:
    wanted = UserFilter(sort=sort)
    after, total = None, 0
    while True:
        rows = user_lists.list_rows(crowd, wanted, limit=20_000, after=after)
        total += len(rows)
        if len(rows) < 20_000:
            break
        after = wanted.position_of(rows[-1])

    assert total == _MANY
    looked_at = most_looked_at(crowd, lambda: user_lists.list_rows(crowd, wanted, limit=1000, after=after))
    assert looked_at <= 1000
