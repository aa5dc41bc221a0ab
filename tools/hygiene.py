"""Check files for what nobody wants to commit: stray spaces, merge marks, large files, secrets.

Usage: python -m tools.hygiene FILE...
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

_LARGEST_BYTES = 500_000
_TEXT_PROBLEMS = {
    "trailing space": re.compile(r"[ \t]+$", re.MULTILINE),
    "merge mark": re.compile(r"^(<<<<<<<|>>>>>>>) ", re.MULTILINE),
    "private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "AWS access key": re.compile(r"\b(AKIA|ASIA)[A-Z0-9]{16}\b"),
    "machine path": re.compile(r"(?<![\w.])/(root|home/\w+|Users/\w+)/"),
}


def problems(path: Path) -> Iterator[str]:
    """What is wrong with a file, one line each."""
    content = path.read_bytes()
    if len(content) > _LARGEST_BYTES:
        yield f"{path}: larger than {_LARGEST_BYTES} bytes"
    if b"\0" in content:
        return
    text = content.decode("utf-8")
    if text and not text.endswith("\n"):
        yield f"{path}: no newline at its end"
    yield from (f"{path}: {name}" for name, pattern in _TEXT_PROBLEMS.items() if pattern.search(text))


def main(names: list[str]) -> int:
    """Print all problems; 1 if there are any."""
    found = [problem for name in names for problem in problems(Path(name))]
    sys.stdout.writelines(f"{line}\n" for line in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
