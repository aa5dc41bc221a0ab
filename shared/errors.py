"""The errors the code raises, by class and code.

    ReViewPointException
    ├── AuthenticationError      who are you?
    ├── AuthorizationError       you may not
    ├── ValidationError          the input is wrong, at a field
    ├── FileUploadError          the way the bytes are sent is wrong
    ├── NotFoundError            no such thing, or not yours to know of
    ├── ConflictError            the state of things forbids it
    ├── RateLimitError           too often
    └── ServiceUnavailableError  something needed is not reachable

Nothing here knows HTTP: `shared.http.errors` maps each code to its status, in one table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Code(StrEnum):
    """The error codes on the wire."""

    MALFORMED_REQUEST = "MALFORMED_REQUEST"
    RESET_TOKEN_INVALID = "RESET_TOKEN_INVALID"
    RESET_TOKEN_EXPIRED = "RESET_TOKEN_EXPIRED"
    RESET_TOKEN_USED = "RESET_TOKEN_USED"
    VERIFICATION_TOKEN_INVALID = "VERIFICATION_TOKEN_INVALID"
    VERIFICATION_TOKEN_EXPIRED = "VERIFICATION_TOKEN_EXPIRED"
    VERIFICATION_TOKEN_USED = "VERIFICATION_TOKEN_USED"
    AUTHENTICATION_REQUIRED = "AUTHENTICATION_REQUIRED"
    INVALID_CREDENTIALS = "INVALID_CREDENTIALS"
    TOKEN_INVALID = "TOKEN_INVALID"
    TOKEN_EXPIRED = "TOKEN_EXPIRED"
    TOKEN_REVOKED = "TOKEN_REVOKED"
    FORBIDDEN = "FORBIDDEN"
    ACCOUNT_DISABLED = "ACCOUNT_DISABLED"
    EMAIL_NOT_VERIFIED = "EMAIL_NOT_VERIFIED"
    NOT_FOUND = "NOT_FOUND"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    USERNAME_TAKEN = "USERNAME_TAKEN"
    EMAIL_TAKEN = "EMAIL_TAKEN"
    UPLOAD_NOT_RECEIVED = "UPLOAD_NOT_RECEIVED"
    UPLOAD_NOT_AVAILABLE = "UPLOAD_NOT_AVAILABLE"
    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"
    LAST_ADMIN = "LAST_ADMIN"
    PRECONDITION_FAILED = "PRECONDITION_FAILED"
    QUOTA_EXCEEDED = "QUOTA_EXCEEDED"
    PAYLOAD_TOO_LARGE = "PAYLOAD_TOO_LARGE"
    UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE"
    VALIDATION_ERROR = "VALIDATION_ERROR"
    RATE_LIMITED = "RATE_LIMITED"
    INTERNAL_ERROR = "INTERNAL_ERROR"
    SERVICE_UNAVAILABLE = "SERVICE_UNAVAILABLE"


class ReViewPointException(Exception):
    """An error with a wire code, a message for people, and details for programs."""

    def __init__(self, code: Code, message: str, *, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details


class AuthenticationError(ReViewPointException):
    """The caller is not known."""


class AuthorizationError(ReViewPointException):
    """The caller is known and may not do this."""


class ValidationError(ReViewPointException):
    """A field's value is wrong."""

    def __init__(self, field: str, issue: str) -> None:
        problem = {"field": field, "issue": issue}
        super().__init__(Code.VALIDATION_ERROR, "Invalid input data", details={**problem, "errors": [problem]})


class FileUploadError(ReViewPointException):
    """The bytes were sent in a way that uploads do not work."""


class NotFoundError(ReViewPointException):
    """There is no such thing, or the caller may not know of it."""

    def __init__(self, message: str = "Not found.") -> None:
        super().__init__(Code.NOT_FOUND, message)


class ConflictError(ReViewPointException):
    """The state of things forbids it."""


@dataclass(frozen=True, slots=True)
class Limit:
    """A rate limit and how it stands: at most `count` in `window_seconds`, none left for `reset_seconds`."""

    name: str
    count: int
    window_seconds: int
    reset_seconds: int


class RateLimitError(ReViewPointException):
    """Too many tries."""

    def __init__(self, code: Code, message: str, *, limit: Limit | None = None) -> None:
        super().__init__(code, message, details={"retry_after": limit.reset_seconds} if limit else None)
        self.limit = limit


class ServiceUnavailableError(ReViewPointException):
    """The database or an AWS service is not reachable, or past its deadline."""

    def __init__(self, what: str) -> None:
        super().__init__(Code.SERVICE_UNAVAILABLE, f"The {what} is not available right now. Try again shortly.")
