"""The folder that keeps this machine's state: one run at a time, and a note for the commands beside it."""

import fcntl
import json
import os
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from infra_local.errors import StartError

# A run that was just killed through `make` may need this long to end what it started.
_GRACE_SECONDS = 5.0


def _note(local_dir: Path) -> Path:
    return local_dir / "running.json"


@contextmanager
def claim(local_dir: Path) -> Generator[None]:
    """Hold the folder; the kernel lets go of it even after SIGKILL.

    Raises:
        StartError: Another run holds it, or it can't be written.
    """
    try:
        local_dir.mkdir(parents=True, exist_ok=True)
        lock = (local_dir / "lock").open("a+")
    except OSError as error:
        raise StartError(f"LOCAL_DIR {local_dir} can't be used: {error.strerror}") from error
    with lock:
        if not _lock(lock.fileno(), local_dir):
            lock.seek(0)
            raise StartError(f"{local_dir} is in use by another run (process {lock.read().strip() or 'unknown'})")
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        _note(local_dir).unlink(missing_ok=True)
        try:
            yield
        finally:
            _note(local_dir).unlink(missing_ok=True)


def _lock(descriptor: int, local_dir: Path) -> bool:
    deadline = time.monotonic() + _GRACE_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if _note(local_dir).exists() or time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        else:
            return True


def announce(local_dir: Path, variables: Mapping[str, str]) -> None:
    """Tell the commands beside us (`make admin`) how functions are run here; it holds the secret key."""
    fresh = _note(local_dir).with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        json.dump(dict(variables), stream)
    fresh.replace(_note(local_dir))


def withdraw(local_dir: Path) -> None:
    """Take the note back, as the first step of stopping."""
    _note(local_dir).unlink(missing_ok=True)


def announced(local_dir: Path) -> dict[str, str] | None:
    """The variables of the run that holds the folder now; None if there is none."""
    try:
        note = _note(local_dir).read_text()
    except FileNotFoundError:
        return None
    with (local_dir / "lock").open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return cast("dict[str, str]", json.loads(note))
    return None
