"""The TypeScript client is of the document as it is, and compiles; the document passes a linter."""

import json
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

    done = typescript.run("npx", "openapi-typescript", str(path), "-o", "fresh.ts", folder=client)

    assert done.returncode == 0, done.stderr
    fresh = (client / "fresh.ts").read_text(encoding="utf-8")
    assert fresh == (client / "src" / "schema.ts").read_text(encoding="utf-8"), "run `make client`"


def test_the_client_and_the_form_compile(client: Path) -> None:
    done = typescript.run("npx", "tsc", "--noEmit", "-p", ".", folder=client)

    assert done.returncode == 0, done.stdout


def test_the_helper_and_the_form_are_short() -> None:
    form = (typescript.FOLDER / "examples" / "upload-form.ts").read_text(encoding="utf-8")

    assert len(form.splitlines()) < 60


def test_the_document_passes_the_linter(client: Path) -> None:
    assert _lint(client, openapi.document()) == (0, "0 problems\n")


def test_the_linter_finds_what_is_wrong(client: Path) -> None:
    status, told = _lint(client, openapi.document() | {"servers": []})

    assert (status, "no-empty-servers" in told) == (1, True)
