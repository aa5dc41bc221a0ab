"""How an account ends."""

from collections.abc import Set
from uuid import UUID

from shared import errors
from shared.db import Connection
from shared.errors import Code
from shared.repositories import one_time_tokens, outbox, sessions, users


def delete(conn: Connection, user_id: UUID) -> None:
    """Take an account away from every reader; its rows and objects follow by the outbox, in batches.

    Raises:
        NotFoundError: there is none.
        ConflictError: `LAST_ADMIN`.
    """
    admins = users.lock_admins(conn)
    if not users.mark_deleted(conn, user_id):
        raise errors.NotFoundError("There is no such user.")
    keep_an_admin(admins, without=user_id)
    sessions.revoke_all(conn, user_id)
    one_time_tokens.delete_unused(conn, user_id)
    outbox.insert(conn, "delete_account", {"user_id": str(user_id)})


def keep_an_admin(admins: Set[UUID], *, without: UUID) -> None:
    """See that somebody is left to administer.

    Args:
        admins: the active ones, locked.
        without: who is about to be none any more.

    Raises:
        ConflictError: `LAST_ADMIN`.
    """
    if admins == {without}:
        raise errors.ConflictError(Code.LAST_ADMIN, "This is the last active admin. Make another one first.")
