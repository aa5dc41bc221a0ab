"""Bodies of the `audit` endpoints."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from shared.repositories.audit_events import AuditEventRow, Outcome


class AuditEvent(BaseModel):
    """Who did what to what, when, from where, and whether it worked."""

    id: UUID
    occurred_at: datetime
    action: str
    actor_id: UUID | None
    actor_role: str | None
    target_type: str | None
    target_id: UUID | None
    outcome: Outcome
    ip: str | None
    user_agent: str | None
    request_id: str | None
    details: dict[str, Any]

    @classmethod
    def of(cls, row: AuditEventRow) -> "AuditEvent":
        """The event as admins see it."""
        return cls.model_validate(row, from_attributes=True)
