"""What the functions log, as tests read it."""

import json
import logging
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from shared import observability


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
