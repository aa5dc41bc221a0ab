"""Lists in pages: `limit` and an opaque, signed cursor that names the last row seen (keyset, not offset)."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import Depends, Query

from shared import errors
from shared.db import Listing, Position
from shared.domain import signing
from shared.http.schemas import Page

Row = TypeVar("Row")
Item = TypeVar("Item")

_SIGNATURE_BYTES = 16


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which part of a list is asked for."""

    limit: int
    cursor: str | None

    def after(self, scope: object = None) -> Position | None:
        """Where the part begins; `None` at the start.

        Args:
            scope: what the list is, its sort and filters, as a frozen dataclass: a cursor of another is refused.

        Raises:
            ValidationError: at `cursor`, for one that this server did not make for that list.
        """
        return decode_cursor(self.cursor, scope) if self.cursor else None


async def _page_request(
    limit: Annotated[int, Query(ge=1, le=100, description="How many items at most.")] = 20,
    cursor: Annotated[str | None, Query(description="The `next_cursor` of the page before.")] = None,
) -> PageRequest:
    return PageRequest(limit, cursor)


Paging = Annotated[PageRequest, Depends(_page_request)]


def page_of(
    listing: Listing[Row],
    item: Callable[[Row], Item],
    position: Callable[[Row], Position],
    scope: object = None,
) -> Page[Item]:
    """A list's part as its answer; `position` gives the sort key and id of a row, `scope` is that of `after`."""
    next_cursor = encode_cursor(position(listing.rows[-1]), scope) if listing.has_more else None
    return Page(items=[item(row) for row in listing.rows], next_cursor=next_cursor, total=listing.total)


def encode_cursor(position: Position, scope: object = None) -> str:
    """The cursor that continues after a row."""
    payload = json.dumps([position[0], str(position[1])]).encode()
    return _encode(_sign(payload, signing.keys().current, scope) + payload)


def decode_cursor(cursor: str, scope: object = None) -> Position:
    """The position a cursor names.

    Raises:
        ValidationError: at `cursor`, for one that this server did not make for that list.
    """
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        signature, payload = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
        known = [_sign(payload, key, scope) for key in signing.keys().by_id.values()]
        if not any(hmac.compare_digest(signature, ours) for ours in known) or _encode(raw) != cursor:
            raise ValueError
        key, row_id = json.loads(payload)
        return str(key), UUID(row_id)
    except (ValueError, binascii.Error) as error:
        raise errors.ValidationError("cursor", "Not a cursor of this list") from error


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _sign(payload: bytes, key: str, scope: object) -> bytes:
    # The length keeps scope and payload apart.
    bound = repr(scope).encode()
    message = b"reviewpoint.cursor" + len(bound).to_bytes(4, "big") + bound + payload
    return hmac.digest(key.encode(), message, hashlib.sha256)[:_SIGNATURE_BYTES]
