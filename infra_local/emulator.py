"""S3, SQS, EventBridge and SES on one machine: the emulator as a child process, authorization on."""

import os
import signal
import socket
import subprocess
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from infra_local import processes
from infra_local.errors import StartError

REGION = "us-east-1"
ACCOUNT = "000000000000"
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "reviewpoint-local",
    "AWS_SECRET_ACCESS_KEY": "reviewpoint-local",
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
}
_HERE = Path(__file__).resolve().parent
_PYTHON = _HERE.parent / ".venv-emulator" / "bin" / "python"
_START_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Emulator:
    """A running emulator; its objects are in `home`, all else is forgotten when it ends."""

    process: subprocess.Popen[bytes]
    home: Path
    endpoint: str

    def wait_ready(self) -> None:
        """Return once it answers.

        Raises:
            StartError: It ended, or does not answer in time.
        """
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise StartError(f"the storage emulator ended: {self._last_words()}")
            try:
                urllib.request.urlopen(f"{self.endpoint}/_ministack/ready", timeout=5).close()  # noqa: S310
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise StartError(f"the storage emulator does not answer on {self.endpoint}; see {self.home / 'log'}")

    def _last_words(self) -> str:
        lines = (self.home / "log").read_text(errors="replace").split("\n")
        return next((line for line in reversed(lines) if line.strip()), "it said nothing")

    def stop(self) -> None:
        """End it; objects are on disk already, so there is nothing to wait for."""
        processes.stop(self.process, signal.SIGTERM, grace_seconds=0.5)
        (self.home / "pid").unlink(missing_ok=True)


def launch(home: Path, port: int, *, deploys: bool = False) -> Emulator:
    """Start it on 127.0.0.1 without waiting; whatever an earlier run left on `home` ends first.

    Args:
        home: Takes its log and its objects.
        port: Where it listens.
        deploys: Whether it takes deploys of the stack.

    Raises:
        StartError: The port is taken or the program is missing.
    """
    if not _PYTHON.exists():
        raise StartError(f"{_PYTHON} is missing; `make setup` installs it")
    for folder in (home / "objects", home / "tmp"):
        folder.mkdir(parents=True, exist_ok=True)
    processes.end_remembered(home / "pid")
    check_port(port, "S3_PORT")
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            [_PYTHON, "-P", _HERE / "emulator_program.py"],
            env=_environment(home, port) | ({"DEPLOYS": "true"} if deploys else {}),
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=processes.bound_to_parent(signal.SIGKILL),
        )
    processes.remember(home / "pid", process.pid)
    return Emulator(process, home, f"http://127.0.0.1:{port}")


def start(home: Path, port: int, *, deploys: bool = False) -> Emulator:
    """Start it and wait until it answers."""
    emulator = launch(home, port, deploys=deploys)
    try:
        emulator.wait_ready()
    except BaseException:
        emulator.stop()
        raise
    return emulator


def _environment(home: Path, port: int) -> dict[str, str]:
    return {
        **CREDENTIALS,
        "PATH": os.environ.get("PATH", os.defpath),
        "TMPDIR": str(home / "tmp"),
        "AUTH": "true",
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": REGION,
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        # No daemon of containers has a part in this.
        "DOCKER_HOST": f"unix://{home / 'none'}",
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(home / "objects"),
        "LOG_LEVEL": "WARNING",
    }


def check_port(port: int, variable: str) -> None:
    """Raise `StartError` when something listens on the port already."""
    bind(port, variable).close()


def bind(port: int, variable: str) -> socket.socket:
    """A socket bound to 127.0.0.1.

    Raises:
        StartError: The port is taken, or not ours to take.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        # Two sockets may be bound to one port until the first of them listens.
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise StartError(f"port {port} can't be used ({error.strerror}); choose another by {variable}=") from error
    return listener
