"""The audit trail: one fixed vocabulary, and the one way to write to it."""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from shared.db import Connection, connection
from shared.repositories import audit_events
from shared.repositories.audit_events import Outcome
from shared.repositories.users import Role

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
class Source:
    """Where the work at hand comes from."""

    ip: str | None = None
    user_agent: str | None = None
    request_id: str | None = None


_UNKNOWN = Source()
_source: ContextVar[Source] = ContextVar("source")


def set_source(source: Source) -> None:
    """Name the source of all that is recorded until the next call; an environment does one thing at a time."""
    _source.set(source)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does it, in which role; nobody where the caller is not known."""

    id: UUID | None = None
    role: Role | None = None


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
    source = _source.get(_UNKNOWN)
    audit_events.insert(
        conn,
        action=action,
        actor_id=actor.id,
        actor_role=actor.role,
        target_type=target[0] if target else None,
        target_id=target[1] if target else None,
        outcome=outcome,
        ip=source.ip,
        user_agent=source.user_agent,
        request_id=source.request_id,
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
