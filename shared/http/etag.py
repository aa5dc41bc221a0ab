"""Conditional requests (RFC 9110 §13): an entity tag is a hash of the representation, so it needs no column."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Depends, Request, Response
from pydantic import BaseModel

from shared import errors
from shared.errors import Code

Model = TypeVar("Model", bound=BaseModel)
Row = TypeVar("Row")


def tag_of(model: BaseModel) -> str:
    """The strong entity tag of an answer's body."""
    digest = hashlib.sha256(model.model_dump_json().encode()).digest()
    return f'"{urlsafe_b64encode(digest[:16]).decode().rstrip("=")}"'


@dataclass(frozen=True, slots=True)
class Conditional:
    """What a request says about the representation it knows; `response` is the one that will be sent."""

    if_match: str | None
    if_none_match: str | None
    response: Response

    def answer(self, model: Model) -> Model | Response:
        """The representation with its tag; 304 for a GET that knows it already."""
        tag = tag_of(model)
        if self.if_none_match is not None and _is_among(tag, self.if_none_match, weak=True):
            return Response(status_code=304, headers={"ETag": tag})
        self.response.headers["ETag"] = tag
        return model

    def tagged(self, model: Model) -> Model:
        """The representation with its tag, after a change."""
        self.response.headers["ETag"] = tag_of(model)
        return model

    def check(self, represent: Callable[[Row], BaseModel]) -> Callable[[Row], None]:
        """A check for the service to make on the locked row, before it changes it.

        Args:
            represent: the representation of a row that GET answers with.

        Returns:
            A function that raises `PRECONDITION_FAILED` when `If-Match` names another state of the row.
        """

        def check_row(row: Row) -> None:
            if self.if_match is not None and not _is_among(tag_of(represent(row)), self.if_match, weak=False):
                raise errors.ConflictError(
                    Code.PRECONDITION_FAILED, "It has changed since you read it. Read it again first."
                )

        return check_row


def _is_among(tag: str, header: str, *, weak: bool) -> bool:
    listed = [part.strip() for part in header.split(",")]
    # Our own tags hold no comma. A weak tag never matches where bytes must be the same (RFC 9110 §8.8.3.2).
    if weak:
        listed = [part.removeprefix("W/") for part in listed]
    return tag in listed or listed == ["*"]


async def _conditional(request: Request, response: Response) -> Conditional:
    return Conditional(request.headers.get("if-match"), request.headers.get("if-none-match"), response)


Condition = Annotated[Conditional, Depends(_conditional)]
