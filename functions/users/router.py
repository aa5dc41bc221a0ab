"""HTTP shape of the `users` endpoints."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query, Request, Response

from functions.users import service
from functions.users.schemas import AccountDeletion, MeUpdate, OwnExport, User, UserCreate, UserQuery, UserUpdate
from shared.errors import Code
from shared.http import etag
from shared.http.app import group_router
from shared.http.auth import Caller, Principal, require_role
from shared.http.client import Client
from shared.http.errors import error_responses
from shared.http.exports import EXPORT_RESPONSES, Exporting, ExportUrl, export_response
from shared.http.headers import with_headers
from shared.http.idempotency import IDEMPOTENCY_KEY, idempotent
from shared.http.pagination import Paging, page_of
from shared.http.schemas import Me, Message, Page

router = group_router("/users", tag="users")

Admin = Annotated[Principal, Depends(require_role("admin"))]


@router.get("/me", response_model=Me, responses=etag.RESPONSES)
async def get_me(caller: Caller, request: Request) -> Response:
    """The caller's own account."""
    return etag.answer(request, Me.of(caller.user))


@router.put(
    "/me",
    response_model=Me,
    responses={
        **error_responses(Code.USERNAME_TAKEN, Code.EMAIL_TAKEN, Code.PRECONDITION_FAILED),
        **with_headers(200, "ETag"),
    },
)
async def update_me(body: MeUpdate, caller: Caller, request: Request) -> Response:
    """Change the caller's own name or address; what is not given stays."""
    user = service.update_me(caller.user_id, username=body.username, email=body.email, check=etag.check(request, Me.of))
    return etag.tagged(Me.of(user))


@router.delete("/me", status_code=204, responses=error_responses(Code.FORBIDDEN, Code.LAST_ADMIN, Code.RATE_LIMITED))
async def delete_me(body: AccountDeletion, caller: Caller, client: Client) -> None:
    """Delete the caller's account, its sessions and files; name and address are free again at once."""
    service.delete_me(caller.user, password=body.password, ip=client.ip)


@router.post("/me/export", status_code=202)
async def request_export(caller: Caller) -> Message:
    """Have all of the caller's own data packed as a ZIP; a notice and a mail tell when it is there."""
    from functions.users import own_data  # late: who asks for an archive can wait for it

    own_data.request_export(caller.user)
    return Message(message="Your data is being packed. We tell you when it is there.")


@router.get("/me/export", response_model_exclude_unset=True)
async def get_export(caller: Caller) -> OwnExport:
    """How the archive of the caller's data stands; `url`, where it can be fetched for a minute, once it is ready."""
    from functions.users import own_data

    return OwnExport.of(*own_data.find_export(caller.user_id))


@router.get("", responses=error_responses(Code.FORBIDDEN))
async def list_users(_: Admin, query: Annotated[UserQuery, Query()], paging: Paging) -> Page[User]:
    """All accounts, for admins; `q` looks into names and addresses."""
    wanted = query.filter()
    listing = service.list_users(wanted, limit=paging.limit, after=paging.after(wanted))
    return page_of(listing, User.of, wanted.position_of, wanted)


@router.get("/export", response_model=None, responses={**EXPORT_RESPONSES, **error_responses(Code.FORBIDDEN)})
async def export_users(caller: Admin, query: Annotated[UserQuery, Query()], options: Exporting) -> Response | ExportUrl:
    """All accounts that the filters match, as a download, for admins."""
    export = options.export("users", User)
    delivered = service.export_users(caller.user, export, query.filter(), always_stored=not options.redirect)
    return export_response(export, delivered, redirect=options.redirect)


@router.post(
    "",
    status_code=201,
    openapi_extra=IDEMPOTENCY_KEY,
    responses={
        **error_responses(Code.FORBIDDEN, Code.USERNAME_TAKEN, Code.EMAIL_TAKEN, Code.IDEMPOTENCY_CONFLICT),
        **with_headers(201, "Location"),
    },
)
async def create_user(caller: Admin, body: UserCreate, request: Request, response: Response) -> User:
    """Make an account, for admins. Without a password its owner is mailed a link to set one."""
    user = service.create_user(caller.user, body, idempotent(request))
    response.headers["Location"] = f"{router.prefix}/{user.id}"
    return user


@router.get(
    "/{user_id}",
    response_model=User,
    responses={**error_responses(Code.FORBIDDEN, Code.NOT_FOUND), **etag.RESPONSES},
)
async def get_user(_: Admin, user_id: UUID, request: Request) -> Response:
    """One account, for admins."""
    return etag.answer(request, User.of(service.get_user(user_id)))


@router.put(
    "/{user_id}",
    response_model=User,
    responses={
        **error_responses(
            Code.FORBIDDEN,
            Code.NOT_FOUND,
            Code.USERNAME_TAKEN,
            Code.EMAIL_TAKEN,
            Code.LAST_ADMIN,
            Code.PRECONDITION_FAILED,
        ),
        **with_headers(200, "ETag"),
    },
)
async def update_user(caller: Admin, user_id: UUID, body: UserUpdate, request: Request) -> Response:
    """Change an account, for admins; what is not given stays. Who is disabled or demoted loses access at once."""
    user = service.update_user(caller.user, user_id, body, check=etag.check(request, User.of))
    return etag.tagged(User.of(user))


@router.delete(
    "/{user_id}",
    status_code=204,
    responses=error_responses(Code.FORBIDDEN, Code.NOT_FOUND, Code.LAST_ADMIN),
)
async def delete_user(caller: Admin, user_id: UUID) -> None:
    """Delete an account, its sessions and files, for admins; name and address are free again at once."""
    service.delete_user(caller.user, user_id)


@router.post("/{user_id}/password-reset", status_code=202, responses=error_responses(Code.FORBIDDEN, Code.NOT_FOUND))
async def send_password_reset(caller: Admin, user_id: UUID) -> Message:
    """Have a link to set a new password mailed to an account's owner, for admins."""
    service.send_password_reset(caller.user, user_id)
    return Message(message="A mail with a link is on its way.")
