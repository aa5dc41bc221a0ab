"""What the checks take of memory: each kind of file at its largest, in a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.corpus import (
    CASES,
    JPEG,
    PDF,
    PNG,
    TEXT,
    Case,
    image,
    large_pdf,
    pdf_of_many_objects,
    pdf_of_real_pages,
)

_PROGRAM = """
import json, re, sys
from pathlib import Path
sys.modules["cryptography"] = None  # here for development only
import boto3
from types import SimpleNamespace
from functions.s3_events import service
from functions.s3_events.content import Inspection

def pieces(path):
    with open(path, "rb") as stream:
        while piece := stream.read(256 * 1024):
            yield piece

boto3.client("s3", region_name="us-east-1")
inspection = Inspection(SimpleNamespace(content_type=sys.argv[1], declared_sha256=None))
inspection.read(pieces(sys.argv[2]))
reason = inspection.verdict()
peak = re.search("VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())  # of this program, not of its parent
print(json.dumps([reason, int(peak[1]) / 1024]))
"""
LARGE: dict[str, tuple[str, Callable[[], bytes], str | None]] = {
    "text": (TEXT, lambda: b"x" * 10_485_760, None),
    "jpeg": (JPEG, lambda: image("JPEG", (3400, 2600), quality=95), None),
    "progressive jpeg": (JPEG, lambda: image("JPEG", (3400, 2600), quality=95, progressive=True), None),
    "png": (PNG, lambda: image("PNG", (1900, 1800)), None),
    "pdf": (PDF, large_pdf, None),
    "pdf of many pages": (PDF, lambda: pdf_of_real_pages(10_000, 10_400_000), None),
    "pdf of many objects": (PDF, pdf_of_many_objects, None),
}
HOSTILE: dict[str, Case] = {
    name: case
    for name, case in CASES.items()
    if any(word in name for word in ("bomb", "nested", "fans-out", "too-many"))
}


@pytest.fixture(scope="module")
def bytecode(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A folder of byte-code, as a package holds it: to compile the parsers takes 30 MiB more."""
    folder = tmp_path_factory.mktemp("bytecode")
    for name in ("sound.pdf", "sound.png", "sound.jpg"):
        _settle(tmp_path_factory.mktemp("sound"), CASES[name], str(folder))
    return str(folder)


def _settle(tmp_path: Path, case: Case, bytecode: str) -> tuple[str | None, float]:
    content_type, make, _ = case
    (tmp_path / "content").write_bytes(make())
    command = [sys.executable, "-c", _PROGRAM, content_type, str(tmp_path / "content")]
    variables = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    variables["PYTHONPYCACHEPREFIX"] = bytecode
    answer = subprocess.run(command, capture_output=True, check=True, text=True, env=variables).stdout
    reason, mib = json.loads(answer)
    return reason, mib


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells the peak of a process"),
]


@pytest.mark.parametrize("name", LARGE)
def test_ten_mib_take_less_than_120(tmp_path: Path, bytecode: str, name: str) -> None:
    reason, mib = _settle(tmp_path, LARGE[name], bytecode)

    assert reason is None
    assert mib < 120


@pytest.mark.parametrize("name", HOSTILE)
def test_bombs_take_no_more_than_honest_files(tmp_path: Path, bytecode: str, name: str) -> None:
    reason, mib = _settle(tmp_path, HOSTILE[name], bytecode)

    assert reason == HOSTILE[name][2]
    assert mib < 120
