"""What each function may cost, as ratios to the peers of the same run: a limit that must hold, a goal beyond it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from bench.measure import Cost


@dataclass(frozen=True, slots=True)
class Verdict:
    """A budget and what was measured against it."""

    what: str
    limit: float
    goal: float
    measured: float
    unit: str = ""

    @property
    def holds(self) -> bool:
        """Whether the limit is kept."""
        return self.measured <= self.limit

    @property
    def reaches_goal(self) -> bool:
        """Whether the goal is reached too."""
        return self.measured <= self.goal


Call = Literal["init", "first", "warm"]

_INIT = {
    "users": (1.30, 1.10),
    "auth": (1.35, 1.15),
    "uploads": (1.40, 1.20),
    "health": (1.00, 0.85),
    "notifications": (1.30, 1.10),
    "docs": (1.00, 0.85),
    # No HTTP, but an AWS client, made when an event needs it. (`migrations` serves deploys, not requests.)
    "s3_events": (0.95, 0.90),
    "outbox": (0.95, 0.90),
    "archives": (0.95, 0.90),
    "sweeper": (0.95, 0.90),
    "websocket": (0.95, 0.90),
}
_WARM = {
    "users": ("GET /users/me", 0.75, 0.66),
    "uploads": ("POST /uploads", 1.05, 0.94),
    "health": ("GET /health/live", 0.50, 0.43),
}
_FIRST = {"users": (0.55, 0.35)}
_LOGIN_MS = (5.0, 2.0)
_PEAK = dict.fromkeys(("users", "auth", "uploads", "health", "docs"), (1.4, 1.25))
# `tests/contracts/test_imports.py` holds what there is; these are the budgets.
_MODULES = {"users": (620, 590), "uploads": (680, 650)}


def verdicts(costs: Mapping[str, Cost]) -> list[Verdict]:
    """All budgets, judged."""
    hello, me = costs["hello"], costs["me"]
    made = [
        Verdict(f"init CPU ÷ hello: {name}", *budget, costs[name].init / hello.init) for name, budget in _INIT.items()
    ]
    made += [
        Verdict(f"first call CPU ÷ me: {name}", *budget, _of(costs[name], "first") / _of(me, "first"))
        for name, budget in _FIRST.items()
    ]
    made += [
        Verdict(f"warm CPU ÷ me: {what}", limit, goal, _of(costs[name], "warm") / _of(me, "warm"))
        for name, (what, limit, goal) in _WARM.items()
    ]
    login = _of(costs["auth"], "warm") - _of(costs["one_bcrypt"], "warm")
    made.append(Verdict("login, beyond one bcrypt check", *_LOGIN_MS, login, " ms"))
    made += [
        Verdict(f"peak memory ÷ hello: {name}", *budget, costs[name].peak / hello.peak)
        for name, budget in _PEAK.items()
    ]
    made += [
        Verdict(f"modules after init: {name}", *budget, costs[name].modules, " ") for name, budget in _MODULES.items()
    ]
    return made


def _of(cost: Cost, call: Call) -> float:
    value: float | None = getattr(cost, call)
    if value is None:
        raise ValueError(f"{call} was not measured")
    return value
