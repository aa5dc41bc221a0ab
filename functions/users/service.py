"""What happens to accounts."""

from uuid import UUID

from shared import errors
from shared.db import connection
from shared.repositories import users
from shared.repositories.users import UserRow


def update_me(user_id: UUID, *, username: str | None, email: str | None) -> UserRow:
    """Change one's own name or address.

    Raises:
        ConflictError: `USERNAME_TAKEN`, `EMAIL_TAKEN`.
    """
    with connection() as conn:
        user = users.update(conn, user_id, username=username, email=email)
    if user is None:
        raise errors.NotFoundError
    return user
