"""The schema goes up and down, and the operator's commands."""

import os
from collections.abc import Generator
from typing import Any
from uuid import UUID

import psycopg
import pytest
from alembic import command

from functions.migrations import service
from shared import db, settings
from tests.support.api import Api, invoke
from tests.support.factories import PASSWORD, make_account, unique
from tests.support.parallel import at_once
from tests.support.trail import events_of
from tests.support.verification import verification_required


@pytest.fixture
def empty_database(monkeypatch: pytest.MonkeyPatch) -> Generator[str]:
    """A database of this test alone, without a schema; its URL."""
    server, name = os.environ["REVIEWPOINT_TEST_POSTGRES"], unique("migrations")
    with psycopg.connect(server, autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name}".encode())
    with monkeypatch.context() as patch:
        url = server.replace("/postgres?", f"/{name}?")
        patch.setenv("REVIEWPOINT_DB_URL", url)
        _forget()
        yield url
    _forget()


def _forget() -> None:
    settings.database.cache_clear()
    db.close()


def schema(url: str) -> list[Any]:
    sql = """
        SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns
        WHERE table_schema = 'public'
        UNION ALL SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), '', '' FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace
        UNION ALL SELECT tablename, indexname, indexdef, '', '' FROM pg_indexes WHERE schemaname = 'public'
        ORDER BY 1, 2, 3
    """
    with psycopg.connect(url) as conn:
        return [row for row in conn.execute(sql).fetchall() if row[0] != "alembic_version"]


def test_up_down_and_up_again(empty_database: str) -> None:
    assert "went from nothing to" in invoke("migrations", {"action": "migrate"})["message"]
    first = schema(empty_database)

    service.run(lambda config: command.downgrade(config, "base"))
    assert schema(empty_database) == []

    service.migrate()
    assert schema(empty_database) == first


def test_every_revision_goes_down_and_up_by_itself(empty_database: str) -> None:
    service.migrate()
    latest = schema(empty_database)
    while service.run(lambda config: command.downgrade(config, "-1"))[1] is not None:
        service.run(lambda config: command.upgrade(config, "+1"))
        service.run(lambda config: command.downgrade(config, "-1"))

    service.migrate()
    assert schema(empty_database) == latest


def test_migrating_twice_says_so(empty_database: str) -> None:
    service.migrate()

    assert invoke("migrations", {"action": "migrate"})["message"].startswith("The schema is at")


def test_four_at_once_migrate_one_after_another(empty_database: str) -> None:
    messages = at_once(lambda _: service.migrate(), times=4)

    assert sum("went from" in message for message in messages) == 1


def test_unknown_action_fails() -> None:
    with pytest.raises(ValueError, match="Unknown event"):
        invoke("migrations", {"action": "drop"})


def create_admin(username: str, email: str, password: str = PASSWORD) -> dict[str, str]:
    event = {"action": "create_admin", "username": username, "email": email, "password": password}
    return invoke("migrations", event)


def test_first_admin_is_made_and_may_sign_in(api: Api) -> None:
    name = unique("ada")

    assert "is an admin now" in create_admin(name, f"{name}@example.org")["message"]
    token = api.post("/api/v1/auth/login", json={"username": name, "password": PASSWORD}).json()["access_token"]
    me = api.get("/api/v1/users/me", token=token).json()
    assert me["role"] == "admin"
    created = events_of(target_id=UUID(me["id"]), action="user_created")
    assert [(event.actor_id, event.details) for event in created] == [(None, {"role": "admin"})]


def test_existing_account_is_promoted_and_keeps_its_password(api: Api) -> None:
    account = make_account()

    message = create_admin(account.username.upper(), "other@example.org", "another password 123")["message"]

    assert "was there already" in message
    assert api.get("/api/v1/users/me", token=account.token).json()["role"] == "admin"
    login = {"username": account.username, "password": PASSWORD}
    assert api.post("/api/v1/auth/login", json=login).status == 200
    assert len(events_of(target_id=account.id, action="privilege_permissions_changed")) == 1


def test_who_is_promoted_counts_as_verified(api: Api) -> None:
    name = unique("chief")
    account = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
    api.post("/api/v1/auth/register", json=account)

    create_admin(name, account["email"], PASSWORD)

    with verification_required():
        assert api.post("/api/v1/auth/login", json={"username": name, "password": PASSWORD}).status == 200


@pytest.mark.parametrize(
    ("field", "username", "email", "password"),
    [
        ("username", "x", "x@example.org", PASSWORD),
        ("email", "fine", "no address", PASSWORD),
        ("password", "fine", "f@example.org", "password1"),
    ],
)
def test_what_is_wrong_is_told(field: str, username: str, email: str, password: str) -> None:
    answer = create_admin(username if username == "x" else unique("u"), email, password)

    assert answer["error"].startswith(f"{field}: ")


def test_address_of_another_is_told() -> None:
    account = make_account()

    assert create_admin(unique("u"), account.email)["error"].startswith("email: ")
