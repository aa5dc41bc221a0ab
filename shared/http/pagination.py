"""Lists in pages: `limit` and an opaque, signed cursor that names the last row seen (keyset, not offset)."""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import Depends, Query

from shared import errors
from shared.db import Listing
from shared.domain import signing
from shared.http.schemas import Page

Row = TypeVar("Row")
Item = TypeVar("Item")

_SIGNATURE_BYTES = 16

Position = tuple[datetime, UUID]
"""Where a page ended: the sort key and the id of its last row."""


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which part of a list is asked for."""

    limit: int
    after: Position | None


async def _page_request(
    limit: Annotated[int, Query(ge=1, le=100, description="How many items at most.")] = 20,
    cursor: Annotated[str | None, Query(description="The `next_cursor` of the page before.")] = None,
) -> PageRequest:
    return PageRequest(limit, decode_cursor(cursor) if cursor else None)


Paging = Annotated[PageRequest, Depends(_page_request)]


def page_of(listing: Listing[Row], item: Callable[[Row], Item], position: Callable[[Row], Position]) -> Page[Item]:
    """A list's part as its answer; `position` gives the sort key and id of a row."""
    next_cursor = encode_cursor(position(listing.rows[-1])) if listing.has_more else None
    return Page(items=[item(row) for row in listing.rows], next_cursor=next_cursor, total=listing.total)


def encode_cursor(position: Position) -> str:
    """The cursor that continues after a row."""
    payload = json.dumps([position[0].isoformat(), str(position[1])]).encode()
    return _encode(_sign(payload, signing.keys().current) + payload)


def decode_cursor(cursor: str) -> Position:
    """The position a cursor names.

    Raises:
        ValidationError: at `cursor`, for one that this server did not make.
    """
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        signature, payload = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
        known = [_sign(payload, key) for key in signing.keys().by_id.values()]
        if not any(hmac.compare_digest(signature, ours) for ours in known) or _encode(raw) != cursor:
            raise ValueError
        at, row_id = json.loads(payload)
        return datetime.fromisoformat(at), UUID(row_id)
    except (ValueError, binascii.Error) as error:
        raise errors.ValidationError("cursor", "Not a cursor of this list") from error


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _sign(payload: bytes, key: str) -> bytes:
    return hmac.digest(key.encode(), b"reviewpoint.cursor" + payload, hashlib.sha256)[:_SIGNATURE_BYTES]
