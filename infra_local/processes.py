"""Child processes that do not outlive us, and those that an earlier run may have left behind."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def bound_to_parent(death_signal: signal.Signals) -> Callable[[], None] | None:
    """A `preexec_fn` after which the kernel sends `death_signal` when this process dies, even by SIGKILL.

    The kernel watches the thread that forks, so start children from the main thread. Only Linux can do it;
    elsewhere the next start ends what was left, by `end_remembered`.
    """
    if _LIBC is None:
        return None
    prctl, parent = _LIBC.prctl, os.getpid()

    def bind() -> None:
        prctl(_PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:  # died between fork and prctl
            os._exit(1)

    return bind


def end_with_make() -> None:
    """Ask for SIGTERM when `make` dies, since it is killed alone easily and we would go on unseen."""
    if _LIBC is not None and "MAKELEVEL" in os.environ:
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM))


def birth(pid: int) -> str | None:
    """When a process was born; together with the pid it names one process for ever. None if there is none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        if Path("/proc/self/stat").exists():
            return None
        ps = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
        return ps.stdout.strip() or None
    except ProcessLookupError:
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else fields[19]


def command_line(pid: int) -> str:
    """What a process was started with; empty if there is none."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        if Path("/proc/self").exists():
            return ""
    ps = subprocess.run(["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return ps.stdout


def remember(file: Path, pid: int) -> None:
    """Note a child, so that the next run can end it if we can't."""
    file.write_text(f"{pid} {birth(pid)}")


def end_remembered(file: Path) -> None:
    """End the process that `remember` noted, if it is still that very process."""
    if not file.exists():
        return
    number, _, born = file.read_text().partition(" ")
    if number.isdecimal() and born and birth(int(number)) == born:
        end(int(number), signal.SIGTERM, grace_seconds=3)
    file.unlink(missing_ok=True)


def end(pid: int, first: signal.Signals, *, grace_seconds: float) -> None:
    """End a process that is not our child: `first`, then SIGKILL; returns when it is gone."""
    born = birth(pid)
    for number, seconds in ((first, grace_seconds), (signal.SIGKILL, 10.0)):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if birth(pid) != born:
                return
            time.sleep(0.02)


def stop(process: subprocess.Popen[bytes], first: signal.Signals, *, grace_seconds: float) -> None:
    """End a child of ours and reap it."""
    process.send_signal(first)
    try:
        process.wait(grace_seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
