"""Conditional requests (RFC 9110 §13): an entity tag is a hash of the representation, so it needs no column."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import Request, Response
from pydantic import BaseModel

from shared import errors
from shared.errors import Code
from shared.http.headers import with_headers

Row = TypeVar("Row")

RESPONSES: dict[int | str, dict[str, Any]] = {
    **with_headers(200, "ETag"),
    304: {"description": "It is still what `If-None-Match` names."},
}
"""What `answer` gives, for an endpoint's documentation."""


def tagged(model: BaseModel) -> Response:
    """The representation with its strong entity tag."""
    body = _body(model)
    return Response(body, media_type="application/json", headers={"ETag": _tag_of(body)})


def answer(request: Request, model: BaseModel) -> Response:
    """The representation with its tag; 304 for a GET that knows it already."""
    response = tagged(model)
    tag, known = response.headers["etag"], request.headers.get("if-none-match")
    if known is not None and _is_among(tag, known, weak=True):
        return Response(status_code=304, headers={"ETag": tag})
    return response


def check(request: Request, represent: Callable[[Row], BaseModel]) -> Callable[[Row], None]:
    """A check for the service to make on the locked row, before it changes it.

    Args:
        request: its `If-Match` names the state that the caller knows.
        represent: the representation of a row that GET answers with.

    Returns:
        A function that raises `PRECONDITION_FAILED` when the row is in another state.
    """
    known = request.headers.get("if-match")

    def check_row(row: Row) -> None:
        if known is not None and not _is_among(_tag_of(_body(represent(row))), known, weak=False):
            raise errors.ConflictError(
                Code.PRECONDITION_FAILED, "It has changed since you read it. Read it again first."
            )

    return check_row


def _body(model: BaseModel) -> bytes:
    return model.model_dump_json().encode()


def _tag_of(body: bytes) -> str:
    return f'"{urlsafe_b64encode(hashlib.sha256(body).digest()[:16]).decode().rstrip("=")}"'


def _is_among(tag: str, header: str, *, weak: bool) -> bool:
    listed = [part.strip() for part in header.split(",")]
    # Our own tags hold no comma. A weak tag never matches where bytes must be the same (RFC 9110 §8.8.3.2).
    if weak:
        listed = [part.removeprefix("W/") for part in listed]
    return tag in listed or listed == ["*"]
