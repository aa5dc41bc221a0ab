"""What a function writes: all of it into its log file, warnings and errors on the terminal too."""

import json
from pathlib import Path
from typing import cast

from infra_local import console

_SHOWN_LEVELS = {"WARNING", "ERROR", "CRITICAL"}
_FILE_LIMIT = 10 * 1024 * 1024


class FunctionLog:
    """The output of one environment, in the pieces as they come out of its pipe."""

    def __init__(self, function: str, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.file = folder / f"{function}.log"
        if self.file.exists() and self.file.stat().st_size > _FILE_LIMIT:
            self.file.replace(self.file.with_suffix(".log.old"))
        self._function = function
        self._rest = b""
        self.last_line = ""

    def feed(self, chunk: bytes) -> None:
        """Take the next piece; it need not end at the end of a line."""
        with self.file.open("ab") as stream:
            stream.write(chunk)
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        for line in lines:
            self._line(line.decode(errors="replace").strip())

    def close(self) -> None:
        """The environment has ended: what is left is a line too."""
        if self._rest:
            self.feed(b"\n")

    def _line(self, line: str) -> None:
        self.last_line = line or self.last_line
        try:
            record: object = json.loads(line)
        except ValueError:
            return
        if isinstance(record, dict):
            fields = cast("dict[str, object]", record)
            if str(fields.get("level", "")).upper() in _SHOWN_LEVELS:
                console.warning(f"{self._function}: {fields.get('message', line)} (more in {self.file})")
