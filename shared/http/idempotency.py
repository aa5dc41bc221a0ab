"""The `Idempotency-Key` header of a request."""

from typing import Any

from fastapi import Request

from shared import errors
from shared.domain.idempotency import Idempotent
from shared.errors import Code

# For the document alone: a parameter or a dependency of FastAPI's is a cost of every request.
IDEMPOTENCY_KEY: dict[str, Any] = {
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "schema": {"type": "string", "minLength": 1, "maxLength": 128, "title": "Idempotency-Key"},
            "description": "1–128 printable ASCII characters; the same request again gives the same answer.",
        }
    ]
}
"""The `openapi_extra` of an endpoint that takes the header."""


def idempotent(request: Request) -> Idempotent | None:
    """The request as its service takes it; `None` where the caller sent no key.

    Raises:
        ReViewPointException: `MALFORMED_REQUEST`, the key is not as it has to be.
    """
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not (1 <= len(key) <= 128 and key.isascii() and key.isprintable()):
        raise errors.ReViewPointException(
            Code.MALFORMED_REQUEST, "Idempotency-Key must be 1 to 128 printable ASCII characters."
        )
    return Idempotent(request.scope["path"], key)
