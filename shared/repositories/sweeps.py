"""Rows of `sweeps`: how far a long sweep has come, and who is at it."""

from dataclasses import dataclass
from datetime import timedelta

from shared.db import Connection, execute, fetch_optional


@dataclass(frozen=True, slots=True)
class SweepRow:
    """A sweep that was begun; `position` is where the last step of it ended, `None` at the start."""

    position: str | None


def begin(conn: Connection, name: str, *, every: timedelta, lease: timedelta) -> SweepRow | None:
    """Take a sweep up, for so long at most; `None` where it is not due, or another is at it."""
    return fetch_optional(
        conn,
        SweepRow,
        """
        INSERT INTO sweeps (name, started_at) VALUES (%(name)s, now())
        ON CONFLICT (name) DO UPDATE SET started_at = now()
        WHERE (sweeps.finished_at IS NULL OR sweeps.finished_at < now() - %(every)s)
          AND (sweeps.started_at IS NULL OR sweeps.started_at < now() - %(lease)s)
        RETURNING position
        """,
        {"name": name, "every": every, "lease": lease},
    )


def save(conn: Connection, name: str, position: str) -> None:
    """Note how far it has come."""
    execute(
        conn, "UPDATE sweeps SET position = %(position)s WHERE name = %(name)s", {"name": name, "position": position}
    )


def end(conn: Connection, name: str, *, finished: bool) -> None:
    """Let go of it: it is finished, or goes on from its position when next taken up."""
    execute(
        conn,
        """
        UPDATE sweeps
        SET started_at = NULL, position = CASE WHEN %(finished)s THEN NULL ELSE position END,
            finished_at = CASE WHEN %(finished)s THEN now() ELSE finished_at END
        WHERE name = %(name)s
        """,
        {"name": name, "finished": finished},
    )
