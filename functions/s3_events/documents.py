"""Whether a PDF's structure opens, within limits of time and memory."""

import logging
import signal
import threading
import zlib
from collections.abc import Generator
from contextlib import contextmanager
from io import BytesIO
from types import FrameType

import pypdf
from pypdf.errors import DependencyError, PyPdfError

_MOST_PAGES = 10_000
_MOST_SECONDS = 20
_MOST_BYTES = 16 * 1024 * 1024
"""Of one stream that the structure itself lies in, inflated; pages' contents are not looked into."""

_LIMITS = pypdf.Configuration(
    zlib_maximum_output_length=_MOST_BYTES,
    lzw_maximum_output_length=_MOST_BYTES,
    run_length_maximum_output_length=_MOST_BYTES,
    brotli_maximum_output_length=_MOST_BYTES,
    stream_decoding_work_maximum_length=2 * _MOST_BYTES,
    stream_filters_maximum_length=3,
    page_tree_maximum_page_entries=_MOST_PAGES,
    page_tree_maximum_entries=2 * _MOST_PAGES,
    disable_legacy_handling=True,
)
logging.getLogger("pypdf").setLevel(logging.CRITICAL)


def opens(content: bytes) -> bool:
    """Whether a reader finds its pages, without a password."""
    with pypdf.apply_configuration(_LIMITS), _deadline():
        try:
            reader = pypdf.PdfReader(BytesIO(content), strict=False)
            if reader.is_encrypted and not reader.decrypt(""):
                return False
            return 1 <= len(reader.pages) <= _MOST_PAGES
        except (PyPdfError, DependencyError, RecursionError, TimeoutError, MemoryError, zlib.error):
            return False
        except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, AssertionError, OSError):
            # What a parser in Python makes of data that lie about their types.
            return False


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
