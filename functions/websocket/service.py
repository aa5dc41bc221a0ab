"""What happens when a socket opens, says something, and closes."""

import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, cast, get_args
from uuid import UUID

from shared import errors
from shared.aws import sockets as gateway
from shared.db import connection, transaction
from shared.domain import notices, outbox, sockets, tokens
from shared.errors import Code, Limit, ReViewPointException
from shared.observability import logger
from shared.repositories import connections
from shared.repositories import notices as notice_rows
from shared.repositories.notices import NoticeType

_MESSAGE_LIMIT = 8 * 1024
_FIELDS = {"type", "id", "timestamp", "data"}
_EVENTS: tuple[str, ...] = get_args(NoticeType)

# A page sends some ten in its whole life.
_FLOOD = Limit("messages", count=100, window_seconds=10, reset_seconds=10)

_RESUME_LIMIT = 200
# Ids are made before the commit, so that a notice may appear after one that is a little younger.
_RESUME_OVERLAP_MS = 60_000


def connect(connection_id: str, token: str) -> None:
    """Open a connection for the session of an access token; the outbox greets it.

    Raises:
        AuthenticationError: the token is not valid, or its session has ended.
        AuthorizationError: `ACCOUNT_DISABLED`.
    """
    claims = tokens.decode(token, "access")
    with transaction() as conn:
        is_active = connections.lock_owner(conn, session_id=claims.session_id, user_id=claims.user_id, jti=claims.jti)
        if is_active is None:
            raise errors.AuthenticationError(Code.TOKEN_REVOKED, "This session has ended.")
        if not is_active:
            raise errors.AuthorizationError(Code.ACCOUNT_DISABLED, "This account is disabled.")
        connections.insert(
            conn,
            connection_id,
            user_id=claims.user_id,
            session_id=claims.session_id,
            most=sockets.MOST_PER_USER,
        )
    outbox.wake()
    logger.info("socket opened", extra={"user_id": str(claims.user_id)})


def disconnect(connection_id: str) -> None:
    """Forget a connection that was closed."""
    with connection() as conn:
        connections.delete(conn, [connection_id])


def answer(connection_id: str, body: str, *, is_binary: bool) -> bytes | None:
    """The reply to a client's message, if there is one.

    Raises:
        ReViewPointException: the message is too large, one too many, or none that we know.
    """
    with connection() as conn:
        sender = connections.count_message(conn, connection_id, window=timedelta(seconds=_FLOOD.window_seconds))
    if sender is None:
        sockets.close([connection_id])
        return None
    if sender.messages > _FLOOD.count:
        message = "Too many messages. Wait some seconds before the next."
        raise errors.RateLimitError(Code.RATE_LIMITED, message, limit=_FLOOD)
    message_type, data = _read(body, is_binary=is_binary)
    match message_type:
        case "ping":
            return notices.message("pong", {})
        case "subscribe":
            return _change_subscription(connection_id, data, connections.subscribe)
        case "unsubscribe":
            return _change_subscription(connection_id, data, connections.unsubscribe)
        case "resume":
            return _resume(connection_id, sender.user_id, data)
        case _:
            raise errors.ValidationError("type", "Must be one of ping, subscribe, unsubscribe, resume")


def refusal(error: ReViewPointException) -> bytes:
    """The message that says what was wrong with the client's."""
    return notices.message("error", {"code": error.code, "message": error.message, "details": error.details})


def _read(body: str, *, is_binary: bool) -> tuple[str, Mapping[str, Any]]:
    """A message's type and data, both checked as far as all messages are alike."""
    if len(body.encode(errors="replace")) > _MESSAGE_LIMIT:
        raise ReViewPointException(Code.PAYLOAD_TOO_LARGE, f"A message may have at most {_MESSAGE_LIMIT} bytes.")
    try:
        message: object = None if is_binary else json.loads(body)
    except (ValueError, RecursionError):
        raise ReViewPointException(Code.MALFORMED_REQUEST, "The message is not valid JSON.") from None
    if not isinstance(message, dict):
        raise ReViewPointException(Code.MALFORMED_REQUEST, "A message is a JSON object with type and data.")
    fields = cast("dict[str, object]", message)
    for name in fields:
        if name not in _FIELDS:
            raise errors.ValidationError(name[:100], "Unknown field")
    message_type, data = fields.get("type"), fields.get("data")
    if not isinstance(message_type, str):
        raise errors.ValidationError("type", "Must be a string")
    if data is not None and not isinstance(data, dict):
        raise errors.ValidationError("data", "Must be an object")
    return message_type, cast("dict[str, Any]", data or {})


def _change_subscription(connection_id: str, data: Mapping[str, Any], change: Callable[..., None]) -> bytes:
    events: object = data.get("events")
    if not isinstance(events, list) or not all(isinstance(event, str) for event in cast("list[object]", events)):
        raise errors.ValidationError("data.events", "Must be a list of strings")
    named = list(dict.fromkeys(cast("list[str]", events)))
    known = [event for event in named if event in _EVENTS]
    with connection() as conn:
        change(conn, connection_id, known)
    return notices.message(
        "subscription.acknowledged",
        {"events": known, "invalid_events": [event for event in named if event not in _EVENTS]},
    )


def _resume(connection_id: str, user_id: UUID, data: Mapping[str, Any]) -> bytes | None:
    """Send again what the user was told since; the reply says so if that was not all."""
    after = _read_notice_id(data.get("after"))
    from_ms = max(0, (after.int >> 80) - _RESUME_OVERLAP_MS)
    with connection() as conn:
        missed = notice_rows.list_missed(
            conn, user_id, after=after, from_id=UUID(int=from_ms << 80), kept=notices.KEPT, limit=_RESUME_LIMIT + 1
        )
    newer = [notice for notice in missed if notice.id > after]
    is_truncated = len(newer) > _RESUME_LIMIT
    for notice in missed[:-1] if is_truncated else missed:
        if not gateway.post(connection_id, notices.message_of(notice)):
            return None
    return notices.message("resume.truncated", {"after": str(newer[-2].id)}) if is_truncated else None


def _read_notice_id(value: object) -> UUID:
    try:
        notice_id = UUID(value) if isinstance(value, str) else None
    except ValueError:
        notice_id = None
    if notice_id is None or notice_id.version != 7:
        raise errors.ValidationError("data.after", "Must be the id of a notice")
    return notice_id
