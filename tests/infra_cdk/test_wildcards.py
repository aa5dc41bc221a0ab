"""A wildcard in any statement of any role is found by cdk-nag."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from infra_cdk.functions import FUNCTIONS
from tests.support import stacks

# A synthesis of the stack takes some ten seconds.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def synthesised(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The production stack with all its statements broadened, each in a policy of its own."""
    folder = tmp_path_factory.mktemp("broadened")
    command = [sys.executable, "-m", "tests.support.broadened", str(folder)]
    path = f"{stacks.ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command, cwd=stacks.ROOT, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
    )
    assert (folder / "assembly" / "validation-report.json").exists(), done.stderr[-3000:]
    return folder


def test_a_wildcard_more_in_any_statement_is_found(synthesised: Path) -> None:
    made = json.loads((synthesised / "made.json").read_text(encoding="utf-8"))
    report = json.loads((synthesised / "assembly" / "validation-report.json").read_text(encoding="utf-8"))
    found = {
        construct["constructPath"]
        for plugin in report["pluginReports"]
        for violation in plugin["violations"]
        if violation["ruleName"].startswith("AwsSolutions-IAM5")
        for construct in violation["violatingConstructs"]
    }

    assert {path: what for path, what in made.items() if path not in found} == {}
    # Each function's statements of its log and its traces, at least, in four and two ways.
    assert len(made) >= 6 * len(FUNCTIONS)
    # Nothing but what was broadened.
    assert {path for path in found if path not in made} == set()
