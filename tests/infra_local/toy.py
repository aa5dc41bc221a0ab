"""A small project with handlers of a few lines, for tests of what runs them."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from infra_local.functions import FUNCTIONS
from infra_local.processes import bound_to_parent

_REPOSITORY = Path(__file__).resolve().parents[2]
_DEADLINE_SECONDS = 40.0

ECHO = """
import json

def handler(event, context):
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": json.dumps(event)}
"""
MESSAGE = """
def handler(event, context):
    return {"message": "done", "event": event}
"""


def write_function(root: Path, name: str, code: str) -> Path:
    """Write a function's handler; its file."""
    folder = root / "functions" / name
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "handler.py"
    file.write_text(code)
    return file


def write_project(root: Path) -> Path:
    """Write all functions and a page; its folder."""
    for function in FUNCTIONS:
        write_function(root, function.name, ECHO if function.routes else MESSAGE)
    (root / "web").mkdir()
    (root / "web" / "index.html").write_text("<!doctype html><title>Toy</title>")
    return root


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(is_so: Callable[[], bool], what: str) -> None:
    """Wait for a condition, and fail when it does not come."""
    deadline = time.monotonic() + _DEADLINE_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, f"not in time: {what}"
        time.sleep(0.02)


@dataclass
class Run:
    """A run of the whole system over a toy project."""

    process: subprocess.Popen[str]
    output: Path
    port: int
    s3_port: int

    @property
    def text(self) -> str:
        """What it has printed."""
        return self.output.read_text()

    def wait_ready(self) -> None:
        """Wait for its line."""
        wait_until(lambda: "\nReady: " in f"\n{self.text}" or self.process.poll() is not None, "Ready")
        assert self.process.poll() is None, self.text

    def end(self, number: signal.Signals) -> int:
        """Send it a signal; its exit status."""
        self.process.send_signal(number)  # nothing, if it has ended already
        return self.process.wait(_DEADLINE_SECONDS)


def command(root: Path, *arguments: str, typed: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    """Run one of the room's programs in a toy project to its end, with `typed` as its input."""
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=root,
        env=_environment(variables),
        input=typed,
        capture_output=True,
        text=True,
        timeout=_DEADLINE_SECONDS,
        check=False,
    )


def start(root: Path, port: int, s3_port: int, **variables: str) -> Run:
    """Start the whole system in a toy project."""
    output = root / f"output-{port}"
    with output.open("w") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "infra_local.main"],
            cwd=root,
            env=_environment({"PORT": str(port), "S3_PORT": str(s3_port), **variables}),
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=bound_to_parent(signal.SIGTERM),
        )
    return Run(process, output, port, s3_port)


def _environment(variables: Mapping[str, str]) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(_REPOSITORY), **variables}


def processes_of(root: Path) -> list[int]:
    """All processes that work in a folder or name it on their command line, zombies aside."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            try:
                command_line = (entry / "cmdline").read_text()
                folder = os.readlink(entry / "cwd")
            except OSError:
                continue
            if command_line and (str(root) in command_line or folder.startswith(str(root))):
                found.append(int(entry.name))
    return found
