"""Ctrl-C, SIGTERM and a closed terminal: one reaction at a time, chosen by the phase the program is in."""

import signal
from collections.abc import Callable
from types import FrameType
from typing import NoReturn


def on_stop(react: Callable[[], None]) -> None:
    """React to each of them from now on."""

    def handle(_number: int, _frame: FrameType | None) -> None:
        react()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handle)
    # Under `nohup` the terminal's end is ignored, and stays so.
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, handle)


def interrupt() -> NoReturn:
    """The reaction that unwinds the stack."""
    raise KeyboardInterrupt


def ignore() -> None:
    """The reaction while all is being ended anyway; each step of that has its own deadline."""
