"""The functions of the system, as the stack declares them for AWS: one literal, read by everything here."""

from dataclasses import dataclass

DEFAULT_ROUTE = "$default"


@dataclass(frozen=True, slots=True)
class Function:
    """One Lambda function.

    Attributes:
        routes: Path prefixes of the HTTP API, each with all that lies below it; `$default` takes the rest.
        sockets: Whether it takes the events of the WebSocket API.
        queue: The SQS queue whose messages invoke it.
        schedule_seconds: The period of the EventBridge rule that invokes it.
        max_environments: How many requests it serves at once.
    """

    name: str
    timeout_seconds: int = 10
    memory_mib: int = 512
    max_environments: int = 5
    routes: tuple[str, ...] = ()
    sockets: bool = False
    queue: str | None = None
    schedule_seconds: int | None = None

    @property
    def handler(self) -> str:
        """The dotted name that Lambda is configured with."""
        return f"functions.{self.name}.handler.handler"


FUNCTIONS = (
    Function("auth", routes=("/api/v1/auth",)),
    Function("users", routes=("/api/v1/users",)),
    Function("uploads", routes=("/api/v1/uploads",)),
    Function("notifications", routes=("/api/v1/notifications",)),
    Function("audit", routes=("/api/v1/audit-events",)),
    Function("health", routes=("/api/v1/health",)),
    Function("docs", routes=(DEFAULT_ROUTE,)),
    Function("websocket", timeout_seconds=29, sockets=True),
    Function("s3_events", timeout_seconds=60, memory_mib=1024, max_environments=2, queue="uploads"),
    Function("outbox", timeout_seconds=60, max_environments=2, queue="outbox", schedule_seconds=60),
    Function("archives", timeout_seconds=900, memory_mib=1024, max_environments=1, queue="archives"),
    Function("sweeper", timeout_seconds=300, max_environments=1, schedule_seconds=15 * 60),
    Function("migrations", timeout_seconds=300, max_environments=1, schedule_seconds=24 * 60 * 60),
)

QUEUES = tuple(function.queue for function in FUNCTIONS if function.queue is not None)
"""The names of all queues."""


@dataclass(frozen=True, slots=True)
class Route:
    """A route of the HTTP API that a path has matched."""

    key: str
    function: Function
    proxy: str | None = None


def _routes_by_prefix() -> dict[str, Function]:
    return {prefix: function for function in FUNCTIONS for prefix in function.routes}


_BY_PREFIX = _routes_by_prefix()


def match(path: str) -> Route:
    """The route that API Gateway picks for a decoded path: the longest prefix, else `$default`."""
    for prefix in sorted(_BY_PREFIX, key=len, reverse=True):
        if path in (prefix, f"{prefix}/"):
            return Route(f"ANY {path}", _BY_PREFIX[prefix])
        if path.startswith(f"{prefix}/"):
            return Route(f"ANY {prefix}/{{proxy+}}", _BY_PREFIX[prefix], path.removeprefix(f"{prefix}/"))
    return Route(DEFAULT_ROUTE, _BY_PREFIX[DEFAULT_ROUTE])


def by_name(name: str) -> Function | None:
    """The function of that name, if there is one."""
    return next((function for function in FUNCTIONS if function.name == name), None)
