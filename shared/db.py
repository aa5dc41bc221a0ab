"""The one PostgreSQL connection of an environment, and helpers to read rows as typed objects.

Nothing here may pin RDS Proxy: no server-side prepare, no `SET` outside a transaction, no declared cursor.
"""

import logging
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, LiteralString, TypeVar
from uuid import UUID

import psycopg
from psycopg import generators, waiting
from psycopg.conninfo import make_conninfo
from psycopg.pq import TransactionStatus
from psycopg.rows import class_row, dict_row, tuple_row

from shared import settings
from shared.aws import rds_auth, secrets
from shared.errors import ServiceUnavailableError
from shared.observability import logger

Params = Mapping[str, Any]
Row = TypeVar("Row")

Position = tuple[str, UUID]
"""Where a part of a list ended: the sort key, as text, and the id of its last row."""

COUNT_LIMIT: LiteralString = "10001"
"""Where counting a list's rows stops, as SQL; a list's `total` is exact below."""

CONNECT_SECONDS = 3.0
STATEMENT_SECONDS = 5.0
"""How long an answer of the database is waited for, unless a block says how long it may take `within`."""

# Asked once: an environment keeps its level, and even a line that is not written costs.
_TELLS = logger.log_level <= logging.DEBUG
_IDLE_CHECK_SECONDS = 30
_SIGN_OF_LIFE_SECONDS = 1.0
_WAIT_INTERVAL_SECONDS = 0.1
_UNAVAILABLE = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.errors.ReadOnlySqlTransaction)


@dataclass(frozen=True, slots=True)
class Listing(Generic[Row]):
    """A part of a list; `total` is `None` from `COUNT_LIMIT` on."""

    rows: list[Row]
    has_more: bool
    total: int | None


class Connection(psycopg.Connection[Any]):
    """Gives up on a server that does not answer: `statement_timeout` is kept by a server that still works.

    The client's own clock is all that helps against one that is frozen, or a network that swallows everything.
    """

    deadline: float | None = None
    """On the clock of `time.monotonic`."""

    def wait(self, gen: Any, interval: float = _WAIT_INTERVAL_SECONDS, timeout: float | None = None) -> Any:
        if timeout is None:
            timeout = STATEMENT_SECONDS if self.deadline is None else _seconds_to(self.deadline)
        try:
            return super().wait(gen, interval, timeout)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.close()  # what may still come would be taken for the answer to the next statement
            raise


def _seconds_to(deadline: float) -> float:
    return max(0.0, deadline - time.monotonic())


class _Slot:
    connection: Connection | None = None
    used_at: float = 0.0


def address() -> str:
    """Where and as whom to connect, as libpq reads it; holds a secret, and in AWS a token of 15 minutes."""
    database = settings.database()
    if database.reviewpoint_db_url is not None:
        return database.reviewpoint_db_url.get_secret_value()
    if database.db_secret_arn is not None:
        return _owners_address(database.db_secret_arn)
    host, user = database.db_host or "", database.db_user or ""
    return make_conninfo(
        host=host,
        port=rds_auth.PORT,
        dbname=database.db_name,
        user=user,
        password=rds_auth.token(host, user),
        sslmode="verify-full",
        sslrootcert=rds_auth.CA_FILE,
    )


def _owners_address(secret_arn: str) -> str:
    database = settings.database()
    owner = secrets.read_json(secret_arn)
    # Straight to the cluster, whose certificate comes from RDS's own authority: encrypted, but not verified.
    return make_conninfo(
        host=database.db_host,
        port=rds_auth.PORT,
        dbname=database.db_name,
        user=owner["username"],
        password=owner["password"],
        sslmode="require",
    )


def _connect(seconds: float) -> Connection:
    # Not `psycopg.connect`, whose shortest time-out is two seconds.
    conninfo = make_conninfo(address(), keepalives_idle=30, tcp_user_timeout=5000)
    pgconn = waiting.wait_conn(generators.connect(conninfo), interval=_WAIT_INTERVAL_SECONDS, timeout=seconds)
    conn = Connection(pgconn)
    conn.autocommit = True
    conn.prepare_threshold = None
    return conn


def _usable(deadline: float | None) -> Connection:
    conn = _Slot.connection
    if conn is not None and not conn.closed and time.time() - _Slot.used_at > _IDLE_CHECK_SECONDS:
        # An idle connection may have been cut by the proxy, or while the environment was frozen.
        conn.deadline = time.monotonic() + _SIGN_OF_LIFE_SECONDS
        try:
            conn.execute("SELECT 1")
        except psycopg.Error:
            conn.close()
    if conn is None or conn.closed:
        conn = _Slot.connection = _connect(CONNECT_SECONDS if deadline is None else _seconds_to(deadline))
    conn.deadline = deadline
    return conn


def close() -> None:
    """Close the connection; the next use opens another."""
    if _Slot.connection is not None:
        _Slot.connection.close()
    _Slot.connection = None


@contextmanager
def connection(*, within: float | None = None) -> Generator[Connection]:
    """The connection in autocommit, for a single statement.

    Args:
        within: seconds that all of it may take together; else each statement has its own time.

    Raises:
        ServiceUnavailableError: the database is not reachable, or a statement passed its deadline.
    """
    started = time.perf_counter()
    try:
        conn = _usable(None if within is None else time.monotonic() + within)
        yield conn
    except _UNAVAILABLE as error:
        if _Slot.connection is not None and (
            _Slot.connection.broken or not isinstance(error, psycopg.OperationalError)
        ):
            close()
        raise ServiceUnavailableError("database") from error
    _Slot.used_at = time.time()
    if _TELLS:
        logger.debug("database used", extra={"duration_ms": round((time.perf_counter() - started) * 1000, 1)})


@contextmanager
def transaction(*, undone: bool = False) -> Generator[Connection]:
    """A transaction: committed when the block ends, rolled back when it raises.

    Args:
        undone: roll it back in any case, for one that only wants to know what would come of it.

    Raises:
        ServiceUnavailableError: as for `connection`.
    """
    with connection() as conn, conn.transaction(force_rollback=undone):
        yield conn


def fetch_optional(conn: Connection, kind: type[Row], sql: LiteralString, params: Params) -> Row | None:
    """The first row as `kind`, or `None`."""
    return conn.cursor(row_factory=class_row(kind)).execute(sql, params).fetchone()


def fetch_one(conn: Connection, kind: type[Row], sql: LiteralString, params: Params) -> Row:
    """The row as `kind`, of a statement that always gives one (`INSERT ... RETURNING`)."""
    row = fetch_optional(conn, kind, sql, params)
    if row is None:
        raise LookupError("The statement gave no row.")
    return row


def fetch_all(conn: Connection, kind: type[Row], sql: LiteralString, params: Params) -> list[Row]:
    """All rows as `kind`."""
    return conn.cursor(row_factory=class_row(kind)).execute(sql, params).fetchall()


def fetch_page(conn: Connection, kind: type[Row], sql: LiteralString, params: Params, *, limit: int) -> Listing[Row]:
    """A part of a list, of a statement that gives up to `%(limit)s` rows after a column `total`.

    A part without rows comes as one row of null `id`; `total` is counted to `COUNT_LIMIT`.
    """
    rows = conn.cursor(row_factory=dict_row).execute(sql, {**params, "limit": limit + 1}).fetchall()
    totals = [row.pop("total") for row in rows]
    found = [kind(**row) for row in rows if row["id"] is not None]
    return Listing(found[:limit], len(found) > limit, totals[0] if totals[0] < int(COUNT_LIMIT) else None)


def fetch_value(conn: Connection, sql: LiteralString, params: Params) -> Any:
    """The first column of the first row, or `None`."""
    row = conn.cursor(row_factory=tuple_row).execute(sql, params).fetchone()
    return row[0] if row else None


def fetch_values(conn: Connection, sql: LiteralString, params: Params) -> list[Any]:
    """The first column of all rows."""
    return [row[0] for row in conn.cursor(row_factory=tuple_row).execute(sql, params)]


def execute(conn: Connection, sql: LiteralString, params: Params) -> int:
    """Run a statement; the number of rows it touched."""
    return conn.execute(sql, params).rowcount


def violated_constraint(error: psycopg.errors.IntegrityError) -> str | None:
    """The name of the constraint or unique index that a statement broke."""
    return error.diag.constraint_name
