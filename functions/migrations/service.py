"""The schema's migrations and the first admin."""

from collections.abc import Callable
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Connection

from functions.migrations import partitions, roles
from shared import errors
from shared.db import address, transaction
from shared.domain import audit, passwords
from shared.domain.account_names import check_email, check_username
from shared.repositories import users

_LOCK_ID = 7242424
"""The advisory lock that a migration holds until it commits."""


def migrate() -> str:
    """Bring the schema up to date, one after another when several try at once; what was done, in words."""
    return _say(*run(lambda config: command.upgrade(config, "head")))


def deploy() -> str:
    """`migrate`, and the functions' roles; what was done, in words.

    A schema that is newer than this code is left as it is: a deploy that is rolled back ends here, and schemas only
    grow while older code still serves.
    """
    before, after = run(_upgrade_unless_newer)
    with psycopg.connect(address(), connect_timeout=5, autocommit=True) as conn:
        roles.apply(conn)
    return _say(before, after)


def _upgrade_unless_newer(config: Config) -> None:
    current = _revision(config.attributes["connection"])
    known = {revision.revision for revision in ScriptDirectory.from_config(config).walk_revisions()}
    if current is None or current in known:
        command.upgrade(config, "head")


def maintain() -> str:
    """Make the audit trail's next partitions and drop those whose time is over; what was done, in words."""
    with psycopg.connect(address(), connect_timeout=5) as conn:
        conn.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK_ID])
        made, dropped = partitions.maintain(conn)
    return f"Of the audit trail's partitions {made} were made and {dropped} dropped."


def _say(before: str | None, after: str | None) -> str:
    return (
        f"The schema is at {after}." if before == after else f"The schema went from {before or 'nothing'} to {after}."
    )


def run(step: Callable[[Config], None]) -> tuple[str | None, str | None]:
    """Run an Alembic command; the revision before and after it."""
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(address(), connect_timeout=5))
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    with engine.begin() as conn:
        conn.execute(text("SELECT pg_advisory_xact_lock(:id)"), {"id": _LOCK_ID})
        config.attributes["connection"] = conn
        before = _revision(conn)
        step(config)
        after = _revision(conn)
    engine.dispose()
    return before, after


def _revision(conn: Connection) -> str | None:
    return MigrationContext.configure(conn).get_current_revision()


def create_admin(*, username: str, email: str, password: str) -> str:
    """Make an admin; an account that has the username becomes one and keeps its password.

    Raises:
        ValidationError: at `username`, `email` or `password`.
        ConflictError: `EMAIL_TAKEN`.
    """
    with transaction() as conn:
        promoted = users.promote(conn, username)
        if promoted is not None:
            details = {"to": promoted.role}
            audit.record(conn, "privilege_permissions_changed", target=("user", promoted.id), details=details)
    if promoted is not None:
        return f"{promoted.username} was there already and is an admin now; the password is unchanged."
    username, email = _checked("username", check_username, username), _checked("email", check_email, email)
    passwords.check(password, own_words=(username, email))
    password_hash = passwords.make_hash(password)
    with transaction() as conn:
        made = users.insert(conn, username=username, email=email, password_hash=password_hash, role="admin")
        audit.record(conn, "user_created", target=("user", made.id), details={"role": made.role})
    return f"{username} is an admin now."


def _checked(field: str, check: Callable[[str], str], value: str) -> str:
    try:
        return check(value)
    except ValueError as error:
        raise errors.ValidationError(field, str(error)) from error
