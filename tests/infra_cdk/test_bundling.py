"""Packages: the same bytes from the same sources, nothing that isn't imported, and they start."""

import asyncio
import hashlib
import json
import os
import shutil
import subprocess
import time
import zipfile
from pathlib import Path
from typing import Any

import psycopg
import pytest

from infra_cdk import bundling, imports, packages
from infra_cdk.functions import FUNCTIONS
from infra_local.runtime_api import FunctionError, Invocation, RuntimeApi
from tests.support import corpus, stacks
from tests.support.factories import unique

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

NAMES = [spec.name for spec in FUNCTIONS]
MEBI = 1024 * 1024
BUDGET = 13
"""In MiB; nobody ships botocore, which is AWS's."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where this module's packages lie."""
    return tmp_path_factory.mktemp("bundles")


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_same_sources_give_the_same_bytes(store: Path, tmp_path: Path) -> None:
    """Also on another machine: installed, compiled and zipped anew."""
    first, again = (bundling.bundle("users", store=place) for place in (store, tmp_path))

    assert digest(first) == digest(again)


def test_a_package_is_made_anew_when_its_code_is_new(
    store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("functions", "shared"):
        shutil.copytree(stacks.ROOT / folder, tmp_path / folder)
    shutil.copy(stacks.ROOT / "pyproject.toml", tmp_path)
    (tmp_path / ".venv-uv").symlink_to(stacks.ROOT / ".venv-uv")
    for module in (bundling, imports, packages):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    made = bundling.bundle("docs", store=store)
    first, at = digest(made), made.stat().st_mtime_ns

    assert bundling.bundle("docs", store=store).stat().st_mtime_ns == at
    with (tmp_path / "functions" / "docs" / "handler.py").open("a") as file:
        file.write("# new\n")
    assert digest(bundling.bundle("docs", store=store)) != first


@pytest.mark.parametrize("name", NAMES)
def test_a_package_holds_what_its_function_imports_and_nothing_else(store: Path, name: str) -> None:
    zipped = bundling.bundle(name, store=store)
    wanted = imports.of_function(name)
    site = store / f"site-{bundling.LAMBDA.key}"
    shipped = packages.needed(wanted.packages, packages.installed(site))
    with zipfile.ZipFile(zipped) as archive:
        found = {Path(entry) for entry in archive.namelist()}

    sources = {path for path in found if path.suffix != ".pyc"}
    assert sources == set(wanted.files) | {file for package in shipped for file in package.files}
    assert {path.parts[1] for path in found if path.parts[0] == "functions"} <= {name, "__init__.py", "__pycache__"}
    assert not {path.parts[0] for path in found} & {"boto3", "botocore", "tests", "infra_cdk", "infra_local"}
    assert zipped.stat().st_size <= BUDGET * MEBI
    if bundling.interpreter():
        compiled = {path.with_suffix("").name.removesuffix(".cpython-313") for path in found if path.suffix == ".pyc"}
        assert {path.stem for path in sources if path.suffix == ".py"} <= compiled


def test_what_is_never_imported_never_ships(store: Path) -> None:
    zipped = bundling.bundle("docs", store=store)
    with zipfile.ZipFile(zipped) as archive:
        tops = {Path(entry).parts[0] for entry in archive.namelist()}

    assert not tops & {"psycopg", "jwt", "bcrypt", "zxcvbn", "alembic", "sqlalchemy", "puremagic"}


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What Lambda's Python has of its own: the runtime client, and boto3."""
    if bundling.interpreter() is None:
        pytest.skip(f"no Python {bundling.PYTHON} here, which Lambda runs")
    place = tmp_path_factory.mktemp("runtime")
    command = [str(stacks.ROOT / ".venv-uv" / "bin" / "uv"), "pip", "install", "--quiet", "--target", str(place)]
    command += ["--python-version", bundling.PYTHON, "--python-platform", bundling.LOCAL.platform]
    command += ["--only-binary", ":all:", "awslambdaric", "boto3", "--constraint", "requirements/dev.txt"]
    subprocess.run(command, check=True, cwd=stacks.ROOT)
    return place


class Unpacked:
    """A function's zip, made for this machine's processor by the same steps, with a runtime beside it."""

    def __init__(self, name: str, store: Path, runtime: Path, place: Path) -> None:
        with zipfile.ZipFile(bundling.bundle(name, bundling.LOCAL, store=store)) as archive:
            archive.extractall(place)
        interpreter = bundling.interpreter()
        assert interpreter is not None
        self.name, self.place, self.interpreter = name, place, interpreter
        self.variables = {
            # Nothing else is found: no installed package, and not the sources.
            "PYTHONPATH": f"{place}{os.pathsep}{runtime}",
            "PYTHONNOUSERSITE": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "LAMBDA_TASK_ROOT": str(place),
            "SECRET_KEY": "a key for tests that is long enough, 32 bytes",
            "REVIEWPOINT_DB_URL": "postgresql://nobody@127.0.0.1:1/none",
            "UPLOAD_BUCKET": "b",
            "EXPORT_BUCKET": "b",
            "UPLOAD_QUEUE_URL": "http://127.0.0.1:1/q",
            "OUTBOX_QUEUE_URL": "http://127.0.0.1:1/q",
            "ARCHIVE_QUEUE_URL": "http://127.0.0.1:1/q",
            "SOCKET_ENDPOINT": "http://127.0.0.1:1",
            "MAIL_FROM": "no-reply@example.org",
        }

    async def serve(self, event: dict[str, Any] | None = None) -> Any:
        """Start Lambda's runtime client as Lambda does, until it asks for work; then the answer to the event."""
        api = RuntimeApi()
        variables = {**self.variables, "AWS_LAMBDA_RUNTIME_API": await api.start()}
        command = [self.interpreter, "-m", "awslambdaric", f"functions.{self.name}.handler.handler"]
        process = await asyncio.create_subprocess_exec(
            *command, env=variables, cwd=self.place, stderr=subprocess.STDOUT
        )
        try:
            async with asyncio.timeout(60):
                await api.ready
                if event is None:
                    return None
                payload = json.dumps(event).encode()
                deadline = int((time.time() + 60) * 1000)
                return json.loads(await api.invoke(Invocation("1", "Root=1", "arn", deadline, payload)))
        finally:
            process.kill()
            await process.wait()
            api.close()


@pytest.mark.parametrize("name", NAMES)
def test_a_package_starts_under_the_runtime_client(store: Path, runtime: Path, tmp_path: Path, name: str) -> None:
    """From the very zip, on Lambda's version of Python; `ready` fails where the handler's module does not load."""
    asyncio.run(Unpacked(name, store, runtime, tmp_path).serve())


def test_a_package_that_lacks_a_file_does_not_start(store: Path, runtime: Path, tmp_path: Path) -> None:
    unpacked = Unpacked("health", store, runtime, tmp_path)
    (tmp_path / "shared" / "clock.py").unlink()
    for compiled in (tmp_path / "shared" / "__pycache__").glob("clock.*"):
        compiled.unlink()

    with pytest.raises(FunctionError, match="clock"):
        asyncio.run(unpacked.serve())


def test_what_is_cut_from_sqlalchemy_is_not_missed(store: Path, runtime: Path, tmp_path: Path) -> None:
    server, name = os.environ["REVIEWPOINT_TEST_POSTGRES"], unique("packaged")
    with psycopg.connect(server, autocommit=True) as conn:
        conn.execute(f"CREATE DATABASE {name}".encode())
    unpacked = Unpacked("migrations", store, runtime, tmp_path)
    unpacked.variables["REVIEWPOINT_DB_URL"] = server.replace("/postgres?", f"/{name}?")

    answer = asyncio.run(unpacked.serve({"action": "migrate"}))

    assert "The schema went from nothing to" in answer["message"]


def test_what_is_cut_from_pillow_is_not_missed(store: Path, runtime: Path, tmp_path: Path) -> None:
    unpacked = Unpacked("s3_events", store, runtime, tmp_path)
    kinds = ("JPEG", "PNG", "GIF", "WEBP")
    for kind in kinds:
        (tmp_path / kind).write_bytes(corpus.image(kind))
    program = (
        "import sys; from pathlib import Path; from functions.s3_events import images; "
        "assert all(images.decodes(Path(kind).read_bytes(), kind) for kind in sys.argv[1:])"
    )
    command = [unpacked.interpreter, "-c", program, *kinds]

    done = subprocess.run(command, env=unpacked.variables, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr[-3000:]


_JUDGE = """
import json, sys
from pathlib import Path
from types import SimpleNamespace
from functions.s3_events.content import Inspection

found = {}
for name, content_type in json.loads(sys.argv[1]).items():
    inspection = Inspection(SimpleNamespace(content_type=content_type, declared_sha256=None))
    inspection.read([Path("corpus", name).read_bytes()])
    found[name] = inspection.verdict()
print(json.dumps(found))
"""


def test_the_package_judges_every_file_of_the_corpus_as_tests_do(store: Path, runtime: Path, tmp_path: Path) -> None:
    """It has another library of encryption than development."""
    unpacked = Unpacked("s3_events", store, runtime, tmp_path)
    (tmp_path / "corpus").mkdir()
    for name, (_, make, _) in corpus.CASES.items():
        (tmp_path / "corpus" / name).write_bytes(make())
    types = json.dumps({name: content_type for name, (content_type, _, _) in corpus.CASES.items()})
    command = [unpacked.interpreter, "-c", _JUDGE, types]

    done = subprocess.run(command, env=unpacked.variables, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr[-3000:]
    assert json.loads(done.stdout) == {name: reason for name, (_, _, reason) in corpus.CASES.items()}
