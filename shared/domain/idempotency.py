"""`Idempotency-Key`: a request that comes twice is done once and answered twice.

An endpoint hands what `shared.http.idempotency.idempotent` makes of the header, which may be `None`, to its service.
The service makes the answer first (ids and times are made in code), then, inside the transaction that does the work and
before it does any of it:

    kept = idempotency.claim(conn, request, caller_id=caller_id, body=body, answer=answer)
    if kept is not None:
        return kept  # the first request's answer

The work that follows is committed together with the key, or not at all: a failed request leaves no key, and of two that
race the second waits in `claim` for the first. What is never to be stored, such as a presigned URL, is left out of
`answer` and made anew for a replay.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from shared import errors
from shared.db import Connection
from shared.domain import signing
from shared.errors import Code
from shared.repositories import idempotency_keys


@dataclass(frozen=True, slots=True)
class Idempotent:
    """A request with a key, which belongs to its caller and this path."""

    path: str
    key: str


def claim(
    conn: Connection, request: Idempotent | None, *, caller_id: UUID, body: BaseModel, answer: BaseModel
) -> dict[str, Any] | None:
    """`None` for a request that is to be done, else the answer (as JSON) that its like got before.

    Raises:
        ConflictError: `IDEMPOTENCY_CONFLICT`, the key came with another body.
    """
    if request is None:
        return None
    macs = _macs(body.model_dump(mode="json"))
    kept = idempotency_keys.claim(
        conn,
        caller_id=caller_id,
        path=request.path,
        key=request.key,
        body_hmac=macs[0],
        answer=answer.model_dump(mode="json"),
    )
    if kept.is_new:
        return None
    if not any(hmac.compare_digest(kept.body_hmac, mac) for mac in macs):
        raise errors.ConflictError(
            Code.IDEMPOTENCY_CONFLICT, "This Idempotency-Key was used with another body. Use a new one."
        )
    return kept.answer


def _macs(body: Mapping[str, Any]) -> list[str]:
    # Under every key that is valid, the present one first: a rotation must not forget what came before it.
    text = b"reviewpoint.idempotency" + json.dumps(body, sort_keys=True).encode()
    keys = signing.keys()
    others = [key for key_id, key in keys.by_id.items() if key_id != keys.current_id]
    return [hmac.digest(key.encode(), text, hashlib.sha256).hex() for key in (keys.current, *others)]
