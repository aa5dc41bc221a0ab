"""The SAM CLI in its own environment: events as it generates them, and Lambda's Runtime Interface Emulator."""

import http.client
import json
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from psycopg.conninfo import make_conninfo

from infra_local.emulator import CREDENTIALS
from infra_local.processes import bound_to_parent
from tests.support import stacks
from tests.support.services import free_port

HOME = stacks.ROOT / ".venv-sam"
SAM = HOME / "bin" / "sam"
_START_SECONDS = 30.0

needs_sam = pytest.mark.skipif(not SAM.exists(), reason="the SAM CLI is not here; `make .venv-sam/.ready` installs it")


def environment() -> dict[str, str]:
    """The SAM CLI's own environment: it reports to nobody, and finds no account."""
    quiet = {"SAM_CLI_TELEMETRY": "0", "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    return {**os.environ, **CREDENTIALS, **quiet}


def generate_event(*arguments: str) -> Any:
    """What `sam local generate-event` makes."""
    return json.loads(_generate(arguments))


@cache
def _generate(arguments: tuple[str, ...]) -> str:
    # The configuration of this project names options that this command does not know.
    command = [SAM, "local", "generate-event", *arguments]
    return subprocess.run(command, env=environment(), cwd=HOME, capture_output=True, text=True, check=True).stdout


def generate_request(
    method: str, path: str, *, body: Any = None, headers: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """An HTTP API's event of a request, with JSON."""
    options = ["--method", method, "--path", path.removeprefix("/")]
    event = generate_event("apigateway", "http-api-proxy", *options, "--body", json.dumps(body) if body else "")
    event["headers"] |= {"content-type": "application/json", **(headers or {})}
    return event


def generate_batch(message: Any) -> dict[str, Any]:
    """The event of a batch of one message from SQS."""
    # The text goes into JSON as it stands.
    body = json.dumps(json.dumps(message))[1:-1]
    return generate_event("sqs", "receive-message", "--body", body)


def _variables(function: stacks.Resource) -> dict[str, str]:
    """What the template declares; in place of what is AWS's own, what these tests have for it."""
    declared: Mapping[str, Any] = function["Properties"]["Environment"]["Variables"]
    found = {name: value if isinstance(value, str) else os.environ.get(name, "") for name, value in declared.items()}
    if "SECRET_KEY_ARN" in declared:
        found["SECRET_KEY"] = os.environ["SECRET_KEY"]
    if "DB_HOST" in declared:
        role = {"user": declared["DB_USER"]} if "DB_USER" in declared else {}
        found["REVIEWPOINT_DB_URL"] = make_conninfo(os.environ["REVIEWPOINT_DB_URL"], **role)
    return found


@contextmanager
def emulated(
    function: stacks.Resource, folder: Path, variables: Mapping[str, str] | None = None
) -> Generator[Callable[[Any], Any]]:
    """A function behind the Runtime Interface Emulator: handler, timeout, memory and variables are the template's.

    What the block gets takes an event, and gives the answer: an object, or the text that the emulator says instead.
    """
    properties = function["Properties"]
    port, runtime_port = free_port(), free_port()
    machine = "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"
    (program,) = HOME.glob(f"lib/python*/site-packages/samcli/local/rapid/aws-lambda-rie-{machine}")
    command: list[str | Path] = [program, "--log-level", "error"]
    command += ["--runtime-interface-emulator-address", f"127.0.0.1:{port}"]
    command += ["--runtime-api-address", f"127.0.0.1:{runtime_port}"]
    command += [sys.executable, "-m", "awslambdaric", properties["Handler"]]
    given = {
        "PATH": os.environ["PATH"],
        "LAMBDA_TASK_ROOT": str(stacks.ROOT),
        "AWS_LAMBDA_FUNCTION_NAME": properties["FunctionName"],
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(properties["Timeout"]),
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(properties["MemorySize"]),
        **CREDENTIALS,
        "AWS_ENDPOINT_URL": os.environ["AWS_ENDPOINT_URL"],
        **_variables(function),
        **(variables or {}),
    }
    log = folder / "rie.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=stacks.ROOT,
            env=given,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=bound_to_parent(signal.SIGKILL),
        )
        try:
            _wait_for(port, process, log)
            yield lambda event: _invoke(port, event)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        try:
            connection.connect()
        except OSError:
            time.sleep(0.02)
        else:
            return
        finally:
            connection.close()
    raise AssertionError(f"the Runtime Interface Emulator does not answer: {log.read_text()}")


def _invoke(port: int, event: Any) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("POST", "/2015-03-31/functions/function/invocations", json.dumps(event))
        answer = connection.getresponse()
        said = answer.read().decode()
    finally:
        connection.close()
    assert answer.status == 200, said
    try:
        return json.loads(said)
    except ValueError:
        return said
