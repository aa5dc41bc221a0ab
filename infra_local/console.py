"""All that this room says on the terminal."""

import os
import sys
import time
from typing import TextIO

_COLOURS = {"red": 31, "green": 32, "yellow": 33, "grey": 90}


def _paint(text: str, colour: str, stream: TextIO) -> str:
    if not stream.isatty() or "NO_COLOR" in os.environ:
        return text
    return f"\033[{_COLOURS[colour]}m{text}\033[0m"


def _write(text: str, stream: TextIO) -> None:
    # A closed terminal or `make dev | head` must not end the system by an exception.
    try:
        stream.write(f"{text}\n")
        stream.flush()
    except OSError:
        pass


def part(name: str, text: str) -> None:
    """A part of the system and where it is."""
    _write(f"  {name:<12}{text}", sys.stdout)


def line(text: str) -> None:
    """A plain line."""
    _write(text, sys.stdout)


def request(method: str, path: str, status: int, milliseconds: float) -> None:
    """One served request; the query string stays out, since it may hold secrets."""
    colour = "red" if status >= 500 else "yellow" if status >= 400 else "green"
    clock = _paint(time.strftime("%H:%M:%S"), "grey", sys.stdout)
    shown = "".join(char if char.isprintable() else "?" for char in path)
    _write(f"{clock} {method:<7}{shown} {_paint(str(status), colour, sys.stdout)} {milliseconds:.0f} ms", sys.stdout)


def warning(text: str) -> None:
    """Something that went wrong, and is worth a look; its first line."""
    _write(_paint(f"warning: {_first_line(text)}", "yellow", sys.stderr), sys.stderr)


def error(text: str) -> None:
    """Why this command ends, in one line."""
    _write(_paint(f"error: {_first_line(text)}", "red", sys.stderr), sys.stderr)


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]
