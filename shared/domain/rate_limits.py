"""How often a secret may be tried or mailed: counted by account and address, in a store that all functions share.

A try is counted before it is made, in one atomic statement, so that parallel tries cannot slip through together; one
that must not count, such as a login with the right password, is given back. What is over a limit is not counted, so
that its window ends in time for its owner, however long somebody goes on.
"""

import hashlib
import ipaddress
from dataclasses import dataclass
from uuid import UUID

from shared import settings
from shared.domain import rate_counters
from shared.errors import Code, Limit, RateLimitError
from shared.observability import count
from shared.repositories.rate_limits import Window
from shared.settings import Rate


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try that was counted, under these keys."""

    keys: tuple[str, ...]


def login(account: UUID | str, ip: str | None) -> Attempt:
    """Count a try of a password; `account` is its id, or the name that was typed (in NFC) where there is none.

    Raises:
        RateLimitError: too many failures of that account from that address, or from that address.
    """
    limits = settings.rate_limits()
    place = _place(ip)
    # By account and address together: from elsewhere the owner still gets in.
    return _count(
        ("login-account", f"{_name(account)}:{place}", limits.rate_limit_login_account),
        ("login-address", place, limits.rate_limit_login_address),
    )


def registration(ip: str | None) -> None:
    """Count a registration.

    Raises:
        RateLimitError: too many from that address.
    """
    _count(("register", _place(ip), settings.rate_limits().rate_limit_register))


def reset_request(email: str, ip: str | None) -> None:
    """Count a request for a mail to an address, which may be anybody's.

    Raises:
        RateLimitError: too many for that address, or from there.
    """
    _count_mail("reset", email, ip)


def verification_request(email: str, ip: str | None) -> None:
    """Count a request for a mail to verify an address; as often as for a reset.

    Raises:
        RateLimitError: too many for that address, or from there.
    """
    _count_mail("verification", email, ip)


def _count_mail(kind: str, email: str, ip: str | None) -> None:
    limits = settings.rate_limits()
    _count(
        (f"{kind}-account", _name(email), limits.rate_limit_reset_account),
        (f"{kind}-address", _place(ip), limits.rate_limit_reset_address),
    )


def give_back(attempt: Attempt) -> None:
    """An attempt was none that counts."""
    if attempt.keys:
        rate_counters.give_back(attempt.keys)


def _count(*asked: tuple[str, str, Rate | None]) -> Attempt:
    named = {f"{name}:{key}": (name, rate) for name, key, rate in asked if rate is not None}
    if not named:
        return Attempt(())
    windows = [Window(key, rate.count, rate.seconds) for key, (_, rate) in named.items()]
    taken = rate_counters.take(windows)
    full = [key for key in named if key not in taken]
    if not full:
        return Attempt(tuple(named))
    rate_counters.give_back(sorted(taken))
    remaining = rate_counters.remaining(full)
    longest = max(full, key=lambda key: remaining.get(key, 1))
    name, rate = named[longest]
    count("RateLimited")
    raise RateLimitError(
        Code.RATE_LIMITED,
        "Too many tries. Wait a while before the next.",
        limit=Limit(name, rate.count, rate.seconds, remaining.get(longest, 1)),
    )


def _name(account: UUID | str) -> str:
    if isinstance(account, UUID):
        return str(account)
    # A hash: what strangers type into the field of a name may be anything, a password too.
    return hashlib.sha256(account.lower().encode()).hexdigest()


def _place(ip: str | None) -> str:
    try:
        address = ipaddress.ip_address(ip or "")
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        # Who has one IPv6 address has the whole /64.
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
