"""The FastAPI application of an endpoint group, and its Lambda handler."""

import base64
from collections.abc import Callable, Sequence
from typing import Any, cast

from fastapi import APIRouter, FastAPI
from mangum import Mangum
from starlette.types import ASGIApp

from shared import settings, start
from shared.errors import Code
from shared.http.client import SourceMiddleware
from shared.http.errors import add_exception_handlers, error_responses
from shared.http.middleware import MALFORMED_EVENT, BodyMiddleware, CorsMiddleware, RequestMiddleware
from shared.http.origin import OriginMiddleware
from shared.observability import flush_metrics, logger

API_PREFIX = "/api/v1"
VERSION = "0.1.0"

COMMON_CODES = (
    Code.MALFORMED_REQUEST,
    Code.PAYLOAD_TOO_LARGE,
    Code.UNSUPPORTED_MEDIA_TYPE,
    Code.VALIDATION_ERROR,
    Code.INTERNAL_ERROR,
    Code.SERVICE_UNAVAILABLE,
)
"""What any endpoint can answer."""

Event = dict[str, Any]
Handler = Callable[[Event, Any], dict[str, Any]]


def group_router(path: str, *, tag: str) -> APIRouter:
    """The router of an endpoint group under `/api/v1`, with the errors that any endpoint can give."""
    return APIRouter(
        prefix=f"{API_PREFIX}{path}",
        tags=[tag],
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        responses=error_responses(*COMMON_CODES),
    )


def create_app(router: APIRouter, *, needs: Sequence[Callable[[], object]]) -> ASGIApp:
    """The group's application in its frame; `needs` are the settings it reads, checked here, at start.

    Raises:
        SettingsError: a variable is missing or wrong.
    """
    for reader in (settings.http, settings.origin_secrets, settings.log, settings.aws, *needs):
        reader()
    app = FastAPI(
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    # Not `include_router`, which keeps the routes apart and builds each once more, at the first request.
    app.router.routes.extend(router.routes)
    app.state.router = router
    add_exception_handlers(app)
    origins = sorted(settings.http().origins)
    return RequestMiddleware(OriginMiddleware(SourceMiddleware(CorsMiddleware(BodyMiddleware(app), origins))))


def lambda_handler(app: ASGIApp) -> Handler:
    """The Lambda entry point that answers API Gateway's HTTP events (payload 2.0) with the application."""
    adapter = Mangum(
        cast("Any", app), lifespan="off", text_mime_types=["text/", "application/json", "application/javascript"]
    )

    @logger.inject_lambda_context(clear_state=True)
    def handle(event: Event, context: Any) -> dict[str, Any]:
        try:
            _check_base64(event)
            return adapter(event, context)
        except ValueError:
            # Nothing that the application raises gets here: the adapter could not read what the client sent.
            return adapter(_without_content(event), context)
        finally:
            flush_metrics()

    start.end()
    return handle


def _check_base64(event: Event) -> None:
    if event.get("isBase64Encoded"):
        base64.b64decode(event.get("body") or "", validate=True)


def _without_content(event: Event) -> Event:
    empty: Event = {"headers": {}, "cookies": [], "rawQueryString": "", "body": None, "isBase64Encoded": False}
    return {**event, **empty, MALFORMED_EVENT: True}
