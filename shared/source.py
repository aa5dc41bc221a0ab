"""Where the work at hand comes from; the frame says so once, for all that is recorded of it."""

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Source:
    """The caller's address, the program it says it is, and the id of the request."""

    ip: str | None = None
    user_agent: str | None = None
    request_id: str | None = None


_UNKNOWN = Source()
_source: ContextVar[Source] = ContextVar("source")


def set_source(source: Source) -> None:
    """Name the source of all that is done until the next call; an environment does one thing at a time."""
    _source.set(source)


def current() -> Source:
    """The source of what is being done; nothing is known of it where nobody said."""
    return _source.get(_UNKNOWN)
