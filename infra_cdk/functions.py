"""The functions of the stack, one entry each: what it costs, what invokes it, what it reads and what it may do.

`tests/contracts` holds each entry against the code: `settings` against the handler's readers, `permissions` against
the calls that the code can reach, routes and times against the local system.
"""

from dataclasses import dataclass

DEFAULT_ROUTE = "$default"


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionSpec:
    """One Lambda function.

    Attributes:
        why: The reason for its memory and timeout.
        settings: The readers of `shared.settings` that it uses; they give it its variables, secrets and database.
        permissions: Names in `permissions.py`.
        routes: Path prefixes of the HTTP API, each with all that lies below it; `$default` takes the rest.
        queue: The queue whose messages invoke it.
        schedule_minutes: How often a rule invokes it.
        sockets: Whether it takes the events of the WebSocket API.
        batch_size: How many messages one invocation takes.
        reads_unscanned: Whether it has to look at uploads that no scanner has called clean.
        reserved_concurrency: The most environments at once, where the database must be protected.
    """

    name: str
    why: str
    memory_mib: int = 512
    timeout_seconds: int = 10
    settings: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()
    queue: str | None = None
    batch_size: int = 1
    schedule_minutes: int | None = None
    sockets: bool = False
    reads_unscanned: bool = False
    reserved_concurrency: int | None = None

    @property
    def handler(self) -> str:
        """The dotted name that Lambda is configured with."""
        return f"functions.{self.name}.handler.handler"

    @property
    def construct_id(self) -> str:
        """The name in the stack, as `S3Events`."""
        return "".join(part.capitalize() for part in self.name.split("_"))

    @property
    def uses_database(self) -> bool:
        """Whether it needs the network of the database."""
        return "database" in self.settings

    @property
    def owns_database(self) -> bool:
        """Whether it connects as the owner, who may change the schema."""
        return self.name == MIGRATIONS

    @property
    def database_role(self) -> str:
        """The PostgreSQL role it connects as."""
        return f"reviewpoint_{self.name}"


MIGRATIONS = "migrations"

# Every function of the HTTP API reads these: `shared.http.app.create_app` does.
_HTTP = ("http", "origin_secrets", "log", "aws")

FUNCTIONS = (
    FunctionSpec(
        name="auth",
        why="A bcrypt check of 12 rounds takes 0.3 s of a whole core, which Lambda gives from 1769 MiB on.",
        memory_mib=1769,
        settings=(
            *_HTTP,
            "auth",
            "passwords",
            "one_time_tokens",
            "rate_limits",
            "cache_server",
            "database",
            "outbox_queue",
        ),
        permissions=("outbox_queue.send",),
        routes=("/api/v1/auth",),
    ),
    FunctionSpec(
        name="users",
        why="Waits for the database; half a GiB starts faster than less and costs no more.",
        settings=(
            *_HTTP,
            "auth",
            "passwords",
            "one_time_tokens",
            "rate_limits",
            "cache_server",
            "database",
            "exports",
            "outbox_queue",
        ),
        permissions=("exports.put", "exports.get", "outbox_queue.send"),
        routes=("/api/v1/users",),
    ),
    FunctionSpec(
        name="uploads",
        why="As users; presigning is arithmetic.",
        settings=(*_HTTP, "auth", "database", "storage", "exports", "upload_queue", "outbox_queue"),
        permissions=(
            "uploads.put",
            "uploads.get",
            "uploads.list",
            "exports.put",
            "exports.get",
            "upload_queue.send",
            "outbox_queue.send",
        ),
        routes=("/api/v1/uploads",),
        reads_unscanned=True,
    ),
    FunctionSpec(
        name="notifications",
        why="As users.",
        settings=(*_HTTP, "auth", "database", "outbox_queue"),
        permissions=("outbox_queue.send",),
        routes=("/api/v1/notifications",),
    ),
    FunctionSpec(
        name="audit",
        why="As users.",
        settings=(*_HTTP, "auth", "database", "exports"),
        permissions=("exports.put", "exports.get"),
        routes=("/api/v1/audit-events",),
    ),
    FunctionSpec(
        name="health",
        why="As users.",
        settings=(*_HTTP, "cache_server", "database", "storage"),
        permissions=("uploads.list",),
        routes=("/api/v1/health",),
    ),
    FunctionSpec(
        name="docs",
        why="Reads files of its own package.",
        settings=(*_HTTP, "cache_server"),
        routes=(DEFAULT_ROUTE,),
    ),
    FunctionSpec(
        name="websocket",
        why="Waits for the database and for API Gateway, which gives a message 29 s.",
        timeout_seconds=29,
        settings=("log", "aws", "origin_secrets", "auth", "database", "sockets", "outbox_queue"),
        permissions=("sockets.post", "sockets.close", "outbox_queue.send"),
        sockets=True,
    ),
    FunctionSpec(
        name="s3_events",
        why="Hashes 10 MiB and looks at what it is; a minute covers a slow S3.",
        memory_mib=1024,
        timeout_seconds=60,
        settings=("log", "aws", "database", "storage", "outbox_queue"),
        permissions=("uploads.get", "uploads.list", "uploads.tags", "malware.scan", "outbox_queue.send"),
        queue="uploads",
        batch_size=5,
        reads_unscanned=True,
        reserved_concurrency=10,
    ),
    FunctionSpec(
        name="outbox",
        why="Works for up to 45 s of its minute, then leaves the rest to the next.",
        timeout_seconds=60,
        settings=("log", "aws", "http", "database", "storage", "mail", "one_time_tokens", "sockets", "archive_queue"),
        permissions=(
            "uploads.delete",
            "uploads.list_versions",
            "mail.send",
            "sockets.post",
            "sockets.close",
            "archive_queue.send",
        ),
        queue="outbox",
        schedule_minutes=1,
        reserved_concurrency=5,
    ),
    FunctionSpec(
        name="archives",
        why="Reads all files of a user, up to the quota, through memory; as long as Lambda allows.",
        memory_mib=1024,
        timeout_seconds=900,
        settings=("log", "aws", "database", "storage", "exports", "outbox_queue"),
        permissions=("uploads.get", "uploads.list", "exports.put", "outbox_queue.send"),
        queue="archives",
        reserved_concurrency=2,
    ),
    FunctionSpec(
        name="sweeper",
        why="Looks at every upload that is not settled, one call of S3 each; the next run goes on where it ends.",
        timeout_seconds=300,
        settings=("log", "aws", "database", "storage", "upload_queue", "outbox_queue"),
        permissions=("uploads.get", "uploads.list", "uploads.list_versions", "upload_queue.send", "outbox_queue.send"),
        schedule_minutes=15,
        reads_unscanned=True,
        reserved_concurrency=1,
    ),
    FunctionSpec(
        name=MIGRATIONS,
        why="A revision may rewrite a table; one at a time.",
        timeout_seconds=300,
        settings=("log", "aws", "database", "passwords", "audit"),
        schedule_minutes=24 * 60,
        reserved_concurrency=1,
    ),
)


def by_name(name: str) -> FunctionSpec:
    """The function of that name."""
    return next(spec for spec in FUNCTIONS if spec.name == name)
