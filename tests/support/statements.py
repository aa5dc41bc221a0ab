"""What is said to the database: counted by tests, and held to what RDS Proxy can share a connection over."""

import re
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

# https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-pinning.html
_PINNING = re.compile(
    r"""^\s*(DECLARE|PREPARE|LISTEN|DISCARD|DEALLOCATE|SET(?!\s+(LOCAL|TRANSACTION)\b)|CREATE\s+(LOCAL\s+)?TEMP)
        |\bpg_(try_)?advisory_lock(_shared)?\s*\(""",
    re.IGNORECASE | re.VERBOSE,
)


def pins(sql: str) -> bool:
    """Whether a statement ties its session to one connection of RDS Proxy."""
    return any(_PINNING.search(statement) for statement in sql.split(";"))


def _text(query: Any) -> str:
    return query.decode() if isinstance(query, bytes) else str(query)


class PinningError(AssertionError):
    """A statement that RDS Proxy would pin a session for."""


@contextmanager
def statements() -> Generator[list[str]]:
    """The statements that are executed inside, in their order; BEGIN and COMMIT are not among them."""
    seen: list[str] = []
    execute = psycopg.Cursor.execute

    def noting(self: Any, query: Any, *args: Any, **options: Any) -> Any:
        seen.append(_text(query))
        return execute(self, query, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(psycopg.Cursor, "execute", noting)
        yield seen


def refuse_pinning(patch: pytest.MonkeyPatch) -> None:
    """Make every statement that would pin raise, wherever it is executed."""
    execute = psycopg.Cursor.execute

    def checked(self: Any, query: Any, *args: Any, **options: Any) -> Any:
        if pins(_text(query)):
            raise PinningError(query)
        return execute(self, query, *args, **options)

    patch.setattr(psycopg.Cursor, "execute", checked)
