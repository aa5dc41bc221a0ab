"""Packages: the same bytes from the same sources, nothing that isn't imported, and they start."""

import hashlib
import os
import subprocess
import zipfile
from pathlib import Path

import pytest

from infra_cdk import bundling, imports, packages
from infra_cdk.functions import FUNCTIONS
from tests.support import stacks

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

NAMES = [spec.name for spec in FUNCTIONS]
MEBI = 1024 * 1024
# Without botocore, which is AWS's; `migrations` alone holds SQLAlchemy, `s3_events` alone Pillow and pypdf.
BUDGETS = dict.fromkeys(NAMES, 13) | {"migrations": 16, "s3_events": 17}


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
    assert zipped.stat().st_size <= BUDGETS[name] * MEBI
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


@pytest.mark.parametrize("name", NAMES)
def test_a_package_starts_under_the_runtime_client(store: Path, runtime: Path, tmp_path: Path, name: str) -> None:
    """From the very zip, made for this machine's processor by the same steps, on Lambda's version of Python."""
    with zipfile.ZipFile(bundling.bundle(name, bundling.LOCAL, store=store)) as archive:
        archive.extractall(tmp_path)
    program = (
        "import sys; from awslambdaric.bootstrap import _get_handler; "
        f"handler = _get_handler('functions.{name}.handler.handler'); "
        "assert callable(handler), handler; "
        "import functions, os; assert functions.__file__.startswith(os.getcwd()), functions.__file__"
    )
    variables = {
        "PYTHONPATH": f"{tmp_path}{os.pathsep}{runtime}",
        "LAMBDA_TASK_ROOT": str(tmp_path),
        "SECRET_KEY": "a key for tests that is long enough, 32 bytes",
        "REVIEWPOINT_DB_URL": "postgresql://nobody@127.0.0.1:1/none",
        "UPLOAD_BUCKET": "b",
        "EXPORT_BUCKET": "b",
        "UPLOAD_QUEUE_URL": "http://127.0.0.1:1/q",
        "OUTBOX_QUEUE_URL": "http://127.0.0.1:1/q",
        "ARCHIVE_QUEUE_URL": "http://127.0.0.1:1/q",
        "SOCKET_ENDPOINT": "http://127.0.0.1:1",
        "MAIL_FROM": "no-reply@example.org",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    interpreter = bundling.interpreter()
    assert interpreter is not None
    started = subprocess.run(
        [interpreter, "-c", program], env=variables, cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert started.returncode == 0, started.stderr[-3000:]
