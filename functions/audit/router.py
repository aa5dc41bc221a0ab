"""HTTP shape of the `audit` endpoints."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Response

from functions.audit import service
from functions.audit.schemas import AuditEvent
from shared.errors import Code
from shared.http.app import group_router
from shared.http.auth import Principal, require_role
from shared.http.errors import error_responses
from shared.http.exports import EXPORT_RESPONSES, Exporting, ExportUrl, export_response
from shared.http.filters import CreatedAfter, CreatedBefore
from shared.http.pagination import Paging, page_of
from shared.http.schemas import Page

router = group_router("/audit-events", tag="audit")


async def _filters(
    action: Annotated[str | None, Query(description="One action of the vocabulary.")] = None,
    actor_id: Annotated[UUID | None, Query(description="Who did it.")] = None,
    target_id: Annotated[UUID | None, Query(description="To what it was done.")] = None,
    outcome: Annotated[service.Outcome | None, Query(description="Whether it worked.")] = None,
    created_after: CreatedAfter = None,
    created_before: CreatedBefore = None,
) -> service.AuditFilter:
    return service.AuditFilter(action, actor_id, target_id, outcome, created_after, created_before)


Admin = Annotated[Principal, Depends(require_role("admin"))]
Filters = Annotated[service.AuditFilter, Depends(_filters)]


@router.get("", responses=error_responses(Code.FORBIDDEN))
async def list_audit_events(_: Admin, filters: Filters, paging: Paging) -> Page[AuditEvent]:
    """What happened, newest first."""
    listing = service.list_events(filters, limit=paging.limit, after=paging.after(filters))
    return page_of(listing, AuditEvent.of, lambda event: (event.occurred_at.isoformat(), event.id), filters)


@router.get("/export", response_model=None, responses={**EXPORT_RESPONSES, **error_responses(Code.FORBIDDEN)})
async def export_audit_events(caller: Admin, filters: Filters, options: Exporting) -> Response | ExportUrl:
    """All that the filters match, as a download, newest first."""
    export = options.export("audit-events", AuditEvent)
    delivered = service.export_events(caller.user, export, filters, always_stored=not options.redirect)
    return export_response(export, delivered, redirect=options.redirect)
