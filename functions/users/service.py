"""What happens to accounts."""

from collections.abc import Callable
from uuid import UUID

from functions.users.schemas import User, UserCreate, UserUpdate
from shared import clock, errors, ids
from shared.aws.presigning import PresignedGet
from shared.db import Connection, Listing, Position, connection, transaction
from shared.domain import (
    accounts,
    addresses,
    audit,
    exports,
    idempotency,
    mails,
    outbox,
    passwords,
    reauthentication,
)
from shared.domain.audit import Actor
from shared.domain.exports import Export
from shared.domain.idempotency import Idempotent
from shared.repositories import outbox as outbox_rows
from shared.repositories import user_lists, users
from shared.repositories.user_lists import UserFilter
from shared.repositories.users import UserRow

Check = Callable[[UserRow], None]
"""What has to hold of an account before it is changed; raises if it does not."""


def update_me(user_id: UUID, *, username: str | None, email: str | None, check: Check) -> UserRow:
    """Change one's own name or address.

    Raises:
        ConflictError: `USERNAME_TAKEN`, `EMAIL_TAKEN`, or what `check` raises.
    """
    with transaction() as conn:
        before = _existing(users.lock(conn, user_id))
        check(before)
        email_now = addresses.change(conn, before, email)
        user = _existing(users.update(conn, user_id, username=username, email=email_now))
        _record_change(conn, Actor.of(before), before, user, asked_email=email)
    if email is not None:
        outbox.wake()
    return user


def delete_me(user: UserRow, *, password: str, ip: str | None) -> None:
    """Take one's own account away, at once for every reader.

    Raises:
        AuthorizationError: `FORBIDDEN` at `password`.
        ConflictError: `LAST_ADMIN`.
        RateLimitError: too many wrong passwords before.
    """
    reauthentication.confirm_password(user.id, password, ip=ip, field="password")
    delete_user(user, user.id)


def list_users(wanted: UserFilter, *, limit: int, after: Position | None) -> Listing[UserRow]:
    """A part of the accounts."""
    with connection() as conn:
        return user_lists.list_page(conn, wanted, limit=limit, after=after)


def export_users(actor: UserRow, export: Export, wanted: UserFilter, *, always_stored: bool) -> bytes | PresignedGet:
    """All accounts that the filter wants, of those that there are now.

    Raises:
        ServiceUnavailableError: the storage did not take a large one.
    """
    wanted = exports.until_now(wanted)
    rows = exports.all_rows(
        lambda conn, after, limit: user_lists.list_rows(conn, wanted, limit=limit, after=after), wanted.position_of
    )
    audit.record_export(Actor.of(actor), name=export.name, file_format=export.format)
    return exports.deliver(export, (User.of(row).model_dump(mode="json") for row in rows), always_stored=always_stored)


def create_user(actor: UserRow, body: UserCreate, request: Idempotent | None) -> User:
    """Make an account; without a password its owner gets a link to set one.

    Raises:
        ConflictError: `USERNAME_TAKEN`, `EMAIL_TAKEN`, `IDEMPOTENCY_CONFLICT`.
    """
    password_hash = passwords.NONE
    if body.password is not None:
        password_hash = passwords.make_hash(body.password)
    made = User(
        id=ids.new(),
        username=body.username,
        email=body.email,
        role=body.role,
        is_active=True,
        created_at=(now := clock.now()),
        updated_at=now,
    )
    with transaction() as conn:
        kept = idempotency.claim(conn, request, caller_id=actor.id, body=body, answer=made)
        if kept is not None:
            return User.model_validate(kept)
        users.insert(
            conn,
            username=made.username,
            email=made.email,
            password_hash=password_hash,
            role=made.role,
            user_id=made.id,
            created_at=now,
        )
        if body.password is None:
            mails.request(conn, "invitation", made.id)
        details = {"role": made.role}
        audit.record(conn, "user_created", actor=Actor.of(actor), target=("user", made.id), details=details)
    if body.password is None:
        outbox.wake()
    return made


def get_user(user_id: UUID) -> UserRow:
    """One account.

    Raises:
        NotFoundError: there is none.
    """
    with connection() as conn:
        return _existing(users.find(conn, user_id))


def update_user(actor: UserRow, user_id: UUID, body: UserUpdate, *, check: Check) -> UserRow:
    """Change an account.

    Raises:
        NotFoundError: there is none.
        ConflictError: `LAST_ADMIN`, `USERNAME_TAKEN`, `EMAIL_TAKEN`, or what `check` raises.
    """
    with transaction() as conn:
        admins = users.lock_admins(conn) if body.takes_admin_away else frozenset[UUID]()
        before = _existing(users.lock(conn, user_id))
        check(before)
        accounts.keep_an_admin(admins, without=user_id)
        email_now = addresses.change(conn, before, body.email)
        if body.is_active is False:
            outbox_rows.insert(conn, "end_sockets", {"user_id": str(user_id)})
        user = _existing(
            users.update(
                conn, user_id, username=body.username, email=email_now, role=body.role, is_active=body.is_active
            )
        )
        if before.is_active and not user.is_active:
            mails.notify(conn, "account_disabled", user_id)
        _record_change(conn, Actor.of(actor), before, user, asked_email=body.email)
    if body.is_active is False or body.email is not None:
        outbox.wake()
    return user


def _record_change(conn: Connection, actor: Actor, before: UserRow, user: UserRow, *, asked_email: str | None) -> None:
    target = ("user", user.id)
    changed = {"username": user.username != before.username, "email": asked_email not in {None, before.email}}
    if any(changed.values()):
        details = {"fields": [field for field, has_changed in changed.items() if has_changed]}
        audit.record(conn, "user_updated", actor=actor, target=target, details=details)
    if user.role != before.role:
        details = {"from": before.role, "to": user.role}
        audit.record(conn, "privilege_permissions_changed", actor=actor, target=target, details=details)
    if user.is_active != before.is_active:
        audit.record(conn, "user_enabled" if user.is_active else "user_disabled", actor=actor, target=target)


def delete_user(actor: UserRow, user_id: UUID) -> None:
    """Take an account away, at once for every reader; its rows and objects follow.

    Raises:
        NotFoundError: there is none.
        ConflictError: `LAST_ADMIN`.
    """
    with transaction() as conn:
        accounts.delete(conn, user_id)
        audit.record(conn, "user_deleted", actor=Actor.of(actor), target=("user", user_id))
    outbox.wake()


def send_password_reset(actor: UserRow, user_id: UUID) -> None:
    """Have a link to set a new password mailed.

    Raises:
        NotFoundError: there is no such account.
    """
    with transaction() as conn:
        _existing(users.find(conn, user_id))
        mails.request(conn, "password_reset", user_id)
        audit.record(conn, "authn_password_reset_requested", actor=Actor.of(actor), target=("user", user_id))
    outbox.wake()


def _existing(user: UserRow | None) -> UserRow:
    if user is None:
        raise errors.NotFoundError("There is no such user.")
    return user
