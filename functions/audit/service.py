"""Reading the audit trail."""

from functions.audit.schemas import AuditEvent
from shared.aws.presigning import PresignedGet
from shared.db import Listing, Position, connection
from shared.domain import audit, exports
from shared.domain.audit import Actor
from shared.domain.exports import Export
from shared.repositories import audit_events
from shared.repositories.audit_events import AuditEventRow, AuditFilter, Outcome
from shared.repositories.users import UserRow

__all__ = ["AuditFilter", "Outcome", "export_events", "list_events"]


def list_events(filters: AuditFilter, *, limit: int, after: Position | None) -> Listing[AuditEventRow]:
    """Events that match, newest first."""
    with connection() as conn:
        return audit_events.list_page(conn, filters, limit=limit, after=after)


def export_events(actor: UserRow, export: Export, filters: AuditFilter, *, always_stored: bool) -> bytes | PresignedGet:
    """All events that match, of those that there are now, newest first.

    Raises:
        ServiceUnavailableError: the storage did not take a large export.
    """
    filters = exports.until_now(filters)
    audit.record_export(Actor.of(actor), name=export.name, file_format=export.format)
    rows = exports.all_rows(
        lambda conn, after, limit: audit_events.list_rows(conn, filters, limit=limit, after=after),
        lambda event: (event.occurred_at.isoformat(), event.id),
    )
    records = (AuditEvent.of(row).model_dump(mode="json") for row in rows)
    return exports.deliver(export, records, always_stored=always_stored)
