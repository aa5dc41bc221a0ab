"""HTTP shape of the `auth` endpoints."""

from typing import Annotated

from fastapi import Body

from functions.auth import service
from functions.auth.schemas import LoginRequest, LogoutRequest, Registered, RegisterRequest, Tokens
from shared.errors import Code
from shared.http.app import group_router
from shared.http.auth import Caller, RefreshToken
from shared.http.client import Client
from shared.http.errors import error_responses
from shared.http.schemas import Me, Message

router = group_router("/auth", tag="auth")


@router.post("/register", status_code=201, responses=error_responses(Code.USERNAME_TAKEN, Code.EMAIL_TAKEN))
async def register(body: RegisterRequest) -> Registered:
    """Make an account. Username and e-mail are unique without regard to case."""
    return Registered.of(service.register(username=body.username, email=body.email, password=body.password))


@router.post("/login", responses=error_responses(Code.INVALID_CREDENTIALS, Code.ACCOUNT_DISABLED))
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
        user_id=caller.user_id,
        session_id=caller.session_id,
        jti=caller.jti,
        token_expires_at=caller.token_expires_at,
        all_sessions=body.all_sessions if body else False,
    )
    return Message(message="Signed out.")


@router.get("/me")
async def get_session_user(caller: Caller) -> Me:
    """The caller's own account; the same as `GET /users/me`."""
    return Me.of(caller.user)
