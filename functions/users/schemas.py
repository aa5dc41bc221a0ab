"""Bodies of the `users` endpoints."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field, model_validator

from shared.aws.presigning import PresignedGet
from shared.http.filters import CreatedAfter, CreatedBefore, Search
from shared.http.schemas import Email, FirstPassword, InputModel, Username
from shared.repositories.user_lists import Sort, UserFilter
from shared.repositories.users import Role, UserRow

if TYPE_CHECKING:
    from shared.repositories.exports import ExportRow


class User(BaseModel):
    """An account, as admins see it."""

    id: UUID
    username: str
    email: str
    role: Role
    is_active: bool
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: UserRow) -> "User":
        """The account of a row."""
        return cls.model_validate(row, from_attributes=True)


class MeUpdate(InputModel):
    """What changes of one's own account; at least one field."""

    username: Username | None = None
    email: Email | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.username is None and self.email is None:
            raise ValueError("Give a username or an e-mail address")
        return self


class AccountDeletion(InputModel):
    """One's password, once more."""

    password: Annotated[str, Field(min_length=1, examples=["correct horse battery staple"])]


class UserCreate(InputModel):
    """A new account. Without a password its owner is mailed a link to set one."""

    username: Username
    email: Email
    password: FirstPassword | None = None
    role: Role = "user"


class UserUpdate(InputModel):
    """What changes of an account; at least one field."""

    username: Username | None = None
    email: Email | None = None
    role: Annotated[Role | None, Field(examples=["user"])] = None
    is_active: Annotated[bool | None, Field(examples=[True])] = None

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if not self.model_dump(exclude_none=True):
            raise ValueError("Give at least one field to change")
        return self

    @property
    def takes_admin_away(self) -> bool:
        """Whether an active admin would be none any more."""
        return self.role == "user" or self.is_active is False


class UserQuery(BaseModel):
    """Which accounts, and in which order."""

    q: Search = None
    role: Annotated[Role | None, Field(description="Only those of this role.")] = None
    is_active: Annotated[bool | None, Field(description="Only those that are, or are not, disabled.")] = None
    created_after: CreatedAfter = None
    created_before: CreatedBefore = None
    sort: Annotated[Sort, Field(description="By age, the youngest first with `-`, or by name.")] = "-created_at"

    def filter(self) -> UserFilter:
        """The filter that the parameters mean."""
        return UserFilter(**self.model_dump())


class OwnExport(BaseModel):
    """How the archive of one's own data stands; `expires_at` and `url` are of one that is ready."""

    status: Literal["none", "pending", "ready", "failed"]
    expires_at: datetime | None
    url: str | None = None

    @classmethod
    def of(cls, export: "ExportRow | None", get: PresignedGet | None) -> "OwnExport":
        """The state as its owner sees it."""
        if export is None:
            return cls(status="none", expires_at=None)
        if get is None:
            return cls(status=export.status, expires_at=None)
        return cls(status=export.status, expires_at=export.expires_at, url=get.url)
