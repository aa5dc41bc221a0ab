"""What the shell and `.env` say, and what each function is told."""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from dotenv import dotenv_values

from infra_local.emulator import CREDENTIALS
from infra_local.errors import StartError

# The application's settings that a shell or `.env` may set; nothing else gets into a function.
_PASSED_ON = frozenset(
    {
        "ACCESS_TOKEN_EXPIRE_MINUTES",
        "ALGORITHM",
        "ALLOWED_FILE_TYPES",
        "ALLOWED_ORIGINS",
        "AUDIT_RETENTION_DAYS",
        "BCRYPT_ROUNDS",
        "CACHE_TTL",
        "DEBUG",
        "DOWNLOAD_URL_TTL",
        "EMAIL_VERIFICATION",
        "EXPORT_BUCKET",
        "INVITATION_TTL",
        "JWT_AUDIENCE",
        "JWT_ISSUER",
        "LOG_FORMAT",
        "LOG_LEVEL",
        "MAIL_FROM",
        "MALWARE_SCANNER",
        "MAX_PENDING_UPLOADS",
        "MAX_UPLOAD_SIZE",
        "PASSWORD_MIN_SCORE",
        "PASSWORD_RESET_TTL",
        "PENDING_TTL",
        "PREVIOUS_SECRET_KEY",
        "PREVIOUS_SECRET_KEY_ID",
        "PUBLIC_URL",
        "RATE_LIMIT_LOGIN_ACCOUNT",
        "RATE_LIMIT_LOGIN_ADDRESS",
        "RATE_LIMIT_REGISTER",
        "RATE_LIMIT_RESET_ACCOUNT",
        "RATE_LIMIT_RESET_ADDRESS",
        "REDIS_URL",
        "REFRESH_REUSE_SECONDS",
        "REFRESH_TOKEN_EXPIRE_DAYS",
        "REVIEWPOINT_DB_URL",
        "SCAN_FAILED_RETENTION_DAYS",
        "SECRET_KEY",
        "SECRET_KEY_ID",
        "UPLOAD_BUCKET",
        "UPLOAD_URL_TTL",
        "USER_QUOTA_BYTES",
        "USER_QUOTA_FILES",
        "VERIFICATION_TTL",
    }
)
_DEFAULT_ORIGINS = ["http://localhost:3000"]


@dataclass(frozen=True, slots=True)
class Settings:
    """This machine's settings.

    Attributes:
        root: The folder that holds `functions/`, `shared/` and `web/`.
        variables: The application's settings as set by the user; an empty one counts as unset.
    """

    root: Path
    local_dir: Path
    port: int
    s3_port: int
    variables: Mapping[str, str]

    @property
    def endpoint(self) -> str:
        """Where the emulator listens."""
        return f"http://127.0.0.1:{self.s3_port}"

    @property
    def socket_endpoint(self) -> str:
        """Where functions send messages to sockets: the gateway itself, as API Gateway's management API."""
        return f"http://127.0.0.1:{self.port}/_local/ws"

    @property
    def own_origins(self) -> tuple[str, str]:
        """The page's origins on this machine."""
        return f"http://localhost:{self.port}", f"http://127.0.0.1:{self.port}"

    @property
    def upload_bucket(self) -> str:
        """The bucket that browsers put into."""
        return self.variables.get("UPLOAD_BUCKET", "reviewpoint-uploads")

    @property
    def export_bucket(self) -> str:
        """The bucket of exports."""
        return self.variables.get("EXPORT_BUCKET", "reviewpoint-exports")

    @property
    def mail_from(self) -> str:
        """The sender of mails."""
        return self.variables.get("MAIL_FROM", "no-reply@reviewpoint.test")

    def allowed_origins(self) -> list[str] | None:
        """Whom CORS lets in; None when the variable is wrong, which the functions then say."""
        value = self.variables.get("ALLOWED_ORIGINS")
        try:
            origins: object = json.loads(value) if value else _DEFAULT_ORIGINS
        except ValueError:
            return None
        if not isinstance(origins, list):
            return None
        named = [origin for origin in cast("list[object]", origins) if isinstance(origin, str)]
        return list(dict.fromkeys([*named, *self.own_origins]))


def load(root: Path, environ: Mapping[str, str]) -> Settings:
    """Read the shell's variables over those of `.env`.

    Raises:
        StartError: A port that is none.
    """
    merged = {name: value for name, value in dotenv_values(root / ".env").items() if value}
    merged |= {name: value for name, value in environ.items() if value}
    port, s3_port = _port(merged, "PORT", 8000), _port(merged, "S3_PORT", 9000)
    if port == s3_port:
        raise StartError(f"PORT and S3_PORT are both {port}; they must differ")
    return Settings(
        root=root,
        local_dir=(root / merged.get("LOCAL_DIR", ".local")).resolve(),
        port=port,
        s3_port=s3_port,
        variables={name: value for name, value in merged.items() if name in _PASSED_ON},
    )


def _port(variables: Mapping[str, str], name: str, default: int) -> int:
    value = variables.get(name, str(default))
    if not value.isdecimal() or not 0 < int(value) < 65536:
        raise StartError(f"{name} must be a port number, 1 to 65535, not {value!r}")
    return int(value)


def secret_key(local_dir: Path) -> str:
    """The key of this machine, made once; only its owner may read it."""
    file = local_dir / "secret_key"
    if not file.exists():
        fresh = file.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
            stream.write(secrets.token_urlsafe(48))
        fresh.replace(file)
    return file.read_text()


def function_variables(settings: Settings, *, database_url: str, queue_urls: Mapping[str, str]) -> dict[str, str]:
    """The environment of every function, but for what Lambda itself adds."""
    origins = settings.allowed_origins()
    given = dict(settings.variables)
    return {
        "PUBLIC_URL": settings.own_origins[0],
        "MAIL_FROM": settings.mail_from,
        "UPLOAD_BUCKET": settings.upload_bucket,
        "EXPORT_BUCKET": settings.export_bucket,
        "SECRET_KEY": given.get("SECRET_KEY") or secret_key(settings.local_dir),
        **given,
        **({"ALLOWED_ORIGINS": json.dumps(origins)} if origins is not None else {}),
        "REVIEWPOINT_DB_URL": database_url,
        "UPLOAD_QUEUE_URL": queue_urls["uploads"],
        "OUTBOX_QUEUE_URL": queue_urls["outbox"],
        "ARCHIVE_QUEUE_URL": queue_urls["archives"],
        "SOCKET_ENDPOINT": settings.socket_endpoint,
        "AWS_ENDPOINT_URL": settings.endpoint,
        **CREDENTIALS,
    }
