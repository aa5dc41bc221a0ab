"""The monthly partitions of the audit trail: made ahead, and dropped when their time is over."""

from datetime import UTC, datetime, timedelta

from psycopg import Connection, sql

from shared import clock, settings

_AHEAD = 3
_DEFAULT = sql.Identifier("audit_events_default")


def maintain(conn: Connection[tuple[object, ...]]) -> tuple[int, int]:
    """Make the partitions of this month and the next, and drop what is older than `AUDIT_RETENTION_DAYS`.

    Returns:
        How many partitions were made, and how many dropped.
    """
    month = clock.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    made = 0
    for _ in range(_AHEAD):
        made += _make(conn, month)
        month = _next(month)
    return made, _drop_old(conn, clock.now() - timedelta(days=settings.audit().audit_retention_days))


def _next(month: datetime) -> datetime:
    return (month + timedelta(days=32)).replace(day=1)


def _name(month: datetime) -> str:
    return f"audit_events_{month:%Y_%m}"


def _make(conn: Connection[tuple[object, ...]], month: datetime) -> bool:
    if _name(month) in _existing(conn):
        return False
    bounds = {"start": sql.Literal(month.isoformat()), "end": sql.Literal(_next(month).isoformat())}
    names = {"partition": sql.Identifier(_name(month)), "default": _DEFAULT}
    # Rows of a month that had no partition yet lie in the default one, which would forbid it; nobody may add another
    # while they move.
    for statement in (
        "LOCK TABLE audit_events IN ACCESS EXCLUSIVE MODE",
        "CREATE TABLE {partition} (LIKE audit_events INCLUDING DEFAULTS INCLUDING CONSTRAINTS)",
        """
        WITH moved AS (
            DELETE FROM {default} WHERE occurred_at >= {start} AND occurred_at < {end} RETURNING *
        )
        INSERT INTO {partition} SELECT * FROM moved
        """,
        "ALTER TABLE audit_events ATTACH PARTITION {partition} FOR VALUES FROM ({start}) TO ({end})",
    ):
        conn.execute(sql.SQL(statement).format(**names, **bounds))
    return True


def _drop_old(conn: Connection[tuple[object, ...]], kept_from: datetime) -> int:
    dropped = 0
    for name in _existing(conn):
        month = datetime.strptime(name, "audit_events_%Y_%m").replace(tzinfo=UTC)
        if _next(month) <= kept_from:
            conn.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(name)))
            dropped += 1
    conn.execute(sql.SQL("DELETE FROM {} WHERE occurred_at < %s").format(_DEFAULT), [kept_from])
    return dropped


def _existing(conn: Connection[tuple[object, ...]]) -> list[str]:
    rows = conn.execute(
        r"""
        SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
        WHERE i.inhparent = 'audit_events'::regclass AND c.relname ~ '^audit_events_\d{4}_\d{2}$'
        ORDER BY c.relname
        """
    ).fetchall()
    return [str(row[0]) for row in rows]
