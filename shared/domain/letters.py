"""How mails are written and sent, which only the `outbox` function does."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from shared import clock, settings
from shared.aws import mail
from shared.db import Connection, transaction
from shared.domain.mails import Notice, Template, hash_token
from shared.repositories import one_time_tokens, user_addresses, users
from shared.repositories.one_time_tokens import Kind

_TOKEN_BYTES = 32
_RESET = """\
Hello {username},

somebody, we think you, asked for a new password of your ReViewPoint account. Set it here within {lifetime}:

{link}

The link works once. If you did not ask for it, you need do nothing: your password stays as it is.
"""
_INVITATION = """\
Hello {username},

an account on ReViewPoint was made for you. Set its password here within {lifetime}:

{link}

The link works once.
"""
_VERIFICATION = """\
Hello {username},

this address was given for a ReViewPoint account. Open this page within {lifetime} to say that it is yours:

{link}

The link works once. If you know of no such account, you need do nothing.
"""
_NOTICE = """\
Hello {{username}},

{what}

If this was you, you need do nothing. If not, set a new password at once by "Forgot your password?" on the page where
you sign in, and tell whoever runs ReViewPoint for you.
"""


@dataclass(frozen=True, slots=True)
class _Letter:
    """What a mail says, and of which kind its link is, if it has one."""

    subject: str
    text: str
    link: Kind | None = None


_PAGES: Mapping[Kind, str] = {"password_reset": "reset-password", "email_verification": "verify-email"}
_LETTERS: Mapping[Template | Notice, _Letter] = {
    "password_reset": _Letter("Set a new password", _RESET, "password_reset"),
    "invitation": _Letter("Your account on ReViewPoint", _INVITATION, "password_reset"),
    "email_verification": _Letter("Verify your e-mail address", _VERIFICATION, "email_verification"),
    "password_changed": _Letter(
        "Your password was changed", _NOTICE.format(what="the password of your ReViewPoint account was changed.")
    ),
    "password_reset_done": _Letter(
        "Your password was set anew",
        _NOTICE.format(what="the password of your ReViewPoint account was set anew, by a link from a mail."),
    ),
    "email_changed": _Letter(
        "Your e-mail address was changed",
        _NOTICE.format(what="your ReViewPoint account has another e-mail address now; this one belongs to it no more."),
    ),
    "account_disabled": _Letter(
        "Your account was disabled",
        "Hello {username},\n\nyour ReViewPoint account was disabled by an administrator; you cannot sign in to it.\n",
    ),
    "export_ready": _Letter(
        "Your data is ready",
        "Hello {username},\n\nthe archive of your ReViewPoint data that you asked for is ready. Sign in to fetch it within"
        " five days.\n",
    ),
    "token_reused": _Letter(
        "A session of yours was ended",
        _NOTICE.format(
            what="a key of one of your sessions was used a second time, maybe by somebody else; so we ended that session."
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class _Recipient:
    id: UUID
    username: str
    address: str


def send(mail_id: UUID, asked: Mapping[str, Any]) -> None:
    """Write and send a mail that was asked for, unless nobody is there to get it.

    Args:
        mail_id: the same for every try, so that only the link of the last one works.
        asked: the template, and the account by its `user_id` or `email`.

    Raises:
        ServiceUnavailableError: it did not go out, and has to be tried again.
    """
    letter = _LETTERS[asked["template"]]
    lifetime = _lifetime(asked["template"])
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    with transaction() as conn:
        recipient = _recipient(conn, asked)
        if recipient is None:
            return
        if letter.link is not None:
            one_time_tokens.replace(
                conn,
                token_id=mail_id,
                kind=letter.link,
                user_id=recipient.id,
                sent_to=recipient.address,
                token_hash=hash_token(token),
                expires_at=clock.now() + lifetime,
            )
    page = _PAGES[letter.link] if letter.link else ""
    link = f"{settings.http().public_url.rstrip('/')}/#/{page}?token={token}"
    mail.send(
        to=recipient.address,
        subject=letter.subject,
        text=letter.text.format(username=recipient.username, lifetime=_in_words(lifetime), link=link),
    )


def _lifetime(template: Template | Notice) -> timedelta:
    ttls = settings.one_time_tokens()
    longer = {"invitation": ttls.invitation_ttl, "email_verification": ttls.verification_ttl}
    return timedelta(seconds=longer.get(template, ttls.password_reset_ttl))


def _recipient(conn: Connection, asked: Mapping[str, Any]) -> _Recipient | None:
    user_id = UUID(asked["user_id"]) if "user_id" in asked else None
    if asked["template"] == "email_verification":
        waiting = user_addresses.find_unverified(conn, asked["email"], user_id)
        return _Recipient(waiting.id, waiting.username, waiting.address) if waiting else None
    if user_id is not None:
        user = users.find(conn, user_id)
    else:
        user = users.find_by_email(conn, asked["email"])
        # Whoever was shut out is not let in by a mail that anybody can ask for.
        user = user if user is not None and user.is_active else None
    # To the address as the account has it, not as a stranger wrote it.
    return _Recipient(user.id, user.username, asked.get("to", user.email)) if user else None


def _in_words(lifetime: timedelta) -> str:
    minutes = max(round(lifetime.total_seconds() / 60), 1)
    if minutes % 60 == 0:
        hours = minutes // 60
        return "an hour" if hours == 1 else f"{hours} hours"
    return "a minute" if minutes == 1 else f"{minutes} minutes"
