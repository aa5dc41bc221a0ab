"""Mails, asked for in the transaction that causes them; the `outbox` function writes and sends them after it.

What is asked for holds no secret. A token is drawn when its mail is written, and only its hash is kept: no table, queue
or log ever has the link.
"""

import hashlib
from typing import Literal
from uuid import UUID

from shared.db import Connection
from shared.repositories import outbox

Template = Literal["password_reset", "invitation"]


def request_reset(conn: Connection, email: str) -> None:
    """Have a link mailed to whoever has that address; whether somebody has, is looked up when the mail is written."""
    outbox.insert(conn, "mail", {"template": "password_reset", "email": email})


def request(conn: Connection, template: Template, user_id: UUID) -> None:
    """Have a link mailed to an account."""
    outbox.insert(conn, "mail", {"template": template, "user_id": str(user_id)})


def hash_token(token: str) -> str:
    """What is kept of a token. It is as random as the hash is long, so it needs no salt."""
    return hashlib.sha256(token.encode()).hexdigest()
