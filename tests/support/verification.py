"""`EMAIL_VERIFICATION`, as a test turns it on."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from unittest import mock

from shared import settings


@contextmanager
def verification_required() -> Generator[None]:
    """An address counts inside only once it is verified."""
    with mock.patch.dict(os.environ, EMAIL_VERIFICATION="required"):
        settings.one_time_tokens.cache_clear()
        try:
            yield
        finally:
            settings.one_time_tokens.cache_clear()
