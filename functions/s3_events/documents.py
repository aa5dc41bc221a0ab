"""Whether a PDF's structure opens, within limits of time and memory."""

import logging
import signal
import threading
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import BinaryIO

import Crypto  # pyright: ignore[reportUnusedImport]  # noqa: F401  # with it pypdf opens what is encrypted by AES
import pypdf
from pypdf.errors import DependencyError, PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, PdfObject

_MOST_PAGES = 10_000
_MOST_NODES = 2 * _MOST_PAGES
"""Of the tree whose leaves are the pages."""

_MOST_SECONDS = 20
_MOST_BYTES = 2 * 1024 * 1024
"""Of one stream that the structure itself lies in, inflated: thousands of objects; pages' contents are not looked into."""

_MOST_KEPT = 1000
"""Nodes of the tree, of a few KiB each, before what was read of it is forgotten."""

_LIMITS = pypdf.Configuration(
    zlib_maximum_output_length=_MOST_BYTES,
    lzw_maximum_output_length=_MOST_BYTES,
    run_length_maximum_output_length=_MOST_BYTES,
    brotli_maximum_output_length=_MOST_BYTES,
    stream_decoding_work_maximum_length=2 * _MOST_BYTES,
    stream_filters_maximum_length=3,
    disable_legacy_handling=True,
)
logging.getLogger("pypdf").setLevel(logging.CRITICAL)


def opens(content: BinaryIO) -> bool:
    """Whether a reader finds its pages, without a password."""
    with pypdf.apply_configuration(_LIMITS), _deadline():
        try:
            reader = pypdf.PdfReader(content, strict=False)
            if reader.is_encrypted and not reader.decrypt(""):
                return False
            return 1 <= sum(1 for _ in _pages(reader)) <= _MOST_PAGES
        except (PyPdfError, DependencyError, RecursionError, TimeoutError, MemoryError, zlib.error):
            return False
        except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, AssertionError, OSError):
            # What a parser in Python makes of data that lie about their types.
            return False


def _pages(reader: pypdf.PdfReader) -> Iterator[DictionaryObject]:
    """The leaves of the page tree; pypdf's own list of them takes 8 KiB a page.

    Raises:
        ValueError: it is no tree, or too large a one.
    """
    waiting: list[PdfObject] = [reader.root_object.raw_get("/Pages")]
    for number in range(_MOST_NODES):
        if not waiting:
            return
        node = waiting.pop().get_object()
        if not isinstance(node, DictionaryObject):
            raise ValueError("no node of the tree")
        kids = node.get("/Kids")
        if kids is None:
            yield node
        elif isinstance(kids := kids.get_object(), ArrayObject) and len(kids) + len(waiting) <= _MOST_NODES:
            waiting += kids
        else:
            raise ValueError("no list of kids, or too many")
        if number % _MOST_KEPT == 0:
            reader.resolved_objects.clear()
    raise ValueError("too many nodes")


@contextmanager
def _deadline() -> Generator[None]:
    # A parser in Python can be stopped anywhere; Lambda calls a handler in the main thread, where signals arrive.
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGALRM, _time_is_up)
    # Again and again, since what the parser catches of its own may swallow the first.
    signal.setitimer(signal.ITIMER_REAL, _MOST_SECONDS, 1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _time_is_up(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise TimeoutError
