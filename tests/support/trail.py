"""The audit trail, as tests look at it."""

from dataclasses import fields
from uuid import UUID

from shared.db import connection
from shared.repositories import audit_events
from shared.repositories.audit_events import AuditEventRow, AuditFilter


def events_of(
    *, action: str | None = None, target_id: UUID | None = None, actor_id: UUID | None = None
) -> list[AuditEventRow]:
    """The events that match, newest first."""
    wanted = AuditFilter(action=action, target_id=target_id, actor_id=actor_id)
    with connection() as conn:
        return audit_events.list_page(conn, wanted, limit=100, after=None).rows


def text_of(event: AuditEventRow) -> str:
    """All that an event says."""
    return " ".join(str(getattr(event, field.name)) for field in fields(event))
