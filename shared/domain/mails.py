"""Mails, asked for in the transaction that causes them; the `outbox` function writes and sends them after it.

What is asked for holds no secret. A token is drawn when its mail is written, and only its hash is kept: no table, queue
or log ever has the link.
"""

import hashlib
from collections.abc import Mapping
from typing import Literal
from uuid import UUID

from shared import clock
from shared.db import Connection
from shared.errors import Code, ReViewPointException
from shared.repositories import outbox
from shared.repositories.one_time_tokens import OwnedTokenRow

Template = Literal["password_reset", "invitation", "email_verification"]
Notice = Literal[
    "password_changed", "password_reset_done", "email_changed", "account_disabled", "token_reused", "export_ready"
]
LinkKind = Literal["RESET", "VERIFICATION"]
_Problem = Literal["INVALID", "EXPIRED", "USED"]


def request_reset(conn: Connection, email: str) -> None:
    """Have a link mailed to whoever has that address; whether somebody has, is looked up when the mail is written."""
    outbox.insert(conn, "mail", {"template": "password_reset", "email": email})


def request(conn: Connection, template: Template, user_id: UUID) -> None:
    """Have a link mailed to an account."""
    outbox.insert(conn, "mail", {"template": template, "user_id": str(user_id)})


def request_verification(conn: Connection, email: str, user_id: UUID | None = None) -> None:
    """Have a link mailed to an address that is to be verified, of that account or of whoever gave it."""
    asked = {"template": "email_verification", "email": email}
    outbox.insert(conn, "mail", asked | ({"user_id": str(user_id)} if user_id else {}))


def notify(conn: Connection, notice: Notice, user_id: UUID, *, to: str | None = None) -> None:
    """Have an account's owner told by mail what happened to it; `to` is an address that it had before."""
    outbox.insert(conn, "mail", {"template": notice, "user_id": str(user_id)} | ({"to": to} if to else {}))


def usable(token: OwnedTokenRow | None, kind: LinkKind) -> OwnedTokenRow:
    """The token of a link, if it still works.

    Raises:
        ReViewPointException: `…_TOKEN_INVALID`, `…_TOKEN_EXPIRED`, `…_TOKEN_USED`.
    """
    if token is None:
        raise link_error(kind, "INVALID")
    if token.used_at is not None:
        raise link_error(kind, "USED")
    if token.expires_at <= clock.now():
        raise link_error(kind, "EXPIRED")
    return token


_PROBLEMS: Mapping[_Problem, str] = {
    "INVALID": "This link is not valid. Ask for a new one.",
    "EXPIRED": "This link has expired. Ask for a new one.",
    "USED": "This link was used already. Ask for a new one.",
}


def link_error(kind: LinkKind, problem: _Problem) -> ReViewPointException:
    """The error for a link that does not work."""
    return ReViewPointException(Code[f"{kind}_TOKEN_{problem}"], _PROBLEMS[problem])


def hash_token(token: str) -> str:
    """What is kept of a token. It is as random as the hash is long, so it needs no salt."""
    return hashlib.sha256(token.encode()).hexdigest()
