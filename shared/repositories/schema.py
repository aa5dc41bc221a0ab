"""The schema's own revision, as Alembic notes it."""

from shared.db import Connection, fetch_value


def find_revision(conn: Connection) -> str | None:
    """The revision the database is at."""
    return fetch_value(conn, "SELECT version_num FROM alembic_version", {})
