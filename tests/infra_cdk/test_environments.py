"""The configuration of environments: what is refused, in one line."""

import dataclasses
from typing import Any

import pytest

from infra_cdk.config import Capacity, ConfigError, Domain, Environment, Throttle
from infra_cdk.environments import ENVIRONMENTS, by_name


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=lambda environment: environment.name)
def test_an_environment_is_found_by_its_name(environment: Environment) -> None:
    assert by_name(environment.name) is environment


@pytest.mark.parametrize("name", [None, "production", "PROD", ""])
def test_an_unknown_environment_is_one_line_that_names_the_known(name: str | None) -> None:
    with pytest.raises(ConfigError, match=r"-c env=dev\|staging\|prod"):
        by_name(name)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "Prod"),
        ("name", "p"),
        ("account", "12345"),
        ("region", "europe"),
        ("zones", ("a",)),
        ("zones", ("a", "a")),
        ("nat_gateways", 0),
        ("nat_gateways", 4),
        ("capacity", Capacity(min_acu=0, max_acu=4)),
        ("capacity", Capacity(min_acu=4, max_acu=2)),
        ("capacity", Capacity(min_acu=0.7, max_acu=2)),
        ("capacity", Capacity(min_acu=1, max_acu=2, readers=16)),
        ("throttle", Throttle(rate_per_second=0, burst=10)),
        ("throttle", Throttle(rate_per_second=10, burst=10, per_address_in_5_minutes=5)),
        ("postgres_version", "16.4"),
        ("backup_days", 0),
        ("backup_days", 36),
        ("log_days", 10),
        ("mail_from", "reviewpoint.example"),
        ("alert_email", ""),
        ("monthly_budget_usd", 0),
        ("allowed_origins", ("https://example.org/",)),
        ("origin_secret", 0),
        ("domain", Domain("review.example.com", "Z1", "example.org")),
        ("settings", {"LOG_LEVEL": ""}),
        ("settings", {"LOGLEVEL": "DEBUG"}),
    ],
)
def test_a_wrong_value_is_one_line_that_names_its_field(field: str, value: Any) -> None:
    with pytest.raises(ConfigError) as refusal:
        dataclasses.replace(by_name("prod"), **{field: value})

    assert f"'{value if field == 'name' else 'prod'}': {field} " in str(refusal.value)
    assert "\n" not in str(refusal.value)
