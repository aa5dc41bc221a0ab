"""The strict base of all bodies, and resources that several groups answer with."""

import unicodedata
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from shared.domain.account_names import check_email, check_username
from shared.http.text import has_controls
from shared.repositories.users import Role, UserRow

Item = TypeVar("Item")


class InputModel(BaseModel):
    """A request's body: no unknown fields, no guessing of types, clean text; null is as good as absent."""

    model_config = ConfigDict(extra="forbid", strict=True)

    @field_validator("*", mode="before")
    @classmethod
    def _clean(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        if has_controls(value):
            raise ValueError("Must not hold control characters")
        return unicodedata.normalize("NFC", value)


def _check_first_password(password: str, info: ValidationInfo) -> str:
    # Late, for bcrypt is loaded only where there are passwords.
    from shared.domain import passwords

    own_words = [info.data[name] for name in ("username", "email") if name in info.data]
    if issue := passwords.problem(password, own_words=own_words):
        raise ValueError(issue)
    return password


Username = Annotated[str, AfterValidator(check_username), Field(examples=["ada"])]
Email = Annotated[str, AfterValidator(check_email), Field(examples=["ada@example.org"])]
NewPassword = Annotated[str, Field(examples=["correct horse battery staple"])]
FirstPassword = Annotated[NewPassword, AfterValidator(_check_first_password)]
"""Of an account to be made: judged with `username` and `email`, declared before it, so that one answer names all."""


class Page(BaseModel, Generic[Item]):
    """A part of a list. `next_cursor` asks for what follows; `total` is exact up to 10,000, null beyond."""

    items: list[Item]
    next_cursor: str | None
    total: int | None


class Me(BaseModel):
    """The caller's own account."""

    id: UUID
    username: str
    email: str
    role: Role
    created_at: datetime
    updated_at: datetime

    @classmethod
    def of(cls, row: UserRow) -> "Me":
        """The account as its owner sees it."""
        return cls.model_validate(row, from_attributes=True)


class Message(BaseModel):
    """A sentence for people."""

    message: str
