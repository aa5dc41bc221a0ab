"""Lambda entry point of `websocket`: the events of API Gateway's WebSocket API."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.websocket import service
from shared import errors, settings, start
from shared.domain import origin
from shared.errors import Code, ReViewPointException
from shared.observability import bind, flush_metrics, logger

start.end(
    settings.origin_secrets,
    settings.auth,
    settings.database,
    settings.sockets,
    settings.outbox_queue,
    settings.aws,
    settings.log,
)

_PROTOCOL = "reviewpoint.v1"
_TOKEN_PREFIX = "bearer."  # noqa: S105 - the name of a scheme


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one event; the body, if there is one, is sent to the client."""
    del context
    about = event["requestContext"]
    bind(request_id=about["requestId"])
    try:
        match about["eventType"]:
            case "CONNECT":
                return _connect(about["connectionId"], event["headers"])
            case "DISCONNECT":
                service.disconnect(about["connectionId"])
                return {"statusCode": 200}
            case _:
                return _answer(about["connectionId"], event)
    finally:
        flush_metrics()


def _connect(connection_id: str, headers: Mapping[str, str]) -> dict[str, Any]:
    """Let in who comes through CloudFront and brings a token as a subprotocol.

    A browser can set no header, and a URL would end up in logs.
    """
    offered = [part.strip() for part in _header(headers, "Sec-WebSocket-Protocol").split(",")]
    token = next((part.removeprefix(_TOKEN_PREFIX) for part in offered if part.startswith(_TOKEN_PREFIX)), None)
    try:
        if not origin.is_trusted(_header(headers, origin.SECRET_HEADER)):
            raise errors.AuthorizationError(Code.FORBIDDEN, "Sockets go through the public address of the service.")
        if token is None or _PROTOCOL not in offered:
            raise errors.AuthenticationError(Code.AUTHENTICATION_REQUIRED, "A token is needed.")
        service.connect(connection_id, token)
    except ReViewPointException as error:
        logger.info("socket refused", extra={"reason": error.code})
        return {"statusCode": _status(error)}
    return {"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": _PROTOCOL}}


def _header(headers: Mapping[str, str], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name.lower()), "")


def _status(error: ReViewPointException) -> int:
    match error:
        case errors.AuthenticationError():
            return 401
        case errors.AuthorizationError():
            return 403
        case _:
            return 503


def _answer(connection_id: str, event: Mapping[str, Any]) -> dict[str, Any]:
    try:
        reply = service.answer(connection_id, event.get("body") or "", is_binary=bool(event.get("isBase64Encoded")))
    except ReViewPointException as error:
        reply = service.refusal(error)
    except Exception:
        logger.exception("unexpected error")
        reply = service.refusal(ReViewPointException(Code.INTERNAL_ERROR, "Something went wrong on our side."))
    return {"statusCode": 200, "body": reply.decode()} if reply else {"statusCode": 200}
