"""The environments' type: what differs between them, checked when it is made."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from infra_cdk.variables import READERS

EDGE_REGION = "us-east-1"
"""Where CloudFront wants its web ACL and certificate, and Route 53 shows what its health checks see."""

GUARDDUTY = "guardduty"
"""The value of `MALWARE_SCANNER` that brings the scanner into the stack."""


class ConfigError(SystemExit):
    """A value of the configuration is wrong. Ends the synthesis with its one line, and without a stack."""


@dataclass(frozen=True, slots=True)
class Domain:
    """The public name of an environment, and the Route 53 zone that holds it."""

    name: str
    hosted_zone_id: str
    hosted_zone_name: str


@dataclass(frozen=True, slots=True)
class Capacity:
    """What Aurora may use, in ACUs of 2 GiB each; `readers` are instances beside the writer."""

    min_acu: float
    max_acu: float
    readers: int = 0


@dataclass(frozen=True, slots=True)
class Throttle:
    """Requests of all callers together that the HTTP API lets through, and how many of one address the firewall does."""

    rate_per_second: int
    burst: int
    per_address_in_5_minutes: int = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """One environment.

    Attributes:
        account: The AWS account, if the deploy shall refuse any other.
        zones: Letters of the availability zones.
        nat_gateways: One is cheap, one per zone survives the loss of a zone.
        protected: Data outlives the stack, and nothing deletes it by mistake.
        waf: A firewall before CloudFront.
        gradual: New code takes a tenth of the traffic for five minutes, and goes back by itself when an alarm rings.
        snap_start: Start functions from a snapshot.
        cache: A Valkey behind `REDIS_URL`.
        mail_from: The sender of mails; its domain becomes an SES identity.
        alert_email: Who is told of alarms and of the budget.
        origin_secret: The number of the secret that CloudFront sends; one more, and a deploy, rotates it.
        settings: Application settings that differ from their defaults, by variable.
    """

    name: str
    region: str
    mail_from: str
    alert_email: str
    capacity: Capacity
    throttle: Throttle
    monthly_budget_usd: int
    account: str | None = None
    zones: tuple[str, ...] = ("a", "b")
    nat_gateways: int = 1
    postgres_version: str = "18.4"
    backup_days: int = 7
    log_days: int = 30
    protected: bool = True
    waf: bool = True
    gradual: bool = False
    snap_start: bool = False
    cache: bool = False
    domain: Domain | None = None
    allowed_origins: tuple[str, ...] = ()
    origin_secret: int = 1
    settings: Mapping[str, str] = field(default_factory=dict[str, str])

    def __post_init__(self) -> None:
        """Refuse what AWS, or the system, would refuse much later.

        Raises:
            ConfigError: names the field.
        """
        for name, (is_right, rule) in _RULES.items():
            if not is_right(self):
                raise ConfigError(f"infra_cdk/environments.py, {self.name!r}: {name} {rule}")

    @property
    def prefix(self) -> str:
        """How names of resources begin."""
        return f"reviewpoint-{self.name}"

    @property
    def availability_zones(self) -> list[str]:
        """The zones by their full names."""
        return [f"{self.region}{zone}" for zone in self.zones]

    @property
    def scans_malware(self) -> bool:
        """Whether GuardDuty scans what arrives."""
        return self.settings.get("MALWARE_SCANNER") == GUARDDUTY

    @property
    def mail_domain(self) -> str:
        """The domain of `mail_from`."""
        return self.mail_from.rpartition("@")[2]


def _is_origin(origin: str) -> bool:
    parts = urlsplit(origin)
    return parts.scheme in {"http", "https"} and origin == f"{parts.scheme}://{parts.netloc}"


# CloudWatch keeps logs for these numbers of days only.
_LOG_DAYS = {1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1827, 3653}
_ADDRESS = re.compile(r"[^@\s]+@[\w-]+(\.[\w-]+)+")

_RULES: Mapping[str, tuple[Callable[[Environment], bool], str]] = {
    "name": (
        lambda e: re.fullmatch(r"[a-z][a-z0-9]{1,11}", e.name) is not None,
        "has 2 to 12 lower-case letters and digits, a letter first",
    ),
    "account": (
        lambda e: e.account is None or re.fullmatch(r"\d{12}", e.account) is not None,
        "is None or the 12 digits of an account, as a string",
    ),
    "region": (lambda e: re.fullmatch(r"[a-z]{2}-[a-z]+-\d", e.region) is not None, "is a region such as eu-central-1"),
    "zones": (
        lambda e: len(set(e.zones)) == len(e.zones) >= 2 and all(re.fullmatch(r"[a-f]", z) for z in e.zones),
        "has two or more different letters: Aurora needs two zones",
    ),
    "nat_gateways": (lambda e: 1 <= e.nat_gateways <= len(e.zones), "is between 1 and the number of zones"),
    "capacity": (
        lambda e: (
            0.5 <= e.capacity.min_acu <= e.capacity.max_acu <= 256
            and e.capacity.min_acu * 2 % 1 == e.capacity.max_acu * 2 % 1 == 0
            and 0 <= e.capacity.readers <= 15
        ),
        "goes from 0.5 (the proxy keeps Aurora from pausing) to 256 ACUs in steps of 0.5, with 0 to 15 readers",
    ),
    "throttle": (
        lambda e: (
            1 <= e.throttle.rate_per_second <= 10_000
            and 1 <= e.throttle.burst <= 5_000
            and e.throttle.per_address_in_5_minutes >= 10
        ),
        "has a rate of 1 to 10000, a burst of 1 to 5000 and 10 or more per address (AWS's own limits)",
    ),
    "postgres_version": (lambda e: re.fullmatch(r"1[78]\.\d+", e.postgres_version) is not None, "is 17.x or 18.x"),
    "backup_days": (lambda e: 1 <= e.backup_days <= 35, "is between 1 and 35"),
    "log_days": (lambda e: e.log_days in _LOG_DAYS, f"is one of {sorted(_LOG_DAYS)}"),
    "mail_from": (lambda e: _ADDRESS.fullmatch(e.mail_from) is not None, "is an e-mail address"),
    "alert_email": (lambda e: _ADDRESS.fullmatch(e.alert_email) is not None, "is an e-mail address"),
    "monthly_budget_usd": (lambda e: e.monthly_budget_usd > 0, "is more than 0"),
    "allowed_origins": (lambda e: all(map(_is_origin, e.allowed_origins)), "are exact, such as https://example.org"),
    "origin_secret": (lambda e: e.origin_secret >= 1, "is 1 or more"),
    "domain": (
        lambda e: e.domain is None or f".{e.domain.name}".endswith(f".{e.domain.hosted_zone_name}"),
        "lies in its hosted zone",
    ),
    "settings": (
        lambda e: (
            all(e.settings.values()) and set(e.settings) <= {name for names in READERS.values() for name in names}
        ),
        "are variables that the code reads, with values: leave one out to keep its default",
    ),
}
