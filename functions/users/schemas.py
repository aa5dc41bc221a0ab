"""Bodies of the `users` endpoints."""

from typing import Self

from pydantic import model_validator

from shared.http.schemas import Email, InputModel, Username


class MeUpdate(InputModel):
    """What changes of one's own account; at least one field."""

    username: Username | None = None
    email: Email | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.username is None and self.email is None:
            raise ValueError("Give a username or an e-mail address")
        return self
