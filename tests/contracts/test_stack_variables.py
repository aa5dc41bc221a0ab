"""The variables of each function in the stack are those that its code reads."""

import copy
from functools import partial
from typing import Any

import pytest
from pydantic import AliasChoices
from pydantic_settings import BaseSettings

from infra_cdk.config import Environment
from infra_cdk.functions import FUNCTIONS, by_name
from infra_cdk.variables import READERS
from shared import settings
from tests.support import stacks
from tests.support.stacks import ABROAD, Stack
from tools import reach

# A synthesis of the stack takes some ten seconds.
pytestmark = pytest.mark.slow

NAMES = [spec.name for spec in FUNCTIONS]

# What a reader needs in AWS; everything else has a default that is right there too, or is for one machine.
NEEDED = {
    "auth": {"SECRET_KEY_ARN"},
    "database": {"DB_HOST", "DB_NAME", "DB_USER"},
    "storage": {"UPLOAD_BUCKET"},
    "exports": {"EXPORT_BUCKET"},
    "mail": {"MAIL_FROM"},
    "upload_queue": {"UPLOAD_QUEUE_URL"},
    "archive_queue": {"ARCHIVE_QUEUE_URL"},
    "outbox_queue": {"OUTBOX_QUEUE_URL"},
    "sockets": {"SOCKET_ENDPOINT"},
    "http": {"PUBLIC_URL", "ALLOWED_ORIGINS"},
    "origin_secrets": {"ORIGIN_SECRET_ARN", "NEXT_ORIGIN_SECRET_ARN"},
}


def kind_of(reader: str) -> type[BaseSettings]:
    (kind,) = getattr(settings, reader).__wrapped__.args
    return kind


def names_of(kind: type[BaseSettings]) -> set[str]:
    names: set[str] = set()
    for name, field in kind.model_fields.items():
        alias = field.validation_alias
        names |= set(map(str, alias.choices)) if isinstance(alias, AliasChoices) else {str(alias or name.upper())}
    return names


def readers() -> set[str]:
    return {name for name, value in vars(settings).items() if isinstance(getattr(value, "__wrapped__", None), partial)}


def readers_in_reach(function: str) -> set[str]:
    return {name for module, name in reach.units_of(function) if module == "shared.settings"} & readers()


def variables_of(stack: Stack, function: str) -> set[str]:
    return set(stack.function(function)["Properties"].get("Environment", {}).get("Variables", {}))


def needed_by(function: str) -> set[str]:
    names = {variable for reader in readers_in_reach(function) for variable in NEEDED.get(reader, set())}
    return names - {"DB_USER"} | {"DB_SECRET_ARN"} if by_name(function).owns_database else names


def drift(stack: Stack, function: str) -> set[str]:
    """Variables that the function needs and lacks, or has and never reads."""
    given = variables_of(stack, function)
    read = {variable for reader in readers_in_reach(function) for variable in READERS[reader]}
    return (needed_by(function) - given) | (given - read)


def test_readers_and_their_variables_are_the_codes() -> None:
    assert {reader: set(names) for reader, names in READERS.items()} == {
        reader: names_of(kind_of(reader)) for reader in readers()
    }


@pytest.mark.parametrize("function", NAMES)
def test_a_function_declares_the_readers_its_code_reaches(function: str) -> None:
    assert set(by_name(function).settings) == readers_in_reach(function)


@pytest.mark.parametrize("environment", ["dev", "prod", ABROAD])
@pytest.mark.parametrize("function", NAMES)
def test_variables_are_those_that_are_read(environment: str, function: str) -> None:
    assert drift(stacks.stack(environment), function) == set()


@pytest.mark.parametrize("environment", stacks.environments(), ids=lambda environment: environment.name)
@pytest.mark.parametrize("function", NAMES)
def test_settings_of_an_environment_reach_every_function_that_reads_them(
    environment: Environment, function: str
) -> None:
    read = {variable for reader in readers_in_reach(function) for variable in READERS[reader]}
    expected = {name: value for name, value in environment.settings.items() if name in read}
    given = stacks.stack(environment.name).function(function)["Properties"]["Environment"]["Variables"]

    assert {name: given.get(name) for name in environment.settings if name in expected | given} == expected


def test_no_secret_stands_in_a_variable() -> None:
    for environment in stacks.environments():
        for function in NAMES:
            assert variables_of(stacks.stack(environment.name), function).isdisjoint(
                {"SECRET_KEY", "PREVIOUS_SECRET_KEY", "REVIEWPOINT_DB_URL"}
            )


def test_the_cache_is_reached_where_there_is_one() -> None:
    users_of_cache = {function for function in NAMES if "cache_server" in readers_in_reach(function)}

    assert {f for f in NAMES if "REDIS_URL" in variables_of(stacks.stack(ABROAD), f)} == users_of_cache
    assert {f for f in NAMES if "REDIS_URL" in variables_of(stacks.stack("prod"), f)} == set()


def _mutated(function: str) -> tuple[Stack, dict[str, Any]]:
    stack = Stack(copy.deepcopy(stacks.stack("prod").template))
    return stack, stack.function(function)["Properties"]["Environment"]["Variables"]


def test_a_variable_more_or_less_is_noticed() -> None:
    less, variables = _mutated("users")
    del variables["SECRET_KEY_ARN"]
    assert drift(less, "users") == {"SECRET_KEY_ARN"}

    more, variables = _mutated("users")
    variables["EXPORT_BUCKET"] = "x"
    assert ("EXPORT_BUCKET" in drift(more, "users")) == ("exports" not in readers_in_reach("users"))
