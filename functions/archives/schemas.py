"""What stands in an archive; the schema of each document lies beside it."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel


class Profile(BaseModel):
    """The account."""

    id: UUID
    username: str
    email: str
    role: str
    created_at: datetime
    updated_at: datetime


class SessionEntry(BaseModel):
    """A login that goes on."""

    id: UUID
    created_at: datetime
    refreshed_at: datetime
    user_agent: str | None
    ip: str | None


class ActivityEntry(BaseModel):
    """A sign-in, or a try of one."""

    occurred_at: datetime
    outcome: str
    ip: str | None
    user_agent: str | None


class FileEntry(BaseModel):
    """An upload; `path` is where its bytes are in the archive, null where there are none."""

    id: UUID
    filename: str
    content_type: str
    file_size: int
    uploaded_at: datetime | None
    status: str
    is_public: bool
    sha256: str | None
    reason: str | None
    created_at: datetime
    path: str | None
