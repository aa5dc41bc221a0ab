"""A password asked for again, where a token alone is not enough."""

from uuid import UUID

from shared import errors
from shared.db import connection
from shared.domain import passwords, rate_limits
from shared.errors import Code
from shared.repositories import users


def confirm_password(user_id: UUID, password: str, *, ip: str | None, field: str) -> str:
    """Check the account's present password; the hash it was checked against.

    Raises:
        AuthorizationError: `FORBIDDEN` at `field`; it counts as a failed login.
        RateLimitError: too many failures before.
    """
    attempt = rate_limits.login(user_id, ip)
    with connection() as conn:
        kept = users.find_password_hash(conn, user_id)
    if not passwords.verify(password, kept) or kept is None:
        raise wrong_password(field)
    rate_limits.give_back(attempt)
    return kept


def wrong_password(field: str) -> errors.AuthorizationError:
    """The error for a wrong one."""
    return errors.AuthorizationError(
        Code.FORBIDDEN, "The password is wrong.", details={"field": field, "issue": "Wrong password"}
    )
