"""The clock of a URL running out while the bytes are on their way.

S3 looks at the clock when a request begins ("Sharing objects with presigned URLs", S3 User Guide) and lets it end; the
emulator looks when the bytes are in. The upload has to come to a good end either way.
"""

import os
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.client import HTTPConnection
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import pytest

from shared import clock, settings
from shared.db import connection, execute
from shared.domain import uploads
from tests.support.api import Api, invoke
from tests.support.context import Context
from tests.support.factories import Account
from tests.support.queues import checks_queued, deliver
from tests.support.storage import put, put_object, versions
from tests.support.uploads import TEXT, UPLOADS, create, get, key_of, row_of

pytestmark = pytest.mark.slow


@contextmanager
def _short_lives() -> Generator[None]:
    """URLs that are made inside live for a second."""
    with mock.patch.dict(os.environ, UPLOAD_URL_TTL="1"):
        settings.storage.cache_clear()
        try:
            yield
        finally:
            settings.storage.cache_clear()


@contextmanager
def _begun_put(upload: Mapping[str, Any], content: bytes) -> Generator[HTTPConnection]:
    """A PUT of which all but the last byte was sent."""
    url = urlsplit(str(upload["url"]))
    sending = HTTPConnection(url.netloc, timeout=30)
    try:
        sending.putrequest(upload["method"], f"{url.path}?{url.query}")
        for name, value in {**upload["headers"], "Content-Length": str(len(content))}.items():
            sending.putheader(name, value)
        sending.endheaders(content[:-1])
        yield sending
    finally:
        sending.close()


def _sweep_and_check() -> None:
    invoke("sweeper", {"queue_lost": True}, Context(remaining_ms=120_000))
    for key in checks_queued():
        deliver(uploads.check_message(key))


def test_put_that_is_refused_for_its_time_is_taken_by_a_fresh_url(api: Api, author: Account) -> None:
    with _short_lives():
        created = create(api, author)
    key = key_of(created["id"])

    with _begun_put(created["upload"], TEXT) as sending:
        # The emulator's clock counts whole seconds.
        dead_at = datetime.fromisoformat(created["upload"]["expires_at"]) + timedelta(seconds=1)
        while clock.now() <= dead_at:
            time.sleep(0.05)
        _sweep_and_check()
        sending.send(TEXT[-1:])
        refused = sending.getresponse().status

    assert (refused, versions(key)) == (403, [])
    assert api.post(f"{UPLOADS}/{created['id']}/complete", token=author.token).error_code == "UPLOAD_NOT_RECEIVED"
    _sweep_and_check()
    fresh = api.post(f"{UPLOADS}/{created['id']}/url", token=author.token).json()
    assert put(fresh, TEXT).status == 200
    _sweep_and_check()
    assert get(api, author, created["id"])["status"] == "available"
    assert versions(key) == [row_of(created["id"]).version_id]


def test_put_that_ends_long_after_its_url_is_found_by_the_sweep(api: Api, author: Account) -> None:
    created = create(api, author)
    key = key_of(created["id"])
    with connection() as conn:
        sql = "UPDATE files SET url_expires_at = now() - interval '2 h' WHERE file_path = %(key)s"
        execute(conn, sql, {"key": key})
    version_id = put_object(key, TEXT)

    _sweep_and_check()
    assert get(api, author, created["id"])["status"] == "available"
    assert versions(key) == [version_id]
