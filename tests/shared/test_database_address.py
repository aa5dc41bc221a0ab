"""How the database is reached in AWS."""

import json
from typing import Any

import pytest
from psycopg.conninfo import conninfo_to_dict

from shared import db, settings
from shared.aws import rds_auth, secrets
from shared.settings import SettingsError

DB_VARIABLES = ("REVIEWPOINT_DB_URL", "DB_HOST", "DB_NAME", "DB_USER", "DB_SECRET_ARN")


def address(monkeypatch: pytest.MonkeyPatch, **variables: str) -> dict[str, Any]:
    for name in DB_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    database = settings.database.__wrapped__()
    monkeypatch.setattr(settings, "database", lambda: database)
    return conninfo_to_dict(db.address())


def test_functions_connect_with_a_token_and_check_the_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    found = address(monkeypatch, DB_HOST="proxy.example.org", DB_NAME="reviewpoint", DB_USER="reviewpoint_auth")

    assert found["password"].startswith("proxy.example.org:5432/?Action=connect&DBUser=reviewpoint_auth")
    assert (found["host"], found["dbname"], found["user"]) == ("proxy.example.org", "reviewpoint", "reviewpoint_auth")
    assert (found["sslmode"], found["sslrootcert"]) == ("verify-full", rds_auth.CA_FILE)


def test_the_owner_connects_with_the_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    owner = {"username": "owner", "password": "p w"}
    monkeypatch.setattr(secrets, "read", {"arn:owner": json.dumps(owner)}.__getitem__)

    found = address(monkeypatch, DB_HOST="cluster.example.org", DB_NAME="reviewpoint", DB_SECRET_ARN="arn:owner")

    assert (found["user"], found["password"], found["sslmode"]) == ("owner", "p w", "require")


@pytest.mark.parametrize("variables", [{}, {"DB_HOST": "h", "DB_NAME": "n"}, {"DB_HOST": "h", "DB_USER": "u"}])
def test_half_an_address_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match="REVIEWPOINT_DB_URL: is not set, nor are DB_HOST, DB_NAME and DB_USER"):
        address(monkeypatch, **variables)
