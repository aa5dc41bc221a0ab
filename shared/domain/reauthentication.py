"""A password asked for again, where a token alone is not enough."""

from uuid import UUID

from shared import errors
from shared.db import connection
from shared.domain import audit, passwords, rate_limits
from shared.domain.audit import Action
from shared.errors import Code
from shared.repositories import users


def confirm_password(
    user_id: UUID, password: str, *, ip: str | None, field: str, action: Action = "authn_login_fail"
) -> str:
    """Check the account's present password; the hash it was checked against. A wrong one is recorded as `action`.

    Raises:
        AuthorizationError: `FORBIDDEN` at `field`; it counts as a failed login.
        RateLimitError: too many failures before.
    """
    attempt = rate_limits.login(user_id, ip)
    with connection() as conn:
        kept = users.find_password_hash(conn, user_id)
    if not passwords.verify(password, kept) or kept is None:
        audit.record_failure(action, target=("user", user_id), details={"reason": "wrong_password"})
        raise wrong_password(field)
    rate_limits.give_back(attempt)
    return kept


def wrong_password(field: str) -> errors.AuthorizationError:
    """The error for a wrong one."""
    return errors.AuthorizationError(
        Code.FORBIDDEN, "The password is wrong.", details={"field": field, "issue": "Wrong password"}
    )
