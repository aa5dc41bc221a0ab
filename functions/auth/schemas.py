"""Bodies of the `auth` endpoints."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from shared.domain.tokens import TokenPair
from shared.http.schemas import Email, FirstPassword, InputModel, NewPassword, Username
from shared.repositories.audit_events import Outcome, SignInRow
from shared.repositories.sessions import PlaceRow
from shared.repositories.users import Role, UserRow


class RegisterRequest(InputModel):
    """A new account. The password has 8–128 characters and is hard to guess; there are no rules of composition."""

    username: Username
    email: Email
    password: FirstPassword


class Registered(BaseModel):
    """The account that was made."""

    id: UUID
    username: str
    email: str
    role: Role
    created_at: datetime

    @classmethod
    def of(cls, row: UserRow) -> "Registered":
        """The answer for a new row."""
        return cls.model_validate(row, from_attributes=True)


class LoginRequest(InputModel):
    """`username` may be the e-mail address."""

    username: Annotated[str, Field(min_length=1, max_length=254, examples=["ada"])]
    password: Annotated[str, Field(min_length=1, examples=["correct horse battery staple"])]


class LogoutRequest(InputModel):
    """Which sessions end."""

    all_sessions: Annotated[bool, Field(examples=[False])] = False


class Tokens(BaseModel):
    """A pair of tokens; `expires_in` is the access token's lifetime in seconds."""

    access_token: str
    refresh_token: str
    token_type: Literal["bearer"] = "bearer"  # noqa: S105 - the name of a scheme
    expires_in: int = Field(examples=[3600])

    @classmethod
    def of(cls, pair: TokenPair) -> "Tokens":
        """The answer that carries a pair."""
        return cls.model_validate(pair, from_attributes=True)


class Session(BaseModel):
    """A login that goes on; `id` is the `sid` of its tokens, `current` marks the one that asks."""

    id: UUID
    created_at: datetime
    last_used_at: datetime
    user_agent: str | None
    ip: str | None
    current: bool

    @classmethod
    def of(cls, row: PlaceRow, *, current_id: UUID) -> "Session":
        """The session as its owner sees it."""
        return cls(
            id=row.id,
            created_at=row.created_at,
            last_used_at=row.refreshed_at,
            user_agent=row.user_agent,
            ip=row.ip,
            current=row.id == current_id,
        )


class SignIn(BaseModel):
    """A sign-in of the account, or a try of one: when, whether it worked, and from where."""

    occurred_at: datetime
    outcome: Outcome
    ip: str | None
    user_agent: str | None

    @classmethod
    def of(cls, row: SignInRow) -> "SignIn":
        """The sign-in as the account's owner sees it."""
        return cls.model_validate(row, from_attributes=True)


class PasswordChange(InputModel):
    """The present password, and the one to come."""

    current_password: Annotated[str, Field(min_length=1, examples=["correct horse battery staple"])]
    new_password: NewPassword


class PasswordResetRequest(InputModel):
    """Whose password is forgotten."""

    email: Email


class PasswordReset(InputModel):
    """The token of the link that was mailed, and the new password."""

    token: Annotated[str, Field(min_length=1, max_length=255, examples=["Zx3vq0Jr8mW1nT5yB7cK2dH4fG6sL9aPpQeRtUiOoA4"])]
    new_password: NewPassword


class EmailVerification(InputModel):
    """The token of the link that was mailed to the address."""

    token: Annotated[str, Field(min_length=1, max_length=255, examples=["Zx3vq0Jr8mW1nT5yB7cK2dH4fG6sL9aPpQeRtUiOoA4"])]


class VerificationRequest(InputModel):
    """Which address is to be verified."""

    email: Email
