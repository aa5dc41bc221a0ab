"""Query parameters that several lists narrow by."""

import re
import unicodedata
from typing import Annotated

from fastapi import Query
from pydantic import AwareDatetime, BeforeValidator


def _composed(value: object) -> object:
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


_DATE = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]")


def _written_out(value: object) -> object:
    # pydantic takes a bare number for seconds since 1970.
    if isinstance(value, str) and not _DATE.match(value):
        raise ValueError("Must be a time as of RFC 3339, such as 2026-01-31T12:00:00Z")
    return value


_Time = Annotated[AwareDatetime, BeforeValidator(_written_out)]

Search = Annotated[
    str | None,
    BeforeValidator(_composed),
    Query(max_length=255, description="What the text holds, without regard to case; `%` and `_` are themselves."),
]
CreatedAfter = Annotated[_Time | None, Query(description="From this time on; RFC 3339 with its offset.")]
CreatedBefore = Annotated[_Time | None, Query(description="Before this time; RFC 3339 with its offset.")]
