"""HTTP shape of the `auth` endpoints."""

from typing import Annotated
from uuid import UUID

from fastapi import Body, Request, Response

from functions.auth import service
from functions.auth.schemas import (
    EmailVerification,
    LoginRequest,
    LogoutRequest,
    PasswordChange,
    PasswordReset,
    PasswordResetRequest,
    Registered,
    RegisterRequest,
    Session,
    SignIn,
    Tokens,
    VerificationRequest,
)
from shared.errors import Code
from shared.http import etag
from shared.http.app import group_router
from shared.http.auth import Caller, RefreshToken
from shared.http.client import Client
from shared.http.errors import error_responses
from shared.http.pagination import Paging, page_of
from shared.http.schemas import Me, Message, Page

router = group_router("/auth", tag="auth")


@router.post(
    "/register",
    status_code=201,
    responses=error_responses(Code.USERNAME_TAKEN, Code.EMAIL_TAKEN, Code.RATE_LIMITED),
)
async def register(body: RegisterRequest, client: Client) -> Registered:
    """Make an account. Username and e-mail are unique without regard to case."""
    user = service.register(username=body.username, email=body.email, password=body.password, ip=client.ip)
    return Registered.of(user)


@router.post(
    "/login",
    responses=error_responses(
        Code.INVALID_CREDENTIALS, Code.ACCOUNT_DISABLED, Code.EMAIL_NOT_VERIFIED, Code.RATE_LIMITED
    ),
)
async def log_in(body: LoginRequest, client: Client) -> Tokens:
    """Begin a session. The access token lives an hour, the refresh token a week from its last use."""
    pair = service.log_in(login=body.username, password=body.password, user_agent=client.user_agent, ip=client.ip)
    return Tokens.of(pair)


@router.post("/refresh")
async def refresh(token: RefreshToken) -> Tokens:
    """Renew the tokens. A refresh token works once; used again within ten seconds it gives the same new pair."""
    return Tokens.of(service.refresh(token))


@router.post("/logout")
async def log_out(caller: Caller, body: Annotated[LogoutRequest | None, Body()] = None) -> Message:
    """End this session, or all of the caller's; their tokens stop working at once."""
    service.log_out(
        caller.user,
        session_id=caller.session_id,
        jti=caller.jti,
        token_expires_at=caller.token_expires_at,
        all_sessions=body.all_sessions if body else False,
    )
    return Message(message="Signed out.")


@router.get("/me", response_model=Me, responses=etag.RESPONSES)
async def get_session_user(caller: Caller, request: Request) -> Response:
    """The caller's own account; the same as `GET /users/me`."""
    return etag.answer(request, Me.of(caller.user))


@router.get("/sessions")
async def list_sessions(caller: Caller, paging: Paging) -> Page[Session]:
    """The caller's live sessions, newest first. `last_used_at` is when a session's tokens were last renewed."""
    listing = service.list_sessions(caller.user_id, limit=paging.limit, after=paging.after("sessions"))
    return page_of(
        listing,
        lambda row: Session.of(row, current_id=caller.session_id),
        lambda row: (row.created_at.isoformat(), row.id),
        "sessions",
    )


@router.get("/activity")
async def list_activity(caller: Caller, paging: Paging) -> Page[SignIn]:
    """The caller's own sign-ins, also those that failed, newest first."""
    listing = service.list_sign_ins(caller.user_id, limit=paging.limit, after=paging.after("activity"))
    return page_of(listing, SignIn.of, lambda row: (row.occurred_at.isoformat(), row.id), "activity")


@router.delete("/sessions/{session_id}", status_code=204, responses=error_responses(Code.NOT_FOUND))
async def end_session(session_id: UUID, caller: Caller) -> None:
    """End one of the caller's sessions; its tokens stop working at once."""
    service.end_session(caller.user, session_id)


@router.post("/change-password", responses=error_responses(Code.FORBIDDEN, Code.RATE_LIMITED))
async def change_password(body: PasswordChange, caller: Caller, client: Client) -> Message:
    """Set another password. Every other session ends; a wrong current password counts as a failed login."""
    service.change_password(
        caller.user,
        session_id=caller.session_id,
        current=body.current_password,
        new=body.new_password,
        ip=client.ip,
    )
    return Message(message="Your password was changed. All other sessions have ended.")


@router.post("/request-password-reset", status_code=202, responses=error_responses(Code.RATE_LIMITED))
async def request_password_reset(body: PasswordResetRequest, client: Client) -> Message:
    """Have a link to set a new password mailed. The answer is the same whether or not there is such an account."""
    service.request_password_reset(body.email, ip=client.ip)
    return Message(message="If there is an account with this address, a mail with a link is on its way.")


@router.post(
    "/reset-password",
    responses=error_responses(Code.RESET_TOKEN_INVALID, Code.RESET_TOKEN_EXPIRED, Code.RESET_TOKEN_USED),
)
async def reset_password(body: PasswordReset) -> Message:
    """Set a new password by the token of a mailed link, which works once. Every session of the account ends."""
    service.reset_password(token=body.token, new=body.new_password)
    return Message(message="Your password was set. Sign in with it.")


@router.post(
    "/verify-email",
    responses=error_responses(
        Code.VERIFICATION_TOKEN_INVALID,
        Code.VERIFICATION_TOKEN_EXPIRED,
        Code.VERIFICATION_TOKEN_USED,
        Code.EMAIL_TAKEN,
    ),
)
async def verify_email(body: EmailVerification) -> Message:
    """Verify an e-mail address by the token of a mailed link, which works once; a changed one takes effect."""
    service.verify_email(body.token)
    return Message(message="Your e-mail address is verified.")


@router.post("/request-verification", status_code=202, responses=error_responses(Code.RATE_LIMITED))
async def request_verification(body: VerificationRequest, client: Client) -> Message:
    """Have a link to verify an address mailed. The answer is the same whether or not there is one to verify."""
    service.request_verification(body.email, ip=client.ip)
    return Message(message="If this address is to be verified, a mail with a link is on its way.")
