"""The TypeScript client is of the document as it is, and compiles; the document passes a linter."""

import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tests.support import typescript
from tools import openapi

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("clients") / "typescript"
    typescript.install(folder)
    return folder


def _lint(client: Path, document: dict[str, Any]) -> tuple[int, str]:
    path = client / "openapi.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    done = typescript.run("node", "lint.mjs", str(path), folder=client)
    return done.returncode, done.stdout


def test_the_lock_names_no_registry() -> None:
    assert '"resolved"' not in (typescript.FOLDER / "package-lock.json").read_text(encoding="utf-8")


def test_the_schema_is_of_the_document(client: Path) -> None:
    path = client / "openapi.json"
    path.write_text(openapi.text(), encoding="utf-8")

    done = typescript.run("npm", "run", "generate", "--", str(path), "-o", "fresh.ts", folder=client)

    assert done.returncode == 0, done.stderr
    fresh = (client / "fresh.ts").read_text(encoding="utf-8")
    assert fresh == (client / "src" / "schema.ts").read_text(encoding="utf-8"), "run `make client`"


def test_the_client_and_the_form_compile(client: Path) -> None:
    done = typescript.run("npx", "tsc", "--noEmit", "-p", ".", folder=client)

    assert done.returncode == 0, done.stdout


def test_another_project_installs_it_and_the_readmes_example_compiles_there(client: Path, tmp_path: Path) -> None:
    packed = typescript.run("npm", "pack", "--silent", folder=client)
    assert packed.returncode == 0, packed.stdout + packed.stderr
    modules = tmp_path / "node_modules"
    with tarfile.open(client / packed.stdout.strip()) as tarball:
        tarball.extractall(tmp_path, filter="data")
    (modules / "@reviewpoint").mkdir(parents=True)
    (tmp_path / "package").rename(modules / "@reviewpoint" / "client")
    for name in ("openapi-fetch", "openapi-typescript-helpers", "typescript"):
        (modules / name).symlink_to(client / "node_modules" / name)
    example = (client / "README.md").read_text(encoding="utf-8").partition("```ts\n")[2].partition("```")[0]
    (tmp_path / "page.ts").write_text(example, encoding="utf-8")

    options = ("--noEmit", "--strict", "--module", "esnext", "--moduleResolution", "bundler", "--target", "es2022")
    done = typescript.run("node", str(modules / "typescript" / "bin" / "tsc"), *options, "page.ts", folder=tmp_path)

    assert done.returncode == 0, done.stdout
    assert "uploadFile" in example


def test_the_helper_and_the_form_are_short() -> None:
    helper = (typescript.FOLDER / "src" / "upload.ts").read_text(encoding="utf-8")
    form = (typescript.FOLDER / "examples" / "upload-form.ts").read_text(encoding="utf-8")

    assert len(helper.partition("export ")[2].splitlines()) <= 20
    assert len(form.splitlines()) < 60


def test_the_document_passes_the_linter(client: Path) -> None:
    assert _lint(client, openapi.document()) == (0, "0 problems\n")


def test_the_linter_finds_what_is_wrong(client: Path) -> None:
    status, told = _lint(client, openapi.document() | {"servers": []})

    assert (status, "no-empty-servers" in told) == (1, True)
