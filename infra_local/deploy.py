"""`make deploy-local`: the stack, deployed into the emulator by the CDK CLI, and the main job over it.

Then a second deploy, whose migration has to fail: what served before it serves on. `CDK` in the environment is the CLI's
command. All that is started here ends with it; logs stay in `LOCAL_DIR/deploy`.
"""

import os
import shutil
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from infra_local import console, emulator, local_dir, main_job, postgres, processes, resources, settings, signals
from infra_local.cdk import Cdk, CdkError
from infra_local.errors import StartError
from infra_local.main_job import Api

_DATABASE = "reviewpoint"
_LAST_LINES = 25


def _run(root: Path, folder: Path, command: str) -> None:
    _clear(folder)
    for log in folder.glob("*.log"):
        log.unlink()
    with ExitStack() as stack:
        stack.callback(_clear, folder)
        server = postgres.start(folder / "postgres", durable=False)
        stack.callback(server.stop)
        server.create_database(_DATABASE)
        emulated = emulator.start(folder / "emulator", _free_port(), deploys=True)
        stack.callback(emulated.stop)
        console.part("Emulator", f"{emulated.endpoint}, its log in {emulated.home / 'log'}")
        cdk = Cdk(command.split(), root, folder, emulated.endpoint)
        cdk.bootstrap()
        console.line("  Packages are made and the stack is deployed: this takes a minute or two ...")
        outputs = cdk.deploy("deploy", database=_for_each_role(server.url(_DATABASE)))
        api = Api(emulated.endpoint, urlsplit(outputs["Url"]).netloc)
        console.part("API", f"{emulated.endpoint} as {api.domain}")
        stack.callback(_keep_function_logs, emulated.endpoint, folder / "functions.log")
        token = main_job.run(api)
        _fail_to_migrate(cdk, database=_for_each_role(server.url("nowhere")))
        api.call("GET", "/api/v1/users/me", expect=200, token=token)
        console.part("Live", "what served before serves on")
        console.line("The stack deploys, and the main job passes over it.")


def _clear(folder: Path) -> None:
    """Forget all but the logs: AWS begins empty."""
    for name in ("deploy", "again", "tmp", "postgres", "emulator/objects", "emulator/tmp"):
        shutil.rmtree(folder / name, ignore_errors=True)


def _for_each_role(url: str) -> str:
    return url.replace("//postgres@", "//{role}@")


def _free_port() -> int:
    with emulator.bind(0, "S3_PORT") as listener:
        return int(listener.getsockname()[1])


def _fail_to_migrate(cdk: Cdk, *, database: str) -> None:
    """Deploy functions that are new, to a database that is not there."""
    try:
        cdk.deploy("again", database=database)
    except CdkError as error:
        log = error.log.read_text(errors="replace")
        if not any("Custom::Schema" in line and "FAILED" in line for line in log.splitlines()):
            raise
        console.part("Again", f"refused, as its migration failed; its log in {error.log}")
        return
    raise StartError("a deploy whose migration fails has succeeded")


def _keep_function_logs(endpoint: str, file: Path) -> None:
    """Write what the functions have logged into a file."""
    # While all is being ended, nothing shall break that off.
    signals.on_stop(signals.ignore)
    logs = cast("Any", resources.session()).client("logs", endpoint_url=endpoint, config=resources.config())
    with file.open("w") as stream:
        for group in logs.describe_log_groups(logGroupNamePrefix="/reviewpoint/")["logGroups"]:
            for event in logs.filter_log_events(logGroupName=group["logGroupName"])["events"]:
                stream.write(f"{group['logGroupName']} {event['message'].rstrip()}\n")


def _show_end(log: Path) -> None:
    for line in log.read_text(errors="replace").splitlines()[-_LAST_LINES:]:
        console.line(f"    {line}")


def main() -> int:
    """Run all; the exit status of the program."""
    signals.on_stop(signals.interrupt)
    processes.end_with_make()
    try:
        configured = settings.load(Path.cwd(), os.environ)
        folder = configured.local_dir / "deploy"
        with local_dir.claim(folder):
            _run(configured.root, folder, os.environ["CDK"])
    except (StartError, PermissionError) as error:
        if isinstance(error, CdkError):
            _show_end(error.log)
        console.error(str(error))
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
