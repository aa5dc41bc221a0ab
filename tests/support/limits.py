"""Rate limits that a test turns on."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from unittest import mock

from shared import settings


@contextmanager
def limits(**rates: str) -> Generator[None]:
    """These limits hold inside, such as `login_account="5/15m"`."""
    variables = {f"RATE_LIMIT_{name.upper()}": rate for name, rate in rates.items()}
    with mock.patch.dict(os.environ, variables):
        settings.rate_limits.cache_clear()
        try:
            yield
        finally:
            settings.rate_limits.cache_clear()


_last = iter(range(1, 2**16))


def unique_address() -> str:
    """An IPv4 address from which no other test of this worker comes; the counters are in the worker's database."""
    number = next(_last)
    return f"198.18.{number >> 8}.{number & 255}"
