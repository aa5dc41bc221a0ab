"""Which variables each reader of `shared.settings` reads; a contract test holds the two equal.

A function gets those of its readers' variables that have a value here or in its environment's `settings`.
"""

from collections.abc import Mapping, Sequence

READERS: Mapping[str, tuple[str, ...]] = {
    "auth": (
        "SECRET_KEY",
        "SECRET_KEY_ARN",
        "SECRET_KEY_ID",
        "PREVIOUS_SECRET_KEY",
        "PREVIOUS_SECRET_KEY_ID",
        "ALGORITHM",
        "JWT_ISSUER",
        "JWT_AUDIENCE",
        "ACCESS_TOKEN_EXPIRE_MINUTES",
        "REFRESH_TOKEN_EXPIRE_DAYS",
        "REFRESH_REUSE_SECONDS",
    ),
    "passwords": ("BCRYPT_ROUNDS", "PASSWORD_MIN_SCORE"),
    "one_time_tokens": ("PASSWORD_RESET_TTL", "INVITATION_TTL", "EMAIL_VERIFICATION", "VERIFICATION_TTL"),
    "rate_limits": (
        "RATE_LIMIT_LOGIN_ACCOUNT",
        "RATE_LIMIT_LOGIN_ADDRESS",
        "RATE_LIMIT_REGISTER",
        "RATE_LIMIT_RESET_ACCOUNT",
        "RATE_LIMIT_RESET_ADDRESS",
    ),
    "cache_server": ("REDIS_URL", "CACHE_TTL"),
    "mail": ("MAIL_FROM",),
    "audit": ("AUDIT_RETENTION_DAYS",),
    "exports": ("EXPORT_BUCKET", "DOWNLOAD_URL_TTL"),
    "sockets": ("SOCKET_ENDPOINT",),
    "database": ("REVIEWPOINT_DB_URL", "DB_HOST", "DB_NAME", "DB_USER", "DB_SECRET_ARN"),
    "storage": (
        "UPLOAD_BUCKET",
        "MAX_UPLOAD_SIZE",
        "ALLOWED_FILE_TYPES",
        "UPLOAD_URL_TTL",
        "PENDING_TTL",
        "DOWNLOAD_URL_TTL",
        "MALWARE_SCANNER",
        "MAX_PENDING_UPLOADS",
        "SCAN_FAILED_RETENTION_DAYS",
        "USER_QUOTA_BYTES",
        "USER_QUOTA_FILES",
    ),
    "archive_queue": ("ARCHIVE_QUEUE_URL",),
    "upload_queue": ("UPLOAD_QUEUE_URL",),
    "outbox_queue": ("OUTBOX_QUEUE_URL",),
    "aws": (
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_ENDPOINT_URL",
        "AWS_ENDPOINT_URL_S3",
    ),
    "http": ("PUBLIC_URL", "ALLOWED_ORIGINS"),
    "origin_secrets": ("ORIGIN_SECRET_ARN", "NEXT_ORIGIN_SECRET_ARN"),
    "log": ("LOG_LEVEL", "LOG_FORMAT", "DEBUG"),
}


def variables_of(readers: Sequence[str], values: Mapping[str, str]) -> dict[str, str]:
    """The part of `values` that these readers read."""
    names = {name for reader in readers for name in READERS[reader]}
    return {name: value for name, value in sorted(values.items()) if name in names}
