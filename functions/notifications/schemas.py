"""Bodies of the `notifications` endpoints."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from shared.http.schemas import InputModel
from shared.repositories.notices import NoticeRow

Level = Literal["info", "warning", "error"]


class Broadcast(InputModel):
    """What everybody is told."""

    message: Annotated[
        str, Field(min_length=1, max_length=1000, pattern=r"\S", examples=["Maintenance tonight from 22:00 UTC."])
    ]
    level: Annotated[Level, Field(examples=["info"])]


class BroadcastAccepted(BaseModel):
    """The notice that goes out; each of its messages has this id."""

    id: UUID
    message: str
    level: Level
    created_at: datetime

    @classmethod
    def of(cls, row: NoticeRow) -> "BroadcastAccepted":
        """The answer for a new notice."""
        return cls(id=row.id, created_at=row.created_at, **row.data)


class Stats(BaseModel):
    """`connections` are open sockets of `users` different users; `notices` are kept, for a day each."""

    connections: int
    users: int
    notices: int
