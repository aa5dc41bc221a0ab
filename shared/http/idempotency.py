"""The `Idempotency-Key` header of a request."""

from typing import Annotated

from fastapi import Header
from pydantic import AfterValidator

from shared import errors
from shared.domain.idempotency import Idempotent
from shared.errors import Code


def _check(key: str | None) -> str | None:
    if key is not None and not (1 <= len(key) <= 128 and key.isascii() and key.isprintable()):
        raise errors.ReViewPointException(
            Code.MALFORMED_REQUEST, "Idempotency-Key must be 1 to 128 printable ASCII characters."
        )
    return key


# No dependency: each is a cost of every request.
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="1–128 printable ASCII characters; the same request again gives the same answer.",
    ),
    AfterValidator(_check),
]
"""`None` where the caller sent none."""


def idempotent(path: str, key: str | None) -> Idempotent | None:
    """The request as its service takes it; `path` is what the key belongs to."""
    return None if key is None else Idempotent(path, key)
