"""How accounts are made and sessions begin, go on and end."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from shared import clock, errors, settings
from shared.db import Connection, Listing, Position, connection, transaction
from shared.domain import addresses, audit, mails, outbox, passwords, rate_limits, reauthentication, tokens
from shared.domain.audit import Action, Actor
from shared.domain.rate_limits import Attempt
from shared.domain.tokens import TokenPair
from shared.errors import Code
from shared.observability import count, logger
from shared.repositories import audit_events, one_time_tokens, sessions, users
from shared.repositories.audit_events import SignInRow
from shared.repositories.sessions import OwnedSessionRow, PlaceRow
from shared.repositories.users import CredentialsRow, UserRow


def register(*, username: str, email: str, password: str, ip: str | None) -> UserRow:
    """Make an account.

    Raises:
        ConflictError: `USERNAME_TAKEN`, `EMAIL_TAKEN`.
        RateLimitError: too many from that address.
    """
    rate_limits.registration(ip)
    password_hash = passwords.make_hash(password)
    with transaction() as conn:
        user = users.insert(conn, username=username, email=email, password_hash=password_hash, verified=False)
        mails.request_verification(conn, email, user.id)
        audit.record(conn, "user_created", actor=Actor.of(user), target=("user", user.id))
    outbox.wake()
    return user


def log_in(*, login: str, password: str, user_agent: str | None, ip: str | None) -> TokenPair:
    """Begin a session. Takes as long for an unknown name as for a wrong password.

    Raises:
        AuthenticationError: `INVALID_CREDENTIALS`.
        AuthorizationError: `ACCOUNT_DISABLED`, `EMAIL_NOT_VERIFIED`, with the right password only.
        RateLimitError: too many failures before, also with the right password.
    """
    with connection() as conn:
        found = users.find_credentials(conn, login)
    attempt = _count_login(found, login, ip)
    if not passwords.verify(password, found.password_hash if found else None) or found is None:
        count("LoginFailed")
        _record_refusal("authn_login_fail", found, "wrong_credentials")
        raise errors.AuthenticationError(Code.INVALID_CREDENTIALS, "Wrong username or password.")
    if not found.is_active:
        rate_limits.give_back(attempt)
        _record_refusal("authn_login_fail", found, "account_disabled")
        raise errors.AuthorizationError(Code.ACCOUNT_DISABLED, "This account is disabled.")
    if addresses.must_be_verified() and not found.is_verified:
        rate_limits.give_back(attempt)
        _record_refusal("authn_login_fail", found, "email_not_verified")
        raise addresses.refuse_unverified()
    upgrade = passwords.make_hash(password) if passwords.needs_rehash(found.password_hash) else None
    now = clock.now()
    rate_limits.give_back(attempt)
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
        audit.record(conn, "authn_login_success", actor=Actor(found.id, found.role), target=("user", found.id))
    count("LoginSucceeded")
    return tokens.derive(session, username=found.username, role=found.role)


def _count_login(found: CredentialsRow | None, login: str, ip: str | None) -> Attempt:
    try:
        return rate_limits.login(found.id if found else login, ip)
    except errors.RateLimitError:
        _record_refusal("authn_login_lock", found, "too_many_failures")
        raise


def _record_refusal(action: Action, found: CredentialsRow | None, reason: str) -> None:
    # Also where there is no account: it takes as long.
    audit.record_failure(action, target=("user", found.id) if found else None, details={"reason": reason})


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
            mails.notify(conn, "token_reused", session.user_id)
            audit.record(
                conn,
                "authn_token_reuse",
                target=("user", session.user_id),
                outcome="failure",
                details={"session_id": str(session.id)},
            )
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


def log_out(user: UserRow, *, session_id: UUID, jti: UUID, token_expires_at: datetime, all_sessions: bool) -> None:
    """End the session, or all of the user's; this access token and their refresh tokens stop working at once."""
    with transaction() as conn:
        sessions.blacklist(conn, jti, expires_at=token_expires_at)
        if all_sessions:
            sessions.revoke_all(conn, user.id)
        else:
            sessions.revoke(conn, session_id)
        _record_end(conn, user, session_id, {"by": "logout", "all_sessions": all_sessions})
    outbox.wake()


def _record_end(conn: Connection, user: UserRow, session_id: UUID, details: Mapping[str, Any]) -> None:
    audit.record(conn, "session_ended", actor=Actor.of(user), target=("session", session_id), details=details)


def list_sign_ins(user_id: UUID, *, limit: int, after: Position | None) -> Listing[SignInRow]:
    """The user's sign-ins, also those that failed, newest first."""
    with connection() as conn:
        return audit_events.list_sign_ins(conn, user_id, limit=limit, after=after)


def list_sessions(user_id: UUID, *, limit: int, after: Position | None) -> Listing[PlaceRow]:
    """The user's live sessions, newest first."""
    with connection() as conn:
        return sessions.list_page(conn, user_id=user_id, limit=limit, after=after)


def end_session(user: UserRow, session_id: UUID) -> None:
    """End one of the user's sessions, also the one that asks; its tokens stop working at once.

    Raises:
        NotFoundError: it is not the user's, or has ended.
    """
    with transaction() as conn:
        if not sessions.revoke_owned(conn, session_id, user_id=user.id):
            raise errors.NotFoundError("There is no such session.")
        _record_end(conn, user, session_id, {"by": "owner"})
    outbox.wake()


def change_password(user: UserRow, *, session_id: UUID, current: str, new: str, ip: str | None) -> None:
    """Set another password; every session but this one ends, and so does every reset link.

    Raises:
        ValidationError: at `new_password`, when it is too easy to guess.
        AuthorizationError: `FORBIDDEN` at `current_password`.
        RateLimitError: too many wrong passwords before.
    """
    passwords.check(new, own_words=(user.username, user.email), field="new_password")
    kept = reauthentication.confirm_password(
        user.id, current, ip=ip, field="current_password", action="authn_password_change_fail"
    )
    new_hash = passwords.make_hash(new)
    with transaction() as conn:
        if not users.update_password_hash(conn, user.id, old=kept, new=new_hash):
            # Somebody set another password while this one was hashed: the current one is not current any more.
            raise reauthentication.wrong_password("current_password")
        sessions.revoke_all(conn, user.id, but=session_id)
        one_time_tokens.delete_unused(conn, user.id, kind="password_reset")
        mails.notify(conn, "password_changed", user.id)
        audit.record(conn, "authn_password_change", actor=Actor.of(user), target=("user", user.id))
    outbox.wake()


def request_password_reset(email: str, *, ip: str | None) -> None:
    """Have a link mailed, if the address is an account's. The steps are the same if it is not, so nothing here tells.

    Raises:
        RateLimitError: too many for that address, or from there.
    """
    rate_limits.reset_request(email, ip)
    with transaction() as conn:
        mails.request_reset(conn, email)
        found = users.find_by_email(conn, email)
        audit.record(conn, "authn_password_reset_requested", target=("user", found.id) if found else None)
    outbox.wake()


def reset_password(*, token: str, new: str) -> None:
    """Set a password by a link from a mail, which works once; every session of the account ends.

    Raises:
        ReViewPointException: `RESET_TOKEN_INVALID`, `RESET_TOKEN_EXPIRED`, `RESET_TOKEN_USED`.
        ValidationError: at `new_password`, when it is too easy to guess; the link works on.
    """
    token_hash = mails.hash_token(token)
    with connection() as conn:
        found = one_time_tokens.find(conn, "password_reset", token_hash)
    found = mails.usable(found, "RESET")
    passwords.check(new, own_words=(found.username, found.email), field="new_password")
    new_hash = passwords.make_hash(new)
    with transaction() as conn:
        if not one_time_tokens.use(conn, found.id):
            raise mails.link_error("RESET", "USED")
        one_time_tokens.record_reset(conn, email=found.email, token_hash=token_hash)
        users.set_password_hash(conn, found.user_id, new_hash)
        sessions.revoke_all(conn, found.user_id)
        one_time_tokens.delete_unused(conn, found.user_id, kind="password_reset")
        mails.notify(conn, "password_reset_done", found.user_id)
        audit.record(conn, "authn_password_reset", target=("user", found.user_id))
    outbox.wake()


def verify_email(token: str) -> None:
    """Verify an address by the link that was mailed to it, which works once.

    Raises:
        ReViewPointException: `VERIFICATION_TOKEN_INVALID`, `VERIFICATION_TOKEN_EXPIRED`, `VERIFICATION_TOKEN_USED`.
        ConflictError: `EMAIL_TAKEN`, by somebody else while it waited.
    """
    with transaction() as conn:
        user = addresses.verify(conn, token)
        audit.record(conn, "email_verified", target=("user", user.id))
    outbox.wake()


def request_verification(email: str, *, ip: str | None) -> None:
    """Have a link mailed to an address, if it is to be verified. Whether it is, is looked up when the mail is written.

    Raises:
        RateLimitError: too many for that address, or from there.
    """
    rate_limits.verification_request(email, ip)
    with connection() as conn:
        mails.request_verification(conn, email)
    outbox.wake()
