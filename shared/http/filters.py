"""Query parameters that several lists narrow by."""

import unicodedata
from typing import Annotated

from fastapi import Query
from pydantic import AwareDatetime, BeforeValidator


def _composed(value: object) -> object:
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


Search = Annotated[
    str | None,
    BeforeValidator(_composed),
    Query(max_length=255, description="What the text holds, without regard to case; `%` and `_` are themselves."),
]
CreatedAfter = Annotated[AwareDatetime | None, Query(description="From this time on; RFC 3339 with its offset.")]
CreatedBefore = Annotated[AwareDatetime | None, Query(description="Before this time; RFC 3339 with its offset.")]
