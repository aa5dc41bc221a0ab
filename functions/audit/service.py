"""Reading the audit trail."""

from shared.db import Listing, Position, connection
from shared.repositories import audit_events
from shared.repositories.audit_events import AuditEventRow, AuditFilter, Outcome

__all__ = ["AuditFilter", "Outcome", "list_events"]


def list_events(filters: AuditFilter, *, limit: int, after: Position | None) -> Listing[AuditEventRow]:
    """Events that match, newest first."""
    with connection() as conn:
        return audit_events.list_page(conn, filters, limit=limit, after=after)
