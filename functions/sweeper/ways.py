"""Ways through all there is, in bounded steps: where the time of one run ends, the next goes on."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from shared.db import connection
from shared.errors import ServiceUnavailableError
from shared.observability import logger
from shared.repositories import sweeps

HasTime = Callable[[], bool]
Step = Callable[[str | None, bool], tuple[Mapping[str, int], str | None]]
"""From a position, and whether to tell only: what was found, and where to go on (`None`: that was all)."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way that is due again so long after its end; a run that is at it keeps others off for the `lease`."""

    name: str
    step: Step
    every: timedelta = timedelta()
    lease: timedelta = timedelta()


def id_after(position: str | None) -> UUID:
    """The id that rows by id go on after."""
    return UUID(position) if position else UUID(int=0)


def position_at(ids: Sequence[UUID], *, limit: int) -> str | None:
    """The position at the end of a batch of rows by id; `None` where a batch was not full."""
    return str(ids[-1]) if len(ids) == limit else None


def go(way: Way, report: Counter[str], *, dry_run: bool, anew: bool, has_time: HasTime) -> None:
    """Go on where the last run stopped, if it is due, and add what is found to the report.

    A dry run, and one that goes `anew`, begin at the start and leave no trace of where they came to.
    """
    try:
        _go(way, report, dry_run=dry_run, is_kept=not (dry_run or anew), has_time=has_time)
    except ServiceUnavailableError:
        # Other ways may do without what this one needs.
        logger.error("sweep broke off, the next run goes on with it", extra={"sweep": way.name}, exc_info=True)


def _go(way: Way, report: Counter[str], *, dry_run: bool, is_kept: bool, has_time: HasTime) -> None:
    position: str | None = None
    if is_kept:
        with connection() as conn:
            begun = sweeps.begin(conn, way.name, every=way.every, lease=way.lease)
        if begun is None:
            return
        position = begun.position
    finished = False
    try:
        while not finished and has_time():
            found, position = way.step(position, dry_run)
            report.update(found)
            finished = position is None
            if is_kept and position is not None:
                with connection() as conn:
                    sweeps.save(conn, way.name, position)
    finally:
        if is_kept:
            with connection() as conn:
                sweeps.end(conn, way.name, finished=finished)
