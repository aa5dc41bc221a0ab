"""How mails are written and sent, which only the `outbox` function does."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from shared import clock, settings
from shared.aws import mail
from shared.db import Connection, transaction
from shared.domain.mails import Template, hash_token
from shared.repositories import one_time_tokens, users
from shared.repositories.users import UserRow

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
_SUBJECTS: Mapping[Template, str] = {
    "password_reset": "Set a new password",
    "invitation": "Your account on ReViewPoint",
}
_TEXTS: Mapping[Template, str] = {"password_reset": _RESET, "invitation": _INVITATION}


def send(mail_id: UUID, asked: Mapping[str, Any]) -> None:
    """Write and send a mail that was asked for, unless nobody is there to get it.

    Args:
        mail_id: the same for every try, so that only the link of the last one works.
        asked: the template, and the account by its `user_id` or `email`.

    Raises:
        ServiceUnavailableError: it did not go out, and has to be tried again.
    """
    template: Template = asked["template"]
    lifetime = _lifetime(template)
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    with transaction() as conn:
        user = _recipient(conn, asked)
        if user is None:
            return
        one_time_tokens.replace(
            conn,
            token_id=mail_id,
            kind="password_reset",
            user_id=user.id,
            token_hash=hash_token(token),
            expires_at=clock.now() + lifetime,
        )
    link = f"{settings.http().public_url.rstrip('/')}/#/reset-password?token={token}"
    text = _TEXTS[template].format(username=user.username, lifetime=_in_words(lifetime), link=link)
    mail.send(to=user.email, subject=_SUBJECTS[template], text=text)


def _lifetime(template: Template) -> timedelta:
    ttls = settings.one_time_tokens()
    return timedelta(seconds=ttls.invitation_ttl if template == "invitation" else ttls.password_reset_ttl)


def _recipient(conn: Connection, asked: Mapping[str, Any]) -> UserRow | None:
    if "user_id" in asked:
        return users.find(conn, UUID(asked["user_id"]))
    user = users.find_by_email(conn, asked["email"])
    # Whoever was shut out is not let in by a mail that anybody can ask for.
    return user if user is not None and user.is_active else None


def _in_words(lifetime: timedelta) -> str:
    minutes = round(lifetime.total_seconds() / 60)
    if minutes % 60 == 0:
        hours = minutes // 60
        return "an hour" if hours == 1 else f"{hours} hours"
    return f"{max(minutes, 1)} minutes"
