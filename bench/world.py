"""What the functions need to run: the code as a package holds it, a database, an account that is signed in."""

import compileall
import json
import py_compile
import shutil
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.environment import Environment, Place
from infra_local import functions, http_event, postgres, settings
from infra_local.errors import StartError
from infra_local.http_event import HttpRequest

USERNAME = "ada"
PASSWORD = "correct horse battery staple"  # noqa: S105

BCRYPT_ROUNDS = 8
"""Few enough for the noise of 290 ms not to drown what a login costs besides, enough to notice a second check."""

_ROOT = Path(__file__).resolve().parents[1]
_DATABASE = "bench"


@dataclass(frozen=True, slots=True)
class World:
    """Where to start functions, and the token of an account."""

    place: Place
    token: str


def http(method: str, path: str, *, body: object = None, token: str | None = None) -> dict[str, object]:
    """The event of a request as a browser sends it."""
    headers = [
        ("host", "api.example.org"),
        ("user-agent", "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36"),
        ("accept", "application/json"),
        ("origin", "http://localhost:3000"),
    ]
    headers += [("content-type", "application/json")] if body is not None else []
    headers += [("authorization", f"Bearer {token}")] if token else []
    content = json.dumps(body).encode() if body is not None else b""
    request = HttpRequest(method, path, "", headers, content, "203.0.113.7")
    return http_event.event(request, functions.match(path))


@asynccontextmanager
async def running() -> AsyncGenerator[World]:
    """Make it all, and end it.

    Raises:
        StartError: PostgreSQL does not start, or the account could not be made.
    """
    with tempfile.TemporaryDirectory(prefix="reviewpoint-bench-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        _package(home / "package")
        server = postgres.start(home / "postgres", durable=False)
        try:
            server.create_database(_DATABASE)
            place = Place(home / "package", _variables(home, server.url(_DATABASE)))
            yield World(place, await _account(place))
        finally:
            server.stop()


def _package(root: Path) -> None:
    for part in ("functions", "shared", "bench"):
        shutil.copytree(_ROOT / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
    # As in the package: nobody looks whether the source is newer.
    compileall.compile_dir(root, quiet=1, invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH)


def _variables(home: Path, database_url: str) -> dict[str, str]:
    ours = {
        "SECRET_KEY": "a key for the bench that is long enough, 32 bytes",
        "BCRYPT_ROUNDS": str(BCRYPT_ROUNDS),
        "RATE_LIMIT_LOGIN_ADDRESS": "off",
        "MAX_PENDING_UPLOADS": "1000000",
        "USER_QUOTA_FILES": "1000000",
        "USER_QUOTA_BYTES": "1000000000000",
    }
    local = settings.Settings(_ROOT, home, port=8000, s3_port=9000, variables=ours)
    # Nothing listens at these addresses: no request of the bench calls AWS.
    queues = {name: f"http://127.0.0.1:9000/{name}" for name in functions.QUEUES}
    return settings.function_variables(local, database_url=database_url, queue_urls=queues)


async def _account(place: Place) -> str:
    await _call("functions.migrations.handler.handler", place, [{"action": "migrate"}])
    registration = {"username": USERNAME, "email": "ada@example.org", "password": PASSWORD}
    events = [http("POST", "/api/v1/auth/register", body=registration), login()]
    *_, tokens = await _call("functions.auth.handler.handler", place, events)
    if tokens.get("statusCode") != 200:
        raise StartError(f"nobody could sign in: {tokens}")
    return json.loads(tokens["body"])["access_token"]


def login(username: str = USERNAME, password: str = PASSWORD) -> dict[str, object]:
    """The event of a login."""
    return http("POST", "/api/v1/auth/login", body={"username": username, "password": password})


async def _call(handler: str, place: Place, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    environment = Environment(handler, place)
    try:
        await environment.start()
        return [await environment.invoke(event) for event in events]
    finally:
        await environment.close()
