"""Errors on the wire: one table of statuses, one envelope, for ours and the framework's."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Match, Route

from shared import clock
from shared.errors import Code, Limit, RateLimitError, ReViewPointException

STATUS: Mapping[Code, int] = {
    Code.MALFORMED_REQUEST: 400,
    Code.RESET_TOKEN_INVALID: 400,
    Code.RESET_TOKEN_EXPIRED: 400,
    Code.RESET_TOKEN_USED: 400,
    Code.VERIFICATION_TOKEN_INVALID: 400,
    Code.VERIFICATION_TOKEN_EXPIRED: 400,
    Code.VERIFICATION_TOKEN_USED: 400,
    Code.AUTHENTICATION_REQUIRED: 401,
    Code.INVALID_CREDENTIALS: 401,
    Code.TOKEN_INVALID: 401,
    Code.TOKEN_EXPIRED: 401,
    Code.TOKEN_REVOKED: 401,
    Code.FORBIDDEN: 403,
    Code.ACCOUNT_DISABLED: 403,
    Code.EMAIL_NOT_VERIFIED: 403,
    Code.NOT_FOUND: 404,
    Code.METHOD_NOT_ALLOWED: 405,
    Code.USERNAME_TAKEN: 409,
    Code.EMAIL_TAKEN: 409,
    Code.UPLOAD_NOT_RECEIVED: 409,
    Code.UPLOAD_NOT_AVAILABLE: 409,
    Code.IDEMPOTENCY_CONFLICT: 409,
    Code.LAST_ADMIN: 409,
    Code.PRECONDITION_FAILED: 412,
    Code.QUOTA_EXCEEDED: 409,
    Code.PAYLOAD_TOO_LARGE: 413,
    Code.UNSUPPORTED_MEDIA_TYPE: 415,
    Code.VALIDATION_ERROR: 422,
    Code.RATE_LIMITED: 429,
    Code.INTERNAL_ERROR: 500,
    Code.SERVICE_UNAVAILABLE: 503,
}

_RETRY_AFTER_SECONDS = 5
_MOST_PROBLEMS = 50
_FIELD_LENGTH = 100
_TOKEN_CODES = {Code.TOKEN_INVALID, Code.TOKEN_EXPIRED, Code.TOKEN_REVOKED}


class ErrorBody(BaseModel):
    """What went wrong: `code` for programs, `message` for people."""

    code: Code
    message: str
    details: dict[str, Any] | None
    timestamp: str
    request_id: str


class ErrorEnvelope(BaseModel):
    """The body of every answer that is not a success."""

    error: ErrorBody


def error_responses(*codes: Code) -> dict[int | str, dict[str, Any]]:
    """The `responses` of an endpoint's documentation, from the table that the answers come from."""
    by_status: dict[int, list[Code]] = {}
    for code in codes:
        by_status.setdefault(STATUS[code], []).append(code)
    return {
        status: {"model": ErrorEnvelope, "description": ", ".join(f"`{code}`" for code in group)}
        for status, group in sorted(by_status.items())
    }


def respond(
    request_id: str,
    code: Code,
    message: str,
    details: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """An error as its answer, in the envelope."""
    timestamp = clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    body = {"code": code, "message": message, "details": details, "timestamp": timestamp, "request_id": request_id}
    return JSONResponse({"error": body}, STATUS[code], {**_headers_of(code), **(headers or {})})


def _headers_of(code: Code) -> dict[str, str]:
    if code in _TOKEN_CODES:
        return {"WWW-Authenticate": 'Bearer error="invalid_token"'}
    if code is Code.AUTHENTICATION_REQUIRED:
        return {"WWW-Authenticate": "Bearer"}
    if code is Code.SERVICE_UNAVAILABLE:
        return {"Retry-After": str(_RETRY_AFTER_SECONDS)}
    return {}


def add_exception_handlers(app: FastAPI) -> None:
    """Map all that endpoints and the framework raise to the envelope."""
    app.add_exception_handler(ReViewPointException, _on_ours)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_unexpected)


async def _on_ours(request: Request, error: Exception) -> Response:
    error = cast("ReViewPointException", error)
    headers = _limit_headers(error.limit) if isinstance(error, RateLimitError) and error.limit else None
    return respond(request.state.request_id, error.code, error.message, error.details, headers)


def _limit_headers(limit: Limit) -> dict[str, str]:
    # draft-ietf-httpapi-ratelimit-headers-10, beside RFC 9110's Retry-After.
    return {
        "Retry-After": str(limit.reset_seconds),
        "RateLimit-Policy": f'"{limit.name}";q={limit.count};w={limit.window_seconds}',
        "RateLimit": f'"{limit.name}";r=0;t={limit.reset_seconds}',
    }


async def _on_unexpected(request: Request, error: Exception) -> Response:
    del error  # Starlette raises it again, and the middleware logs it.
    return respond(request.state.request_id, Code.INTERNAL_ERROR, "Something went wrong on our side.")


async def _on_http(request: Request, error: Exception) -> Response:
    error = cast("HTTPException", error)
    request_id = request.state.request_id
    if error.status_code == 404:
        return respond(request_id, Code.NOT_FOUND, "There is nothing here.")
    if error.status_code == 405:
        allow = {"Allow": ", ".join(_allowed_methods(request))}
        return respond(request_id, Code.METHOD_NOT_ALLOWED, "This method is not allowed here.", headers=allow)
    return respond(request_id, Code.MALFORMED_REQUEST, "The body is not valid JSON.")


def _allowed_methods(request: Request) -> list[str]:
    # Starlette names the methods of the first route that matches the path; a resource may have several routes.
    methods: set[str] = set()
    for route in request.app.state.router.routes:
        if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE:
            methods |= route.methods or set()
    return sorted(methods | ({"HEAD"} if "GET" in methods else set()))


async def _on_invalid(request: Request, error: Exception) -> Response:
    problems = cast("RequestValidationError", error).errors()
    request_id = request.state.request_id
    if any(problem["type"] == "json_invalid" for problem in problems):
        return respond(request_id, Code.MALFORMED_REQUEST, "The body is not valid JSON.")
    errors = [_problem(problem) for problem in problems[:_MOST_PROBLEMS]]
    return respond(request_id, Code.VALIDATION_ERROR, "Invalid input data", {**errors[0], "errors": errors})


def _problem(problem: Mapping[str, Any]) -> dict[str, str]:
    # Only the message: the input may be a secret.
    return {"field": _field(problem["loc"]), "issue": str(problem["msg"]).removeprefix("Value error, ")}


def _field(loc: Sequence[int | str]) -> str:
    path = [str(part) for part in (loc[1:] or loc)]
    # A client's own key may be long, or hold what UTF-8 has no bytes for.
    return ".".join(path)[:_FIELD_LENGTH].encode(errors="replace").decode()
