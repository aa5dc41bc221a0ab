"""Measure the functions against peers and say which budgets hold; 1 when a limit is broken.

Usage: python -m bench.main [--rounds N]. Linux only: it reads the kernel's account of another process.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence

from bench import budgets, clock, measure, subjects, world
from bench.budgets import Verdict
from bench.measure import Cost
from bench.subjects import Subject


def main() -> int:
    """Run the bench."""
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--rounds", type=int, default=int(os.environ.get("ROUNDS") or 5), help="cold starts of each")
    judged = asyncio.run(_run(parser.parse_args().rounds))
    return 0 if all(verdict.holds for verdict in judged) else 1


async def _run(rounds: int) -> list[Verdict]:
    async with world.running() as made:
        measured = [*subjects.peers(made), *subjects.functions(made)]
        found = await measure.costs(measured, made.place, rounds=rounds, progress=_say)
        _say("failed logins, and pages of many accounts")
        by_clock = await clock.verdicts(made)
    judged = budgets.verdicts({subject.name: cost for subject, cost in zip(measured, found, strict=True)}) + by_clock
    _show_costs(measured, found)
    _show_verdicts(judged)
    return judged


def _show_costs(measured: Sequence[Subject], found: Sequence[Cost]) -> None:
    costs = dict(zip((subject.name for subject in measured), found, strict=True))
    hello, me = costs["hello"], costs["me"]
    _say(f"\n{'':<12}{'init ms':>9}{'÷ hello':>9}{'first ms':>10}{'warm ms':>9}{'÷ me':>7}{'MiB':>6}{'modules':>9}")
    for name, cost in costs.items():
        calls = f"{_number(cost.first, 10, 1)}{_number(cost.warm, 9, 2)}{_number(_ratio(cost.warm, me.warm), 7, 2)}"
        _say(f"{name:<12}{cost.init:>9.0f}{cost.init / hello.init:>9.2f}{calls}{cost.peak:>6.0f}{cost.modules:>9}")


def _ratio(value: float | None, to: float | None) -> float | None:
    return value / to if value is not None and to is not None else None


def _number(value: float | None, width: int, digits: int) -> str:
    return f"{value:>{width}.{digits}f}" if value is not None else " " * width


def _show_verdicts(judged: Sequence[Verdict]) -> None:
    _say(f"\n{'budget':<56}{'limit':>8}{'goal':>8}{'measured':>11}")
    for verdict in judged:
        numbers = (verdict.limit, verdict.goal, verdict.measured)
        limit, goal, measured = (f"{n:.0f}" if verdict.unit == " " else f"{n:.2f}" for n in numbers)
        word = "BROKEN" if not verdict.holds else "goal" if verdict.reaches_goal else "holds"
        _say(f"{verdict.what:<56}{limit:>8}{goal:>8}{measured + verdict.unit.rstrip():>11}  {word}")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
