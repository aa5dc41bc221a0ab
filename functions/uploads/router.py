"""HTTP shape of the `uploads` endpoints."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from functions.uploads import service
from functions.uploads.schemas import (
    BulkDelete,
    BulkDeleted,
    DownloadUrl,
    Upload,
    UploadCreate,
    UploadCreated,
    UploadQuery,
    UploadUpdate,
    UploadUrl,
)
from shared.errors import Code
from shared.http import etag
from shared.http.app import group_router
from shared.http.auth import Caller, Principal, forbidden, require_permission
from shared.http.errors import error_responses
from shared.http.exports import EXPORT_RESPONSES, Exporting, ExportUrl, export_response
from shared.http.headers import with_headers
from shared.http.idempotency import IDEMPOTENCY_KEY, idempotent
from shared.http.pagination import Paging, page_of
from shared.http.schemas import Page

router = group_router("/uploads", tag="uploads")


@router.post(
    "",
    status_code=201,
    response_model=UploadCreated,
    openapi_extra=IDEMPOTENCY_KEY,
    responses={**error_responses(Code.QUOTA_EXCEEDED, Code.IDEMPOTENCY_CONFLICT), **with_headers(201, "Location")},
)
async def create_upload(body: UploadCreate, caller: Caller, request: Request) -> Response:
    """Reserve an upload. The answer's `upload` says how to send the bytes to the storage."""
    created, put = service.create_upload(caller.user_id, body, idempotent(request))
    return Response(
        UploadCreated.with_url(created, put).model_dump_json(),
        status_code=201,
        headers={"Location": f"{router.prefix}/{created.id}"},
        media_type="application/json",
    )


async def _allowed(request: Request, caller: Caller, query: Annotated[UploadQuery, Query()]) -> UploadQuery:
    if query.is_beyond_own and not caller.may("file:read"):
        raise forbidden(request, caller)
    return query


AllowedQuery = Annotated[UploadQuery, Depends(_allowed)]


@router.get("", responses=error_responses(Code.FORBIDDEN))
async def list_uploads(caller: Caller, query: AllowedQuery, paging: Paging) -> Page[Upload]:
    """The caller's uploads, newest first; for admins also those of others."""
    wanted = query.filter_for(caller.user_id)
    listing = service.list_uploads(wanted, limit=paging.limit, after=paging.after(wanted))
    return page_of(listing, Upload.of, wanted.position_of, wanted)


@router.get("/export", response_model=None, responses={**EXPORT_RESPONSES, **error_responses(Code.FORBIDDEN)})
async def export_uploads(caller: Caller, query: AllowedQuery, options: Exporting) -> Response | ExportUrl:
    """The metadata of all uploads that the filters match, as a download."""
    export = options.export("uploads", Upload)
    wanted = query.filter_for(caller.user_id)
    delivered = service.export_uploads(caller.user, export, wanted, always_stored=not options.redirect)
    return export_response(export, delivered, redirect=options.redirect)


@router.post("/bulk-delete")
async def delete_uploads(body: BulkDelete, caller: Caller) -> BulkDeleted:
    """Remove up to 100 uploads; those that may not be removed are named, and do not keep the others."""
    return BulkDeleted.of(*service.delete_uploads(caller.user, body.ids, deletes_all=caller.may("file:delete")))


@router.get(
    "/{upload_id}",
    response_model=Upload,
    responses={**error_responses(Code.NOT_FOUND), **etag.RESPONSES},
)
async def get_upload(upload_id: UUID, caller: Caller, request: Request) -> Response:
    """One upload: the caller's own, a public one that is available, or any for an admin."""
    file = service.get_upload(caller.user_id, upload_id, sees_all=caller.may("file:read"))
    return etag.answer(request, Upload.of(file))


@router.patch(
    "/{upload_id}",
    response_model=Upload,
    responses={
        **error_responses(Code.NOT_FOUND, Code.FORBIDDEN, Code.PRECONDITION_FAILED),
        **with_headers(200, "ETag"),
    },
)
async def update_upload(upload_id: UUID, body: UploadUpdate, caller: Caller, request: Request) -> Response:
    """Change the name that downloads carry, or who sees it; what is not given stays."""
    file = service.update_upload(
        caller.user, upload_id, body, updates_all=caller.may("file:update"), check=etag.check(request, Upload.of)
    )
    return etag.tagged(Upload.of(file))


@router.post("/{upload_id}/url", responses=error_responses(Code.NOT_FOUND, Code.UPLOAD_NOT_AVAILABLE))
async def renew_upload_url(upload_id: UUID, caller: Caller) -> UploadUrl:
    """A fresh URL for an upload of the caller's that is still `pending`."""
    return UploadUrl.of(service.renew_url(caller.user_id, upload_id))


@router.post(
    "/{upload_id}/complete",
    responses=error_responses(Code.NOT_FOUND, Code.UPLOAD_NOT_RECEIVED, Code.UPLOAD_NOT_AVAILABLE),
)
async def complete_upload(upload_id: UUID, caller: Caller) -> Upload:
    """Say that the bytes are sent. Their checks begin at once; without this call they begin all the same."""
    return Upload.of(service.complete_upload(caller.user_id, upload_id))


@router.get(
    "/{upload_id}/download",
    response_model=DownloadUrl,
    responses={
        307: {"description": "To the bytes; the URL in `Location` lives for 60 seconds."},
        **error_responses(Code.NOT_FOUND, Code.UPLOAD_NOT_AVAILABLE),
    },
)
async def download_upload(
    upload_id: UUID,
    caller: Caller,
    redirect: Annotated[bool, Query(description="`false`: answer 200 with the URL instead.")] = True,
) -> DownloadUrl | RedirectResponse:
    """Redirect to the bytes of the very version that was checked."""
    get = service.presign_download(caller.user_id, upload_id, sees_all=caller.may("file:read"))
    return RedirectResponse(get.url, 307) if redirect else DownloadUrl.of(get)


@router.delete("/{upload_id}", status_code=204, responses=error_responses(Code.NOT_FOUND, Code.FORBIDDEN))
async def delete_upload(upload_id: UUID, caller: Caller) -> None:
    """Remove an upload of the caller's, or any as an admin; its bytes go too."""
    service.delete_upload(caller.user, upload_id, deletes_all=caller.may("file:delete"))


@router.post(
    "/{upload_id}/rescan",
    status_code=202,
    responses=error_responses(Code.NOT_FOUND, Code.FORBIDDEN, Code.UPLOAD_NOT_AVAILABLE),
)
async def rescan_upload(
    upload_id: UUID, caller: Annotated[Principal, Depends(require_permission("file:rescan"))]
) -> Upload:
    """Have an upload that could not be scanned (`SCAN_FAILED`) looked at again; for admins."""
    return Upload.of(service.rescan_upload(caller.user, upload_id))
