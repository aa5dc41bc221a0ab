"""Starts what `make dev` starts."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from infra_local.processes import bound_to_parent

_ROOT = Path(__file__).resolve().parents[2]
_START_SECONDS = 90
_STOP_SECONDS = 20
# What the tests of handlers set in this process must not reach the system.
_PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR", "USER")
# What the system takes from the folder it is started in; the developer's `.env` there is none of it.
_FOLDERS = ("functions", "shared", "web")


@dataclass(frozen=True, slots=True)
class System:
    """The running system.

    Attributes:
        url: The page's address.
        home: The folder it was started in.
        variables: Its environment.
    """

    url: str
    home: str
    variables: Mapping[str, str]

    def make_admin(self, username: str, email: str, password: str) -> None:
        """Do what `make admin` does."""
        subprocess.run(
            [sys.executable, "-m", "infra_local.commands", "admin"],
            cwd=self.home,
            env={**self.variables, "USERNAME": username, "EMAIL": email, "ADMIN_PASSWORD": password},
            capture_output=True,
            check=True,
        )


@dataclass(frozen=True, slots=True)
class Place:
    """A folder to start the system in, and its environment; what it keeps outlives it here."""

    home: str
    variables: Mapping[str, str]


@contextmanager
def place() -> Generator[Place]:
    """A place that nothing was started in yet, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="reviewpoint-e2e-", ignore_cleanup_errors=True) as home:
        for folder in _FOLDERS:
            Path(home, folder).symlink_to(_ROOT / folder)
        yield Place(home, _variables())


@contextmanager
def started(place: Place) -> Generator[System]:
    """Run the system there until the block ends.

    Raises:
        RuntimeError: It did not start; with what it said.
    """
    program = subprocess.Popen(
        [sys.executable, "-m", "infra_local.main"],
        cwd=place.home,
        env=place.variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=bound_to_parent(signal.SIGTERM),
    )
    try:
        yield System(_url_when_ready(program), place.home, place.variables)
    finally:
        _stop(program)


@contextmanager
def running() -> Generator[System]:
    """Run the system in a place of its own until the block ends."""
    with place() as somewhere, started(somewhere) as system:
        yield system


def _variables() -> dict[str, str]:
    port, s3_port = _free_ports()
    passed_on = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    # All tests come from one address.
    limits = {f"RATE_LIMIT_{what}": "off" for what in ("REGISTER", "LOGIN_ADDRESS", "RESET_ADDRESS")}
    ports = {"PORT": str(port), "S3_PORT": str(s3_port)}
    return passed_on | limits | ports | {"PYTHONPATH": str(_ROOT), "BCRYPT_ROUNDS": "4"}


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def _url_when_ready(program: subprocess.Popen[str]) -> str:
    assert program.stdout is not None
    # A program that hangs must not hang the tests: killing it ends its output.
    limit = threading.Timer(_START_SECONDS, program.kill)
    limit.start()
    said: list[str] = []
    try:
        for line in program.stdout:
            said.append(line)
            if line.startswith("Ready: "):
                _drain(program.stdout)
                return line.split()[1]
    finally:
        limit.cancel()
    raise RuntimeError(f"The system did not start:\n{''.join(said)}")


def _drain(output: IO[str]) -> None:
    """Read on, so that the program never waits for a reader."""

    def read() -> None:
        for _ in output:
            pass

    threading.Thread(target=read, daemon=True).start()


def _stop(program: subprocess.Popen[str]) -> None:
    program.terminate()
    try:
        program.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        program.kill()
        program.wait()
    if program.stdout is not None:
        program.stdout.close()
