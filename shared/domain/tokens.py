"""JSON Web Tokens (RFC 7519, HS256): derived from a session's row, checked without mercy."""

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal, NoReturn
from uuid import UUID

import jwt
from jwt.utils import base64url_decode

from shared import settings
from shared.domain import signing
from shared.errors import AuthenticationError, Code
from shared.repositories.sessions import SessionRow
from shared.repositories.users import Role

TokenType = Literal["access", "refresh"]

_REQUIRED = ("sub", "username", "role", "exp", "iat", "jti", "sid", "typ", "iss", "aud")


@dataclass(frozen=True, slots=True)
class Claims:
    """What a checked token says."""

    user_id: UUID
    session_id: UUID
    jti: UUID
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class TokenPair:
    """An access token and the refresh token that renews it; `expires_in` in seconds."""

    access_token: str
    refresh_token: str
    expires_in: int


def access_lifetime() -> timedelta:
    """How long an access token lives."""
    return timedelta(minutes=settings.auth().access_token_expire_minutes)


def refresh_lifetime() -> timedelta:
    """How long a session lives without a refresh."""
    return timedelta(days=settings.auth().refresh_token_expire_days)


def derive(session: SessionRow, *, username: str, role: Role) -> TokenPair:
    """The tokens of a session's present state: the same state always gives the same tokens."""
    access_jti = uuid.uuid5(session.jti, "access")
    lifetime = access_lifetime()
    return TokenPair(
        access_token=_encode("access", session, access_jti, lifetime, username, role),
        refresh_token=_encode("refresh", session, session.jti, refresh_lifetime(), username, role),
        expires_in=int(lifetime.total_seconds()),
    )


def _encode(typ: TokenType, session: SessionRow, jti: UUID, lifetime: timedelta, username: str, role: Role) -> str:
    auth = settings.auth()
    claims = {
        "sub": str(session.user_id),
        "username": username,
        "role": role,
        "iat": int(session.refreshed_at.timestamp()),
        "exp": int((session.refreshed_at + lifetime).timestamp()),
        "jti": str(jti),
        "sid": str(session.id),
        "typ": typ,
        "iss": auth.jwt_issuer,
        "aud": auth.jwt_audience,
    }
    keys = signing.keys()
    return jwt.encode(claims, keys.current, algorithm=auth.algorithm, headers={"kid": keys.current_id})


def decode(token: str, typ: TokenType) -> Claims:
    """Check signature, algorithm, times, issuer, audience, type and that no claim is missing.

    Raises:
        AuthenticationError: `TOKEN_EXPIRED` or `TOKEN_INVALID`.
    """
    auth, keys = settings.auth(), signing.keys()
    try:
        kid = _key_id(token.partition(".")[0])
        # PyJWT lets padding through, with which one signature has several spellings (RFC 7515 §2 has none).
        if not isinstance(kid, str) or kid not in keys.by_id or "=" in token:
            _refuse()
        claims: dict[str, Any] = jwt.decode(
            token,
            keys.by_id[kid],
            algorithms=[auth.algorithm],
            issuer=auth.jwt_issuer,
            audience=auth.jwt_audience,
            options={"require": list(_REQUIRED), "strict_aud": True},
        )
        if claims["typ"] != typ:
            _refuse()
        return Claims(
            user_id=UUID(claims["sub"]),
            session_id=UUID(claims["sid"]),
            jti=UUID(claims["jti"]),
            expires_at=datetime.fromtimestamp(claims["exp"], tz=UTC),
        )
    except jwt.ExpiredSignatureError as error:
        raise AuthenticationError(Code.TOKEN_EXPIRED, "The token has expired.") from error
    except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise AuthenticationError(Code.TOKEN_INVALID, "The token is not valid.") from error


@lru_cache(maxsize=8)
def _key_id(header: str) -> object:
    # Only to choose the key: `jwt.decode` checks the header too, and PyJWT's own reader would parse all of it twice.
    return json.loads(base64url_decode(header)).get("kid")


def _refuse() -> NoReturn:
    raise jwt.InvalidTokenError
