"""Cold starts in turns, so that whatever else this machine does meets all alike."""

import asyncio
import statistics
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bench import subjects
from bench.environment import PYTHON, Environment, Place
from bench.subjects import Subject

_WARM_UP = 20
_BATCHES = 5
_COUNT_MODULES = (
    "import importlib, sys; importlib.import_module(sys.argv[1]); print(len(list(filter(None, sys.modules.values()))))"
)


@dataclass(slots=True)
class Samples:
    """A subject's rounds; CPU in milliseconds, of one call where it is `warm`, memory in MiB."""

    init: list[float] = field(default_factory=list[float])
    first: list[float] = field(default_factory=list[float])
    warm: list[float] = field(default_factory=list[float])
    peak: list[float] = field(default_factory=list[float])


@dataclass(frozen=True, slots=True)
class Cost:
    """A subject's best of all rounds, and its median memory; those of calls are `None` where it was only started."""

    init: float
    first: float | None
    warm: float | None
    peak: float
    modules: int


async def costs(
    measured: Sequence[Subject], place: Place, *, rounds: int, progress: Callable[[str], None]
) -> list[Cost]:
    """The costs, in the subjects' order."""
    samples = [Samples() for _ in measured]
    for number in range(1, rounds + 1):
        progress(f"round {number} of {rounds}")
        for subject, gathered in zip(measured, samples, strict=True):
            await _round(subject, place, gathered)
    modules = [await asyncio.to_thread(_modules, subject, place) for subject in measured]
    return [_cost(gathered, count) for gathered, count in zip(samples, modules, strict=True)]


async def _round(subject: Subject, place: Place, samples: Samples) -> None:
    environment = Environment(subject.handler, place)
    try:
        await environment.start()
        started = await environment.cpu_ms()
        samples.init.append(started)
        if subject.event is not None:
            subjects.check(subject, await environment.invoke(subject.event))
            samples.first.append(await environment.cpu_ms() - started)
            samples.warm.append(await _warm(environment, subject))
        samples.peak.append(environment.peak_mib())
    finally:
        await environment.close()


async def _warm(environment: Environment, subject: Subject) -> float:
    event = subject.event or {}
    for _ in range(min(_WARM_UP, subject.warm)):
        await environment.invoke(event)
    # What else runs on this machine only ever adds (it empties the caches), so the best is the truest.
    return min([await _batch(environment, subject, subject.warm // _BATCHES) for _ in range(_BATCHES)])


async def _batch(environment: Environment, subject: Subject, calls: int) -> float:
    event = subject.event or {}
    before = await environment.cpu_ms()
    answers = [await environment.invoke(event) for _ in range(calls)]
    spent = await environment.cpu_ms() - before
    subjects.check(subject, answers[-1])
    return spent / calls


def _modules(subject: Subject, place: Place) -> int:
    module = subject.handler.rpartition(".")[0]
    counted = subprocess.run(
        [PYTHON, "-c", _COUNT_MODULES, module],
        cwd=place.root,
        env=dict(place.variables),
        capture_output=True,
        text=True,
        check=True,
    )
    return int(counted.stdout)


def _cost(samples: Samples, modules: int) -> Cost:
    return Cost(
        init=min(samples.init),
        first=min(samples.first) if samples.first else None,
        warm=min(samples.warm) if samples.warm else None,
        peak=statistics.median(samples.peak),
        modules=modules,
    )
