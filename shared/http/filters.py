"""Query parameters that several lists narrow by."""

from typing import Annotated

from fastapi import Query
from pydantic import AwareDatetime

CreatedAfter = Annotated[AwareDatetime | None, Query(description="From this time on; RFC 3339 with its offset.")]
CreatedBefore = Annotated[AwareDatetime | None, Query(description="Before this time; RFC 3339 with its offset.")]
