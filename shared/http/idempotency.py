"""The `Idempotency-Key` header of a request."""

from typing import Annotated

from fastapi import Depends, Header, Request

from shared import errors
from shared.domain.idempotency import Idempotent
from shared.errors import Code


async def _idempotent(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            description="1–128 printable ASCII characters; the same request again gives the same answer.",
        ),
    ] = None,
) -> Idempotent | None:
    if idempotency_key is None:
        return None
    if not (1 <= len(idempotency_key) <= 128 and idempotency_key.isascii() and idempotency_key.isprintable()):
        raise errors.ReViewPointException(
            Code.MALFORMED_REQUEST, "Idempotency-Key must be 1 to 128 printable ASCII characters."
        )
    return Idempotent(request.scope["path"], idempotency_key)


IdempotencyKey = Annotated[Idempotent | None, Depends(_idempotent)]
"""`None` where the caller sent none."""
