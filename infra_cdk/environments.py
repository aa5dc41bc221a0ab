"""The environments. A new one is one entry here; `config.py` says what each field means."""

from infra_cdk.config import Capacity, ConfigError, Environment, Throttle

ENVIRONMENTS = (
    Environment(
        name="dev",
        region="us-east-1",
        mail_from="no-reply@dev.reviewpoint.example",
        alert_email="operations@reviewpoint.example",
        capacity=Capacity(min_acu=0.5, max_acu=2),
        throttle=Throttle(rate_per_second=50, burst=100),
        monthly_budget_usd=250,
        backup_days=1,
        log_days=14,
        protected=False,
        waf=False,
        settings={"LOG_LEVEL": "DEBUG"},
    ),
    Environment(
        name="staging",
        region="us-east-1",
        mail_from="no-reply@staging.reviewpoint.example",
        alert_email="operations@reviewpoint.example",
        capacity=Capacity(min_acu=0.5, max_acu=4),
        throttle=Throttle(rate_per_second=100, burst=200),
        monthly_budget_usd=300,
        settings={"MALWARE_SCANNER": "guardduty"},
    ),
    Environment(
        name="prod",
        region="us-east-1",
        mail_from="no-reply@reviewpoint.example",
        alert_email="operations@reviewpoint.example",
        capacity=Capacity(min_acu=2, max_acu=32, readers=1),
        throttle=Throttle(rate_per_second=500, burst=1000),
        monthly_budget_usd=1500,
        zones=("a", "b", "c"),
        nat_gateways=3,
        backup_days=35,
        log_days=90,
        gradual=True,
        settings={"MALWARE_SCANNER": "guardduty"},
    ),
)


def by_name(name: object) -> Environment:
    """The environment of that name.

    Raises:
        ConfigError: there is none.
    """
    for environment in ENVIRONMENTS:
        if environment.name == name:
            return environment
    known = "|".join(environment.name for environment in ENVIRONMENTS)
    raise ConfigError(f"Which environment? Say -c env={known}" + (f", not {name!r}" if name else ""))
