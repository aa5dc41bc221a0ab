"""An encrypted PDF has the same outcome with the library that is shipped and with the one that development has."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.corpus import CASES

_PROGRAM = """
import json, sys
if sys.argv[1] == "Crypto":
    sys.modules["cryptography"] = None
from functions.s3_events import documents
from pypdf._crypt_providers import crypt_provider
opened = {}
for path in sys.argv[2:]:
    with open(path, "rb") as content:
        opened[path] = documents.opens(content)
print(json.dumps([crypt_provider[0], opened]))
"""
_ENCRYPTED = {name: case for name, case in CASES.items() if name.startswith(("opens-for-all", "needs-a-password"))}


@pytest.mark.parametrize(("library", "provider"), [("Crypto", "pycryptodome"), ("cryptography", "cryptography")])
def test_encrypted_pdf_opens_by_either_library(tmp_path: Path, library: str, provider: str) -> None:
    expected: dict[str, bool] = {}
    for name, (_, make, reason) in _ENCRYPTED.items():
        (tmp_path / name).write_bytes(make())
        expected[str(tmp_path / name)] = reason is None

    command = [sys.executable, "-c", _PROGRAM, library, *expected]
    answer = subprocess.run(command, capture_output=True, check=True, text=True).stdout

    assert len(expected) == 6
    assert json.loads(answer) == [provider, expected]
