"""The audit trail: one fixed vocabulary, and the one way to write to it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from shared import source
from shared.db import Connection, connection
from shared.repositories import audit_events
from shared.repositories.audit_events import Outcome
from shared.repositories.users import Role, UserRow

Action = Literal[
    # OWASP's application logging vocabulary, where it has a word.
    "authn_login_success",
    "authn_login_fail",
    "authn_login_lock",
    "authn_token_reuse",
    "authn_token_revoked",
    "authn_password_change",
    "authn_password_change_fail",
    "authn_password_reset_requested",
    "authn_password_reset",
    "authz_fail",
    "privilege_permissions_changed",
    "user_created",
    "user_updated",
    "user_deleted",
    "user_disabled",
    "user_enabled",
    "email_verified",
    "session_ended",
    "upload_rejected",
    "upload_rescanned",
    "file_updated",
    "file_deleted",
    "export_created",
    "notification_broadcast",
]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does it, in which role; nobody where the caller is not known."""

    id: UUID | None = None
    role: Role | None = None

    @classmethod
    def of(cls, user: UserRow) -> "Actor":
        """The account that acts."""
        return cls(user.id, user.role)


NOBODY = Actor()


def record(
    conn: Connection,
    action: Action,
    *,
    actor: Actor = NOBODY,
    target: tuple[str, UUID] | None = None,
    outcome: Outcome = "success",
    details: Mapping[str, Any] | None = None,
) -> None:
    """Write an event in the transaction of what it tells of; `target` is a type and an id. No secret, no address."""
    _insert(conn, action, actor, target[0] if target else None, [target[1] if target else None], outcome, details)


def record_all(
    conn: Connection,
    action: Action,
    *,
    actor: Actor = NOBODY,
    targets: tuple[str, Collection[UUID]],
    outcome: Outcome = "success",
) -> None:
    """Write an event for each of several targets, if any, of one type, in the transaction of what they tell of."""
    if targets[1]:
        _insert(conn, action, actor, targets[0], list(targets[1]), outcome, None)


def _insert(
    conn: Connection,
    action: Action,
    actor: Actor,
    target_type: str | None,
    target_ids: Sequence[UUID | None],
    outcome: Outcome,
    details: Mapping[str, Any] | None,
) -> None:
    seen = source.current()
    audit_events.insert(
        conn,
        action=action,
        actor_id=actor.id,
        actor_role=actor.role,
        target_type=target_type,
        target_ids=target_ids,
        outcome=outcome,
        ip=seen.ip,
        user_agent=seen.user_agent,
        request_id=seen.request_id,
        details=details or {},
    )


def record_failure(
    action: Action,
    *,
    actor: Actor = NOBODY,
    target: tuple[str, UUID] | None = None,
    details: Mapping[str, Any] | None = None,
) -> None:
    """Write a failure in a transaction of its own, since what failed is rolled back."""
    with connection() as conn:
        record(conn, action, actor=actor, target=target, outcome="failure", details=details)


def record_export(actor: Actor, *, name: str, file_format: str) -> None:
    """Write that somebody takes a list away, before it is read."""
    with connection() as conn:
        record(conn, "export_created", actor=actor, details={"of": name, "format": file_format})
