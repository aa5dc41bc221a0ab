"""Whether a function's code has changed since its environments were started.

Looked up at each event rather than watched: an edit is then live on the very next request, however soon
it comes, and a hundred files cost a fraction of a millisecond.
"""

import os
from collections.abc import Iterator
from pathlib import Path


def fingerprint(function: str, root: Path) -> int:
    """A number that changes with any file that the function may have loaded."""
    return hash(tuple(sorted(_files(root / "functions" / function, root / "shared"))))


def _files(*folders: Path | str) -> Iterator[tuple[str, int, int]]:
    for folder in folders:
        try:
            entries = list(os.scandir(folder))
        except FileNotFoundError:
            continue
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if entry.name != "__pycache__":
                    yield from _files(entry.path)
            elif not entry.name.endswith(".pyc"):
                yield from _stamp(entry)


def _stamp(entry: os.DirEntry[str]) -> Iterator[tuple[str, int, int]]:
    try:
        found = entry.stat()
    except FileNotFoundError:  # an editor's temporary file, or a link to nowhere
        return
    yield entry.path, found.st_mtime_ns, found.st_size
