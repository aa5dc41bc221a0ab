"""The functions' database roles: made, kept in step with `GRANTS`, and given their deadlines.

Deadlines are set on the roles, since RDS Proxy refuses start-up options and pins a session that says `SET`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from psycopg import Connection, sql

from functions.migrations.grants import GRANTS

_DEADLINES = {
    "statement_timeout": "8s",
    "lock_timeout": "4s",
    "idle_in_transaction_session_timeout": "10s",
}
_WORDS = {
    "SELECT": sql.SQL("SELECT"),
    "INSERT": sql.SQL("INSERT"),
    "UPDATE": sql.SQL("UPDATE"),
    "DELETE": sql.SQL("DELETE"),
}
_LONGER: Mapping[str, Mapping[str, str]] = {
    # Off the path of any request, in steps that may take their time.
    name: {"statement_timeout": "30s"}
    for name in ("outbox", "sweeper", "s3_events", "archives")
}


@dataclass(frozen=True, slots=True)
class Role:
    """A function's role."""

    function: str

    @property
    def name(self) -> str:
        """As the stack has it in `DB_USER`."""
        return f"reviewpoint_{self.function}"

    @property
    def identifier(self) -> sql.Identifier:
        """The name, quoted."""
        return sql.Identifier(self.name)

    @property
    def deadlines(self) -> Mapping[str, str]:
        """Settings of its sessions."""
        return {**_DEADLINES, **_LONGER.get(self.function, {})}


def apply(conn: Connection[tuple[object, ...]]) -> None:
    """Bring roles and grants in step, in one transaction; run again it changes nothing."""
    with conn.transaction():
        for function, tables in GRANTS.items():
            role = Role(function)
            _ensure(conn, role)
            _grant(conn, role, tables)


def _ensure(conn: Connection[tuple[object, ...]], role: Role) -> None:
    found = conn.execute("SELECT rolconfig FROM pg_roles WHERE rolname = %s", [role.name]).fetchone()
    if found is None:
        conn.execute(sql.SQL("CREATE ROLE {} LOGIN").format(role.identifier))
    # RDS lets members of this role in with an IAM token; elsewhere there is none.
    if conn.execute("SELECT 1 FROM pg_roles WHERE rolname = 'rds_iam'").fetchone() is not None:
        conn.execute(sql.SQL("GRANT rds_iam TO {}").format(role.identifier))
    kept = cast("list[str]", found[0] or []) if found else []
    for name, value in role.deadlines.items():
        # Roles are the cluster's: two that write the same one at once refuse each other.
        if f"{name}={value}" not in kept:
            statement = sql.SQL("ALTER ROLE {} SET {} = {}")
            conn.execute(statement.format(role.identifier, sql.Identifier(name), sql.Literal(value)))


def _grant(conn: Connection[tuple[object, ...]], role: Role, tables: Mapping[str, str]) -> None:
    conn.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(role.identifier))
    conn.execute(sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}").format(role.identifier))
    for table, privileges in tables.items():
        words = sql.SQL(", ").join(_WORDS[word.strip()] for word in privileges.split(","))
        conn.execute(sql.SQL("GRANT {} ON {} TO {}").format(words, sql.Identifier(table), role.identifier))
