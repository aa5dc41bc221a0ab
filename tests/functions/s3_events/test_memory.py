"""What the checks take of memory: each kind of file at its largest, in a process of its own."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.corpus import CASES, JPEG, PDF, PNG, TEXT, Case, image, large_pdf

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
}
HOSTILE: dict[str, Case] = {name: case for name, case in CASES.items() if "bomb" in name or "nested" in name}


def settle(tmp_path: Path, case: Case) -> tuple[str | None, float]:
    content_type, make, _ = case
    (tmp_path / "content").write_bytes(make())
    command = [sys.executable, "-c", _PROGRAM, content_type, str(tmp_path / "content")]
    reason, mib = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    return reason, mib


pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells the peak of a process"),
]


@pytest.mark.parametrize("name", LARGE)
def test_ten_mib_take_less_than_120(tmp_path: Path, name: str) -> None:
    reason, mib = settle(tmp_path, LARGE[name])

    assert reason is None
    assert mib < 120, mib


@pytest.mark.parametrize("name", HOSTILE)
def test_bombs_take_less_than_a_fifth_of_the_function(tmp_path: Path, name: str) -> None:
    reason, mib = settle(tmp_path, HOSTILE[name])

    assert reason == HOSTILE[name][2]
    assert mib < 200
