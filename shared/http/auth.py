"""Who calls, and what they may do. Role, `is_active` and revocation come from the database at every request."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase
from fastapi.security.utils import get_authorization_scheme_param

from shared import errors
from shared.db import connection
from shared.domain import audit, permissions, tokens
from shared.domain.permissions import Permission
from shared.errors import Code
from shared.repositories import sessions
from shared.repositories.users import Role, UserRow


@dataclass(frozen=True, slots=True)
class Principal:
    """The known caller: the account as it is now, and the session and token of this request."""

    user: UserRow
    session_id: UUID
    jti: UUID
    token_expires_at: datetime

    @property
    def user_id(self) -> UUID:
        """The account's id."""
        return self.user.id

    def may(self, permission: Permission) -> bool:
        """Whether the caller's role has the permission."""
        return permissions.has(self.user.role, permission)


class _BearerScheme(SecurityBase):
    """A scheme of the OpenAPI document that is the dependency too: each further one is a cost of every request."""

    def __init__(self, scheme_name: str) -> None:
        self.model = HTTPBearer(bearerFormat="JWT")
        self.scheme_name = scheme_name

    @staticmethod
    def token_of(request: Request) -> str:
        scheme, token = get_authorization_scheme_param(request.headers.get("authorization"))
        if scheme.lower() != "bearer" or not token:
            raise errors.AuthenticationError(Code.AUTHENTICATION_REQUIRED, "Sign in first: a Bearer token is needed.")
        return token


class _AccessToken(_BearerScheme):
    async def __call__(self, request: Request) -> Principal:
        claims = tokens.decode(self.token_of(request), "access")
        with connection() as conn:
            user = sessions.find_caller(conn, session_id=claims.session_id, user_id=claims.user_id, jti=claims.jti)
        if user is None:
            raise errors.AuthenticationError(Code.TOKEN_REVOKED, "This session has ended.")
        request.state.user_id = str(user.id)
        if not user.is_active:
            raise errors.AuthorizationError(Code.ACCOUNT_DISABLED, "This account is disabled.")
        return Principal(user, claims.session_id, claims.jti, claims.expires_at)


class _RefreshToken(_BearerScheme):
    async def __call__(self, request: Request) -> str:
        return self.token_of(request)


_authenticate = _AccessToken("AccessToken")


def require_auth() -> Callable[..., Awaitable[Principal]]:
    """A dependency: any caller with a live session."""
    return _authenticate


def require_role(role: Role) -> Callable[..., Awaitable[Principal]]:
    """A dependency: a caller of that role; 403 `FORBIDDEN` for others."""

    async def check(request: Request, caller: Annotated[Principal, Depends(_authenticate)]) -> Principal:
        if caller.user.role != role:
            raise forbidden(request, caller)
        return caller

    return check


def require_permission(permission: Permission) -> Callable[..., Awaitable[Principal]]:
    """A dependency: a caller whose role has the permission; 403 `FORBIDDEN` for others."""

    async def check(request: Request, caller: Annotated[Principal, Depends(_authenticate)]) -> Principal:
        if not caller.may(permission):
            raise forbidden(request, caller)
        return caller

    return check


def forbidden(request: Request, caller: Principal) -> errors.AuthorizationError:
    """403 `FORBIDDEN`, to be raised: the caller's role may not do what the request asks, and that is recorded."""
    # The template: a raw path may hold anything.
    route = getattr(request.scope.get("route"), "path", None)
    details = {"method": request.method, "route": route}
    audit.record_failure("authz_fail", actor=audit.Actor.of(caller.user), details=details)
    return errors.AuthorizationError(Code.FORBIDDEN, "You may not do this.")


Caller = Annotated[Principal, Depends(require_auth())]
RefreshToken = Annotated[str, Depends(_RefreshToken("RefreshToken"))]
