"""The whole system over toy functions, as a process that gets signals."""

import contextlib
import json
import os
import signal
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from infra_local import resources
from tests.infra_local.toy import (
    Run,
    command,
    free_port,
    processes_of,
    start,
    wait_until,
    write_function,
)

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

pytestmark = pytest.mark.slow

RECORDER = """
import json, os

def handler(event, context):
    with open("events.new", "w") as file:
        json.dump(event, file)
    os.rename("events.new", "events")
"""


@pytest.fixture
def run(project: Path) -> Iterator[Run]:
    run = start(project, free_port(), free_port())
    run.wait_ready()
    yield run
    run.end(signal.SIGTERM)


def get(run: Run, path: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{run.port}{path}", timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def assert_nothing_is_left(project: Path) -> None:
    wait_until(lambda: not processes_of(project), "the end of all processes")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_all_with_status_0(project: Path, run: Run, number: signal.Signals) -> None:
    assert get(run, "/")[0] == 200
    assert get(run, "/api/v1/users/me")[0] == 200
    assert len(processes_of(project)) > 5

    assert run.end(number) == 0

    assert_nothing_is_left(project)
    assert "Traceback" not in run.text


def test_signal_during_the_start_ends_all_with_status_0(project: Path) -> None:
    write_function(project, "migrations", "import time\ntime.sleep(60)\n")
    run = start(project, free_port(), free_port())
    wait_until(lambda: "Functions" in run.text, "the functions")

    assert run.end(signal.SIGTERM) == 0

    assert_nothing_is_left(project)


def test_signal_during_requests_ends_all_with_status_0(project: Path) -> None:
    write_function(project, "users", "import time\ndef handler(event, context):\n    time.sleep(9)\n")
    run = start(project, free_port(), free_port())
    run.wait_ready()
    with (
        socket.create_connection(("127.0.0.1", run.port)) as waiting,
        socket.create_connection(("127.0.0.1", run.port)) as sending,
    ):
        waiting.sendall(b"GET /api/v1/users HTTP/1.1\r\nhost: x\r\n\r\n")
        sending.sendall(b"POST /api/v1/users HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{")
        assert get(run, "/")[0] == 200

        assert run.end(signal.SIGTERM) == 0

    assert_nothing_is_left(project)
    assert [line for line in run.text.splitlines() if not line.startswith(("  ", "Ready: "))][1:] == []


def test_output_is_calm(run: Run) -> None:
    get(run, "/api/v1/users/me?token=secret")
    wait_until(lambda: "/users/me" in run.text, "the request's line")

    lines = [line for line in run.text.splitlines() if not line.startswith("  ")]

    assert lines[0].startswith(f"Ready: http://127.0.0.1:{run.port}")
    assert len(lines) == 2
    assert "GET    /api/v1/users/me 200" in lines[1]


def test_killed_run_leaves_nothing_and_starts_again(project: Path, run: Run) -> None:
    run.end(signal.SIGKILL)
    assert_nothing_is_left(project)

    again = start(project, run.port, run.s3_port)
    again.wait_ready()

    assert again.end(signal.SIGTERM) == 0


def test_all_killed_at_once_and_started_at_once(project: Path, run: Run) -> None:
    for pid in processes_of(project):
        with contextlib.suppress(ProcessLookupError):  # Some go with the one that started them.
            os.kill(pid, signal.SIGKILL)
    run.process.wait(10)

    again = start(project, run.port, run.s3_port)
    again.wait_ready()

    assert again.end(signal.SIGTERM) == 0


@pytest.mark.parametrize("victim", ["postgres -D", "emulator_program.py"])
def test_service_that_is_killed_ends_the_run_with_one_line(project: Path, run: Run, victim: str) -> None:
    for pid in processes_of(project):
        if victim in Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " "):
            os.kill(pid, signal.SIGKILL)

    assert run.process.wait(20) == 1

    assert_nothing_is_left(project)
    assert [line for line in run.text.splitlines() if "has ended by itself" in line]
    assert "Traceback" not in run.text


def test_environment_that_is_killed_is_replaced(project: Path, run: Run) -> None:
    for pid in processes_of(project):
        if "awslambdaric functions.users" in Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " "):
            os.kill(pid, signal.SIGKILL)
            wait_until(lambda pid=pid: pid not in processes_of(project), "its end")

    wait_until(lambda: get(run, "/api/v1/users")[0] == 200, "an answer")
    assert run.end(signal.SIGTERM) == 0


def test_two_runs_side_by_side_and_not_on_one_folder(project: Path, run: Run) -> None:
    other = start(project, free_port(), free_port(), LOCAL_DIR="other")
    other.wait_ready()

    third = command(project, "infra_local.main", PORT=str(free_port()), S3_PORT=str(free_port()))

    assert third.returncode == 1
    assert third.stderr == f"error: {project}/.local is in use by another run (process {run.process.pid})\n"
    assert get(run, "/")[0] == get(other, "/")[0] == 200
    assert (other.end(signal.SIGTERM), run.end(signal.SIGTERM)) == (0, 0)
    assert_nothing_is_left(project)


@pytest.mark.parametrize("variable", ["PORT", "S3_PORT"])
def test_taken_port_is_one_line(project: Path, run: Run, variable: str) -> None:
    ports = {"PORT": str(free_port()), "S3_PORT": str(free_port()), variable: str(run.port)}

    refused = command(project, "infra_local.main", LOCAL_DIR="other", **ports)

    assert refused.returncode == 1
    assert refused.stderr.startswith(f"error: port {run.port} can't be used")
    assert f"choose another by {variable}=" in refused.stderr
    assert refused.stderr.count("\n") == 1
    run.end(signal.SIGTERM)


def test_bad_setting_of_a_function_is_one_line(project: Path) -> None:
    write_function(project, "users", "raise SystemExit('Bad setting. BCRYPT_ROUNDS: too many')")

    refused = command(project, "infra_local.main", PORT=str(free_port()), S3_PORT=str(free_port()))

    assert refused.returncode == 1
    assert refused.stderr == "error: users: Bad setting. BCRYPT_ROUNDS: too many\n"
    assert_nothing_is_left(project)


def test_bytes_put_into_the_bucket_reach_their_function(project: Path) -> None:
    write_function(project, "s3_events", RECORDER)
    run = start(project, free_port(), free_port())
    run.wait_ready()
    s3: S3Client = resources.session().client(
        "s3", endpoint_url=f"http://127.0.0.1:{run.s3_port}", config=resources.config()
    )

    s3.put_object(Bucket="reviewpoint-uploads", Key="uploads/a b", Body=b"bytes")

    wait_until(lambda: (project / "events").exists(), "the event")
    (record,) = json.loads((project / "events").read_text())["Records"]
    assert (record["eventSource"], record["attributes"]["ApproximateReceiveCount"]) == ("aws:sqs", "1")
    told = json.loads(record["body"])
    assert told["detail-type"] == "Object Created"
    assert (told["detail"]["object"]["key"], told["detail"]["object"]["size"]) == ("uploads/a b", 5)
    assert run.end(signal.SIGTERM) == 0


def test_schedules_invoke_their_functions_at_the_start(project: Path) -> None:
    write_function(project, "sweeper", RECORDER)
    run = start(project, free_port(), free_port())
    run.wait_ready()

    wait_until(lambda: (project / "events").exists(), "the event")
    event = json.loads((project / "events").read_text())
    assert (event["detail-type"], event["queue_lost"]) == ("Scheduled Event", True)
    assert run.end(signal.SIGTERM) == 0


def test_admin_works_beside_a_run_and_without_one(project: Path, run: Run) -> None:
    who = {"USERNAME": "ada", "EMAIL": "ada@example.org", "ADMIN_PASSWORD": "a long password"}
    event = {"action": "create_admin", "username": "ada", "email": "ada@example.org", "password": "a long password"}
    write_function(
        project,
        "migrations",
        f"def handler(event, context):\n    return {{'message': 'made', 'error': 'odd'}} if event != {event} and event != {{'action': 'migrate'}} else {{'message': 'made'}}\n",
    )

    beside = command(project, "infra_local.commands", "admin", **who)
    run.end(signal.SIGTERM)
    without = command(project, "infra_local.commands", "admin", **who)

    assert (beside.returncode, beside.stdout, beside.stderr) == (0, "made\n", "")
    assert (without.returncode, without.stdout, without.stderr) == (0, "made\n", "")
    assert_nothing_is_left(project)


@pytest.mark.parametrize(("typed", "password"), [("a long password\n", "a long password"), ("", "")])
def test_admin_without_a_terminal_reads_the_password(project: Path, typed: str, password: str) -> None:
    write_function(project, "migrations", "def handler(event, context):\n    return {'message': str(event)}\n")
    who = {"USERNAME": "ada", "EMAIL": "ada@example.org", "PORT": str(free_port()), "S3_PORT": str(free_port())}

    made = command(project, "infra_local.commands", "admin", typed=typed, **who)

    assert (made.returncode, made.stderr) == (0, "")
    assert made.stdout.startswith("Password of ada (or set ADMIN_PASSWORD):\n")
    assert f"'password': '{password}'" in made.stdout


def test_invoke_shows_the_answer(project: Path) -> None:
    (project / "event.json").write_text('{"records": []}')
    ports = {"PORT": str(free_port()), "S3_PORT": str(free_port())}

    shown = command(project, "infra_local.commands", "invoke", FUNCTION="s3_events", EVENT="event.json", **ports)

    assert (shown.returncode, shown.stderr) == (0, "")
    assert json.loads(shown.stdout) == {"message": "done", "event": {"records": []}}


def test_sweep_says_that_it_is_dry(project: Path) -> None:
    ports = {"PORT": str(free_port()), "S3_PORT": str(free_port())}

    shown = command(project, "infra_local.commands", "sweep", DRY_RUN="1", **ports)

    assert json.loads(shown.stdout)["event"] == {"dry_run": True}


def test_error_of_an_operator_is_one_line(project: Path) -> None:
    refused = command(project, "infra_local.commands", "admin")

    assert refused.returncode == 1
    assert refused.stderr == "error: say who: make admin USERNAME=ada EMAIL=ada@example.org\n"
