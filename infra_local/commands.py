"""`make admin`, `make invoke` and `make sweep`: one function, invoked once, beside `make dev` or without it.

Make hands its variables over in the environment.
"""

import asyncio
import getpass
import json
import os
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from infra_local import console, local_dir, processes, services, settings, signals
from infra_local.environment import Environment, Host
from infra_local.errors import StartError
from infra_local.functions import FUNCTIONS, Function, by_name
from infra_local.runtime_api import FunctionError
from infra_local.settings import Settings


def admin(configured: Settings) -> None:
    """Make the first admin, or an admin of an account that is there."""
    username, email = os.environ.get("USERNAME"), os.environ.get("EMAIL")
    if not username or not email:
        raise StartError("say who: make admin USERNAME=ada EMAIL=ada@example.org")
    password = os.environ.get("ADMIN_PASSWORD") or _ask_password(username)
    event = {"action": "create_admin", "username": username, "email": email, "password": password}
    with _variables(configured, storage=False) as variables:
        result = _invoke(_function("migrations"), event, configured, variables)
    answer = cast("dict[str, str]", result)
    if "error" in answer:
        raise StartError(answer["error"])
    console.line(answer["message"])


def invoke(configured: Settings) -> None:
    """Invoke a function with an event from a file, and show its answer."""
    name, file = os.environ.get("FUNCTION"), os.environ.get("EVENT")
    if not name or not file:
        raise StartError("say what: make invoke FUNCTION=users EVENT=events/<file>.json")
    function = _function(name)
    try:
        event: object = json.loads(Path(file).read_text())
    except (OSError, ValueError) as error:
        raise StartError(f"EVENT={file} can't be read: {error}") from error
    with _variables(configured, storage=True) as variables:
        _show(_invoke(function, event, configured, variables))


def sweep(configured: Settings) -> None:
    """Sweep now; with DRY_RUN only tell what would be done."""
    event = {"dry_run": os.environ.get("DRY_RUN", "").lower() not in ("", "0", "false", "no")}
    with _variables(configured, storage=True) as variables:
        _show(_invoke(_function("sweeper"), event, configured, variables))


_COMMANDS: Mapping[str, Callable[[Settings], None]] = {"admin": admin, "invoke": invoke, "sweep": sweep}


def _ask_password(username: str) -> str:
    if sys.stdin.isatty():
        return getpass.getpass(f"Password of {username}: ")
    console.line(f"Password of {username} (or set ADMIN_PASSWORD):")
    # None will do for an account that is there.
    return sys.stdin.readline().removesuffix("\n")


def _function(name: str) -> Function:
    function = by_name(name)
    if function is None:
        raise StartError(f"FUNCTION={name} is none of: {', '.join(function.name for function in FUNCTIONS)}")
    return function


def _show(result: object) -> None:
    console.line(json.dumps(result, indent=2, ensure_ascii=False))


@contextmanager
def _variables(configured: Settings, *, storage: bool) -> Generator[Mapping[str, str]]:
    """The functions' environment: that of the `make dev` that runs, else of services started for this alone."""
    running = local_dir.announced(configured.local_dir)
    if running is not None:
        yield running
        return
    with local_dir.claim(configured.local_dir), services.running(configured, storage=storage) as started:
        _invoke(_function("migrations"), {"action": "migrate"}, configured, started.variables)
        yield started.variables


def _invoke(function: Function, event: object, configured: Settings, variables: Mapping[str, str]) -> object:
    host = Host(configured.root, variables, configured.local_dir / "logs")
    try:
        return json.loads(asyncio.run(_run_once(function, host, json.dumps(event).encode())))
    except FunctionError as error:
        raise StartError(f"{function.name}: {error}") from error


async def _run_once(function: Function, host: Host, payload: bytes) -> bytes:
    environment = Environment(function, host)
    try:
        await environment.start()
        return await environment.invoke(payload)
    finally:
        await environment.close()


def main() -> int:
    """Run the command that the first argument names; the exit status of the program."""
    signals.on_stop(signals.interrupt)
    processes.end_with_make()
    try:
        _COMMANDS[sys.argv[1]](settings.load(Path.cwd(), os.environ))
    except (StartError, PermissionError) as error:
        console.error(str(error))
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
