"""Functions in containers as SAM runs them, with PostgreSQL and the storage on this machine.

Needs what nothing else here does: a container engine, and the image that SAM fetches.
"""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from psycopg.conninfo import conninfo_to_dict

from infra_cdk import bundling
from infra_cdk import sam as sam_template
from infra_local.processes import bound_to_parent
from tests.support import sam, stacks
from tests.support.api import Answer, read_answer
from tests.support.factories import PASSWORD, unique
from tests.support.forwarding import forwarded
from tests.support.queues import object_created
from tests.support.services import free_port
from tests.support.uploads import TEXT, key_of, upload_body

pytestmark = [
    pytest.mark.slow,
    pytest.mark.sam_engine,
    pytest.mark.timeout(900),
    pytest.mark.xdist_group("sam_engine"),
    sam.needs_sam,
    pytest.mark.skipif(sys.platform != "linux", reason="containers find this machine otherwise than on Linux"),
]

_HOST = "host.docker.internal"
_START_SECONDS = 120.0
_ASK = 'import docker; print(docker.from_env().networks.get("bridge").attrs["IPAM"]["Config"][0]["Gateway"])'


@dataclass(frozen=True)
class Ground:
    """What all containers share; `gateway` is where they find this machine, `storage` where it has the storage."""

    gateway: str
    storage: tuple[str, int]
    template: Path
    variables: Path

    def command(self, *arguments: str) -> list[str]:
        options = ["--config-file", stacks.ROOT / "samconfig.toml", "--template", self.template]
        options += ["--env-vars", self.variables, "--add-host", f"{_HOST}:{self.gateway}"]
        return [str(sam.SAM), "local", *arguments, *map(str, options)]

    def invoke(self, function: str, event: Any) -> Any:
        done = _run(self.command("invoke", function, "--event", "-"), json.dumps(event))
        return json.loads(done.splitlines()[-1])


def _run(command: Sequence[str], given: str = "") -> str:
    done = subprocess.run(
        command, env=sam.environment(), cwd=stacks.ROOT, input=given, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Generator[Ground]:
    asked = subprocess.run([sam.HOME / "bin" / "python", "-c", _ASK], capture_output=True, text=True, check=False)
    if asked.returncode:
        pytest.skip(f"no container engine answers: {asked.stderr.strip().splitlines()[-1]}")
    gateway, folder = asked.stdout.strip(), tmp_path_factory.mktemp("sam")
    made = sam_template.template(
        stacks.stack("dev").resources, lambda spec: bundling.bundle(spec.name, bundling.LOCAL, store=folder)
    )
    (folder / "template.json").write_text(json.dumps(made), encoding="utf-8")
    _run([str(sam.SAM), "build", "--template", str(folder / "template.json"), "--build-dir", str(folder / "build")])
    database = conninfo_to_dict(os.environ["REVIEWPOINT_DB_URL"])
    endpoint = urlsplit(os.environ["AWS_ENDPOINT_URL"])
    storage = str(endpoint.hostname), endpoint.port or 80
    with ExitStack() as stack:
        to_database = stack.enter_context(forwarded(gateway, f"{database['host']}/.s.PGSQL.5432"))
        to_storage = stack.enter_context(forwarded(gateway, storage))
        (folder / "variables.json").write_text(
            json.dumps(_variables(f"postgresql://postgres@{_HOST}:{to_database}/{database['dbname']}", to_storage)),
            encoding="utf-8",
        )
        yield Ground(gateway, storage, folder / "build" / "template.yaml", folder / "variables.json")


def _variables(database_url: str, storage_port: int) -> dict[str, Any]:
    """The example's, with the addresses and names of these tests."""
    example = json.loads((stacks.ROOT / "sam.env.example.json").read_text(encoding="utf-8"))["Parameters"]
    mine = {name: os.environ[name] for name in example if name.endswith(("_BUCKET", "_QUEUE_URL", "ENDPOINT_URL"))}
    endpoint = os.environ["AWS_ENDPOINT_URL"]
    mine = {name: value.replace(endpoint, f"http://{_HOST}:{storage_port}") for name, value in mine.items()}
    return {"Parameters": {**example, **mine, "REVIEWPOINT_DB_URL": database_url}}


@contextmanager
def started_api(ground: Ground, log: Path) -> Generator[int]:
    """The port of the HTTP API, served by SAM."""
    port = free_port()
    with log.open("wb") as output:
        process = subprocess.Popen(
            ground.command("start-api", "--port", str(port)),
            env=sam.environment(),
            cwd=stacks.ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            preexec_fn=bound_to_parent(signal.SIGTERM),
        )
    try:
        deadline = time.monotonic() + _START_SECONDS
        while "Running on" not in log.read_text():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait(60)


def _ask(
    host: str, port: int, method: str, target: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> Answer:
    connection = http.client.HTTPConnection(host, port, timeout=120)
    try:
        connection.request(method, target, body, headers or {})
        answer = connection.getresponse()
        return Answer(answer.status, dict(answer.getheaders()), answer.read())
    finally:
        connection.close()


def test_an_invoked_function_reaches_the_database_and_the_storage(ground: Ground) -> None:
    answer = read_answer(ground.invoke("Health", sam.generate_request("GET", "/api/v1/health")))

    assert answer.status == 200, answer.body
    checks = answer.json()["checks"]
    assert (checks["database"]["status"], checks["storage"]["status"]) == ("ok", "ok")


def test_the_main_job_passes_over_the_served_api(ground: Ground, tmp_path: Path) -> None:
    """Register, log in, upload; then the function that checks what arrived."""
    name = unique("engine")
    account = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
    with started_api(ground, tmp_path / "api.log") as port:

        def ask(method: str, path: str, body: Any = None, token: str = "") -> Answer:
            headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
            return _ask("127.0.0.1", port, method, path, json.dumps(body).encode() if body else None, headers)

        assert ask("POST", "/api/v1/auth/register", account).status == 201
        token = ask("POST", "/api/v1/auth/login", {"username": name, "password": PASSWORD}).json()["access_token"]
        assert ask("GET", "/api/v1/users/me", token=token).json()["username"] == name
        assert ask("GET", "/api/v1/nothing").status == 404
        created: dict[str, Any] = ask("POST", "/api/v1/uploads", upload_body(), token).json()
        upload = created["upload"]
        url = urlsplit(str(upload["url"]))
        headers: dict[str, str] = {**upload["headers"], "Host": url.netloc}
        stored = _ask(*ground.storage, "PUT", f"{url.path}?{url.query}", TEXT, headers)
        assert stored.status == 200, stored.body

        arrived = sam.generate_batch(object_created(key_of(created["id"]), stored.headers["x-amz-version-id"]))
        assert ground.invoke("S3Events", arrived) == {"batchItemFailures": []}
        assert ask("GET", f"/api/v1/uploads/{created['id']}", token=token).json()["status"] == "available"
