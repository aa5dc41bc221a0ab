"""Tokens as no server of ours would make them."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import jwt

from shared import settings
from shared.domain import signing

OTHER_KEY = "another key that is long enough, 32 bytes"


def claims_of(token: str) -> dict[str, Any]:
    """A token's claims, unchecked."""
    return jwt.decode(token, options={"verify_signature": False})


def forged(
    token: str,
    *,
    without: str | None = None,
    key: str | None = None,
    algorithm: str = "HS256",
    kid: Any = "1",
    **claims: Any,
) -> str:
    """A token with other claims, signed all the same: with our key unless another is given."""
    changed = {name: value for name, value in {**claims_of(token), **claims}.items() if name != without}
    key = signing.keys().by_id["1"] if key is None else key
    headers = {} if kid is None else {"kid": kid}
    return jwt.encode(changed, key, algorithm=algorithm, headers=headers)


@contextmanager
def signing_key_replaced(*, keeping_the_old: bool = True) -> Generator[None]:
    """`OTHER_KEY` signs inside, as key 2; the key before it is still valid, or not any more."""
    replaced = {"SECRET_KEY": OTHER_KEY, "SECRET_KEY_ID": "2"}
    kept = {"PREVIOUS_SECRET_KEY": signing.keys().by_id["1"], "PREVIOUS_SECRET_KEY_ID": "1"}
    with mock.patch.dict(os.environ, replaced | (kept if keeping_the_old else {})):
        settings.auth.cache_clear()
        try:
            yield
        finally:
            settings.auth.cache_clear()
