"""The table of errors, as clients were promised it."""

from shared.errors import Code
from shared.http.errors import STATUS

PROMISED = {
    400: {
        "MALFORMED_REQUEST",
        "RESET_TOKEN_INVALID",
        "RESET_TOKEN_EXPIRED",
        "RESET_TOKEN_USED",
        "VERIFICATION_TOKEN_INVALID",
        "VERIFICATION_TOKEN_EXPIRED",
        "VERIFICATION_TOKEN_USED",
    },
    401: {"AUTHENTICATION_REQUIRED", "INVALID_CREDENTIALS", "TOKEN_INVALID", "TOKEN_EXPIRED", "TOKEN_REVOKED"},
    403: {"FORBIDDEN", "ACCOUNT_DISABLED", "EMAIL_NOT_VERIFIED"},
    404: {"NOT_FOUND"},
    405: {"METHOD_NOT_ALLOWED"},
    409: {
        "USERNAME_TAKEN",
        "EMAIL_TAKEN",
        "UPLOAD_NOT_RECEIVED",
        "UPLOAD_NOT_AVAILABLE",
        "QUOTA_EXCEEDED",
        "IDEMPOTENCY_CONFLICT",
        "LAST_ADMIN",
    },
    412: {"PRECONDITION_FAILED"},
    413: {"PAYLOAD_TOO_LARGE"},
    415: {"UNSUPPORTED_MEDIA_TYPE"},
    422: {"VALIDATION_ERROR"},
    429: {"RATE_LIMITED"},
    500: {"INTERNAL_ERROR"},
    503: {"SERVICE_UNAVAILABLE"},
}


def test_every_code_has_its_promised_status() -> None:
    made = {status: {code.value for code in Code if STATUS[code] == status} for status in set(STATUS.values())}

    assert made == PROMISED
