"""How accounts are made and sessions begin, go on and end."""

from datetime import datetime
from uuid import UUID

from shared import clock, errors, settings
from shared.db import connection, transaction
from shared.domain import outbox, passwords, tokens
from shared.domain.tokens import TokenPair
from shared.errors import Code
from shared.observability import count, logger
from shared.repositories import sessions, users
from shared.repositories.sessions import OwnedSessionRow
from shared.repositories.users import UserRow


def register(*, username: str, email: str, password: str) -> UserRow:
    """Make an account.

    Raises:
        ValidationError: at `password`, when it is too easy to guess.
        ConflictError: `USERNAME_TAKEN`, `EMAIL_TAKEN`.
    """
    passwords.check(password, own_words=(username, email))
    password_hash = passwords.make_hash(password)
    with connection() as conn:
        return users.insert(conn, username=username, email=email, password_hash=password_hash)


def log_in(*, login: str, password: str, user_agent: str | None, ip: str | None) -> TokenPair:
    """Begin a session. Takes as long for an unknown name as for a wrong password.

    Raises:
        AuthenticationError: `INVALID_CREDENTIALS`.
        AuthorizationError: `ACCOUNT_DISABLED`, with the right password only.
    """
    with connection() as conn:
        found = users.find_credentials(conn, login)
    if not passwords.verify(password, found.password_hash if found else None) or found is None:
        count("LoginFailed")
        raise errors.AuthenticationError(Code.INVALID_CREDENTIALS, "Wrong username or password.")
    if not found.is_active:
        raise errors.AuthorizationError(Code.ACCOUNT_DISABLED, "This account is disabled.")
    upgrade = passwords.make_hash(password) if passwords.needs_rehash(found.password_hash) else None
    now = clock.now()
    with transaction() as conn:
        if upgrade:
            users.update_password_hash(conn, found.id, old=found.password_hash, new=upgrade)
        session = sessions.insert(
            conn,
            user_id=found.id,
            now=now,
            expires_at=now + tokens.refresh_lifetime(),
            user_agent=user_agent,
            ip=ip,
        )
    count("LoginSucceeded")
    return tokens.derive(session, username=found.username, role=found.role)


def refresh(token: str) -> TokenPair:
    """Renew a session's tokens. The token before the present one, shortly after its use, gives the present pair again.

    Raises:
        AuthenticationError: `TOKEN_INVALID`, `TOKEN_EXPIRED`, or `TOKEN_REVOKED`: the session ended, also just now,
            because a token older than that was used again.
        AuthorizationError: `ACCOUNT_DISABLED`.
    """
    claims = tokens.decode(token, "refresh")
    now = clock.now()
    with transaction() as conn:
        session = sessions.lock(conn, claims.session_id, claims.user_id)
        if session is None or session.revoked_at is not None or session.expires_at <= now:
            raise _ended()
        if not session.is_active:
            raise errors.AuthorizationError(Code.ACCOUNT_DISABLED, "This account is disabled.")
        stolen = not (claims.jti == session.jti or _is_retry(session, claims.jti, now))
        if stolen:
            sessions.revoke(conn, session.id)
        elif claims.jti == session.jti:
            session = sessions.rotate(conn, session, now=now, expires_at=now + tokens.refresh_lifetime())
    if stolen:
        count("TokenReused")
        outbox.wake()
        logger.warning("refresh token used again, session revoked", extra={"session_id": str(claims.session_id)})
        raise _ended()
    return tokens.derive(session, username=session.username, role=session.role)


def _is_retry(session: OwnedSessionRow, jti: UUID, now: datetime) -> bool:
    age = (now - session.refreshed_at).total_seconds()
    return jti == session.previous_jti and age <= settings.auth().refresh_reuse_seconds


def _ended() -> errors.AuthenticationError:
    return errors.AuthenticationError(Code.TOKEN_REVOKED, "This session has ended.")


def log_out(*, user_id: UUID, session_id: UUID, jti: UUID, token_expires_at: datetime, all_sessions: bool) -> None:
    """End the session, or all of the user's; this access token and their refresh tokens stop working at once."""
    with transaction() as conn:
        sessions.blacklist(conn, jti, expires_at=token_expires_at)
        if all_sessions:
            sessions.revoke_all(conn, user_id)
        else:
            sessions.revoke(conn, session_id)
    outbox.wake()
