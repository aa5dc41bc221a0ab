"""What the functions log, as tests read it."""

import json
import logging
import re
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from typing import Any, cast

from shared import observability

# A signed token, the query of a presigned URL, a link's token, an address.
_PRIVATE = re.compile(r"eyJ[\w-]{8,}\.|X-Amz-(Signature|Credential)|[?&]token=|[\w.+-]+@[\w-]+\.\w+")
_SHORTEST_SECRET = 8

passwords_sent: set[str] = set()
"""The passwords and one-time tokens that the test at hand has sent."""


def remember_secrets(body: object) -> None:
    """Keep what no log line may hold of a request's body."""
    if isinstance(body, dict):
        for name, value in cast("dict[str, object]", body).items():
            if ("password" in name or name == "token") and isinstance(value, str) and len(value) >= _SHORTEST_SECRET:
                passwords_sent.add(value)


def leaks(lines: Iterable[str]) -> list[str]:
    """The lines that hold what is nobody's business."""
    return [line for line in lines if _PRIVATE.search(line) or any(secret in line for secret in passwords_sent)]


class Captured(logging.Handler):
    """Log lines in the form in which they leave."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(observability.logger.registered_formatter)
        self.text: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self.text.append(self.format(record))

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The lines, read as JSON."""
        return [json.loads(line) for line in self.text]

    @property
    def requests(self) -> list[dict[str, Any]]:
        """The one line that each request leaves."""
        return [line for line in self.lines if line["message"] == "request"]


@contextmanager
def captured_logs() -> Generator[Captured]:
    """All that is logged inside."""
    log = logging.getLogger(observability.SERVICE)
    captured = Captured()
    log.addHandler(captured)
    try:
        yield captured
    finally:
        log.removeHandler(captured)
