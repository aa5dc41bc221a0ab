"""Settings by concern, read once from environment variables.

A handler names the readers it needs, which run at cold start: a wrong variable stops the function
with one line that names it. An empty variable counts as unset; lists are JSON.
"""

import json
import os
import re
from dataclasses import dataclass
from functools import cache, partial
from typing import Annotated, Literal, Self, TypeVar
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    AliasChoices,
    AliasGenerator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_core import CoreSchema, ErrorDetails
from pydantic_core.core_schema import is_instance_schema


class SettingsError(SystemExit):
    """A variable is missing or wrong. Ends the program with its one line, and without a stack."""


def _json_list(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        raise ValueError("must be a JSON list of strings") from error


_RATE = re.compile(r"([1-9]\d{0,6})/([1-9]\d{0,4})([smh])")
_UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600}


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `count` times in a window of `seconds`."""

    count: int
    seconds: int

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> CoreSchema:
        # Else pydantic loads what it has for dataclasses, in every function.
        return is_instance_schema(cls)


def _rate(value: object) -> object:
    if value == "off":
        return None
    if isinstance(value, str):
        found = _RATE.fullmatch(value)
        if found is None:
            raise ValueError("must be <count>/<n><s|m|h> such as 5/15m, or off")
        return Rate(int(found[1]), int(found[2]) * _UNIT_SECONDS[found[3]])
    return value


OptionalRate = Annotated[Rate | None, BeforeValidator(_rate)]
JsonList = Annotated[tuple[str, ...], BeforeValidator(_json_list)]
Seconds = Annotated[int, Field(ge=1)]
UrlSeconds = Annotated[int, Field(ge=1, le=604_800)]
"""S3 refuses a URL that is signed for more than seven days."""


class _Settings(BaseModel):
    # Not pydantic-settings, whose import takes a twentieth of a cold start for what `_read` does.
    model_config = ConfigDict(alias_generator=AliasGenerator(validation_alias=str.upper), extra="ignore", frozen=True)


_S = TypeVar("_S", bound=_Settings)


def _read(kind: type[_S]) -> _S:
    try:
        return kind.model_validate({name: value for name, value in os.environ.items() if value})
    except ValidationError as error:
        raise SettingsError("Bad setting. " + "; ".join(_problem(p) for p in error.errors())) from None


def _problem(error: ErrorDetails) -> str:
    # Never the input: it may be a secret.
    issue = "is not set" if error["type"] == "missing" else error["msg"].removeprefix("Value error, ")
    return f"{str(error['loc'][0]).upper()}: {issue}" if error["loc"] else issue


def _long_enough(key: SecretStr) -> SecretStr:
    if len(key.get_secret_value().encode()) < 32:
        raise ValueError("must have at least 32 bytes")
    return key


def _database(url: SecretStr) -> SecretStr:
    if not re.match(r"postgres(ql)?://|\w+=", url.get_secret_value()):
        raise ValueError("must be a URL such as postgresql://user:password@host/database")
    return url


def _cache_server(url: SecretStr) -> SecretStr:
    if not re.match(r"(rediss?|unix)://", url.get_secret_value()):
        raise ValueError("must be a URL such as redis://host:6379/0")
    return url


def _sender(value: str) -> str:
    if not re.search(r"[^\s<@]@[^\s>@]", value):
        raise ValueError("must be an e-mail address")
    return value


SigningKey = Annotated[SecretStr, AfterValidator(_long_enough)]


class Auth(_Settings):
    """Tokens: keys, claims and lifetimes."""

    secret_key: SigningKey | None = None
    secret_key_arn: str | None = None
    """In AWS: the secret that holds the keys; `shared.domain.signing` has its form."""
    secret_key_id: str = "1"
    previous_secret_key: SigningKey | None = None
    previous_secret_key_id: str | None = None
    algorithm: Literal["HS256"] = "HS256"
    jwt_issuer: str = "reviewpoint"
    jwt_audience: str = "reviewpoint-api"
    access_token_expire_minutes: int = Field(default=60, ge=1)
    refresh_token_expire_days: int = Field(default=7, ge=1)
    refresh_reuse_seconds: int = Field(default=10, ge=0)

    @model_validator(mode="after")
    def _keys_are_whole(self) -> Self:
        if self.secret_key is None and self.secret_key_arn is None:
            raise ValueError("SECRET_KEY: is not set")
        if (self.previous_secret_key is None) != (self.previous_secret_key_id is None):
            raise ValueError("PREVIOUS_SECRET_KEY and PREVIOUS_SECRET_KEY_ID go together")
        if self.previous_secret_key_id == self.secret_key_id:
            raise ValueError("PREVIOUS_SECRET_KEY_ID must differ from SECRET_KEY_ID")
        return self


class Passwords(_Settings):
    """How passwords are judged and hashed."""

    bcrypt_rounds: int = Field(default=12, ge=4, le=16)
    password_min_score: int = Field(default=2, ge=0, le=4)


class OneTimeTokens(_Settings):
    """How long the links in mails work, in seconds, and whether an address counts only once it is verified."""

    email_verification: Literal["off", "required"] = "off"
    verification_ttl: Seconds = 86_400
    password_reset_ttl: Seconds = 3600
    invitation_ttl: Seconds = 259_200


class RateLimits(_Settings):
    """How often the endpoints that ask or mail a secret may be tried; `None` is without a limit."""

    rate_limit_login_account: OptionalRate = Rate(5, 900)
    rate_limit_login_address: OptionalRate = Rate(50, 900)
    rate_limit_register: OptionalRate = Rate(10, 3600)
    rate_limit_reset_account: OptionalRate = Rate(3, 3600)
    rate_limit_reset_address: OptionalRate = Rate(10, 3600)


class Cache(_Settings):
    """A Valkey or Redis that all functions share, if there is one; how long its values live, in seconds."""

    redis_url: Annotated[SecretStr, AfterValidator(_cache_server)] | None = None
    cache_ttl: Seconds = 3600


class Database(_Settings):
    """Where PostgreSQL is: a libpq URL, or (in AWS) host, name and user with IAM.

    `db_secret_arn` names the secret of the database's owner, for the function that migrates; it holds the user too.
    """

    reviewpoint_db_url: Annotated[SecretStr, AfterValidator(_database)] | None = None
    db_host: str | None = None
    db_name: str | None = None
    db_user: str | None = None
    db_secret_arn: str | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if self.reviewpoint_db_url is None and not (self.db_host and self.db_name and self._who):
            raise ValueError("REVIEWPOINT_DB_URL: is not set, nor are DB_HOST, DB_NAME and DB_USER")
        return self

    @property
    def _who(self) -> str | None:
        return self.db_user or self.db_secret_arn


class Storage(_Settings):
    """The bucket of uploads and the rules of what goes in; sizes in bytes, lifetimes in seconds."""

    upload_bucket: str
    max_upload_size: int = Field(default=10_485_760, ge=1, le=5_368_709_120)
    allowed_file_types: Annotated[JsonList, Field(min_length=1)] = (
        "image/jpeg",
        "image/png",
        "application/pdf",
        "text/plain",
    )
    upload_url_ttl: UrlSeconds = 900
    pending_ttl: Seconds = 3600
    download_url_ttl: UrlSeconds = 60
    scan_failed_retention_days: int = Field(default=7, ge=0)
    user_quota_bytes: int = Field(default=1_073_741_824, ge=0)
    user_quota_files: int = Field(default=10_000, ge=1)
    max_pending_uploads: int = Field(default=20, ge=1)
    malware_scanner: Literal["none", "guardduty"] = "none"


class Audit(_Settings):
    """How long the audit trail is kept, in days."""

    audit_retention_days: int = Field(default=365, ge=1)


class Exports(_Settings):
    """The bucket of exports that are too large for an answer."""

    export_bucket: str
    download_url_ttl: UrlSeconds = 60


class Mail(_Settings):
    """The sender of mails."""

    mail_from: Annotated[str, AfterValidator(_sender)]


class UploadQueue(_Settings):
    """The queue whose messages `s3_events` takes."""

    upload_queue_url: str


class ArchiveQueue(_Settings):
    """The queue whose messages `archives` takes."""

    archive_queue_url: str


class OutboxQueue(_Settings):
    """The queue that wakes the `outbox` function."""

    outbox_queue_url: str


class Sockets(_Settings):
    """Where messages to WebSocket connections are sent: API Gateway's management endpoint."""

    socket_endpoint: str


class Aws(_Settings):
    """AWS's own variables. An endpoint is set only where AWS is not the real one."""

    aws_region: str = Field(default="us-east-1", validation_alias=AliasChoices("AWS_REGION", "AWS_DEFAULT_REGION"))
    aws_access_key_id: str = ""
    aws_secret_access_key: SecretStr = SecretStr("")
    aws_session_token: SecretStr | None = None
    endpoint: str | None = Field(default=None, validation_alias="AWS_ENDPOINT_URL")
    s3_endpoint: str | None = Field(
        default=None, validation_alias=AliasChoices("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")
    )


class Http(_Settings):
    """Who may call from a browser."""

    public_url: str = "http://localhost:8000"
    allowed_origins: JsonList = ("http://localhost:3000",)

    @property
    def origins(self) -> frozenset[str]:
        """`ALLOWED_ORIGINS` and the origin of `PUBLIC_URL`, exact."""
        parts = urlsplit(self.public_url)
        return frozenset({*self.allowed_origins, f"{parts.scheme}://{parts.netloc}"})

    @model_validator(mode="after")
    def _origins_are_exact(self) -> Self:
        for origin in self.allowed_origins:
            parts = urlsplit(origin)
            if parts.scheme not in {"http", "https"} or origin != f"{parts.scheme}://{parts.netloc}":
                raise ValueError("ALLOWED_ORIGINS takes exact origins such as https://example.org")
        if urlsplit(self.public_url).scheme not in {"http", "https"}:
            raise ValueError("PUBLIC_URL must be an http or https URL")
        return self


class OriginSecrets(_Settings):
    """Secrets that prove, in AWS, that a request came through the stack's own CloudFront; either will do."""

    origin_secret_arn: str | None = None
    next_origin_secret_arn: str | None = None

    @property
    def arns(self) -> tuple[str, ...]:
        """Those that there are; none on one machine, where every request is served."""
        return tuple(arn for arn in (self.origin_secret_arn, self.next_origin_secret_arn) if arn)


class Log(_Settings):
    """How much is logged, and in which form."""

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["json", "text"] = "json"
    debug: bool = False

    @property
    def level(self) -> str:
        """The least that is logged; all that `DEBUG` does is to lower it."""
        return "DEBUG" if self.debug else self.log_level


auth = cache(partial(_read, Auth))
passwords = cache(partial(_read, Passwords))
one_time_tokens = cache(partial(_read, OneTimeTokens))
rate_limits = cache(partial(_read, RateLimits))
cache_server = cache(partial(_read, Cache))
audit = cache(partial(_read, Audit))
exports = cache(partial(_read, Exports))
mail = cache(partial(_read, Mail))
database = cache(partial(_read, Database))
storage = cache(partial(_read, Storage))
upload_queue = cache(partial(_read, UploadQueue))
archive_queue = cache(partial(_read, ArchiveQueue))
outbox_queue = cache(partial(_read, OutboxQueue))
sockets = cache(partial(_read, Sockets))
aws = cache(partial(_read, Aws))
http = cache(partial(_read, Http))
origin_secrets = cache(partial(_read, OriginSecrets))
log = cache(partial(_read, Log))
