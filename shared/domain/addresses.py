"""E-mail addresses: when a changed one takes effect, and how it is proved to be its owner's."""

from shared import errors, settings
from shared.db import Connection
from shared.domain import mails
from shared.errors import Code
from shared.repositories import one_time_tokens, user_addresses, users
from shared.repositories.users import UserRow


def must_be_verified() -> bool:
    """Whether an address counts only once it is verified."""
    return settings.one_time_tokens().email_verification == "required"


def change(conn: Connection, user: UserRow, email: str | None) -> str | None:
    """See to an address that is asked for; the one to write at once, `None` for none.

    Raises:
        ConflictError: `EMAIL_TAKEN`.
    """
    if email is None or email.lower() == user.email.lower():
        return email
    mails.request_verification(conn, email, user.id)
    if must_be_verified():
        if users.find_by_email(conn, email) is not None:
            raise users.email_taken()
        user_addresses.set_pending_email(conn, user.id, email)
        return None
    settle(conn, user)
    return email


def settle(conn: Connection, user: UserRow) -> None:
    """The account has another address from now on: links that the old one got end, and it is told."""
    one_time_tokens.delete_unused(conn, user.id, kind="password_reset")
    mails.notify(conn, "email_changed", user.id, to=user.email)


def verify(conn: Connection, token: str) -> UserRow:
    """Spend a token: its address is verified, and the account's if it was waiting; the account before.

    Raises:
        ReViewPointException: `VERIFICATION_TOKEN_INVALID`, `VERIFICATION_TOKEN_EXPIRED`, `VERIFICATION_TOKEN_USED`.
        ConflictError: `EMAIL_TAKEN`, by somebody else while it waited.
    """
    found = mails.usable(one_time_tokens.find(conn, "email_verification", mails.hash_token(token)), "VERIFICATION")
    before = users.lock(conn, found.user_id)
    if not one_time_tokens.use(conn, found.id):
        raise mails.link_error("VERIFICATION", "USED")
    if before is None or found.sent_to is None or not user_addresses.verify_email(conn, before.id, found.sent_to):
        raise mails.link_error("VERIFICATION", "INVALID")
    one_time_tokens.delete_unused(conn, before.id, kind="email_verification")
    if found.sent_to.lower() != before.email.lower():
        settle(conn, before)
    return before


def refuse_unverified() -> errors.AuthorizationError:
    """The error for a login that has to wait for the address."""
    return errors.AuthorizationError(
        Code.EMAIL_NOT_VERIFIED, "Verify your e-mail address first, by the link we mailed."
    )
