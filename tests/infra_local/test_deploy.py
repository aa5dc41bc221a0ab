"""`make deploy-local`: the whole of it where the CDK CLI can be had, and what goes wrong before."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.infra_local.toy import processes_of, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

ROOT = Path(__file__).resolve().parents[2]
PATH = f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"


@pytest.fixture(scope="module")
def cli() -> None:
    """The CDK CLI, from npm or its cache."""
    (pinned,) = re.findall(r"^CDK_CLI := (\S+)$", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
    command = ["npx", "--yes", pinned, "--version"]
    try:
        subprocess.run(command, env={**os.environ, "PATH": PATH}, check=True, capture_output=True, timeout=120)
    except (OSError, subprocess.SubprocessError) as error:
        pytest.skip(f"the CDK CLI can't be had from npm here: {error}")


def start(folder: Path, *, cdk: str | None) -> subprocess.Popen[str]:
    """Start it with a program, or none, in the place of the CDK CLI."""
    program = folder / "cdk"
    if cdk is not None:
        program.write_text(f"#!/bin/sh\n{cdk}\n")
        program.chmod(0o755)
    return subprocess.Popen(
        [sys.executable, "-m", "infra_local.deploy"],
        cwd=ROOT,
        env={**os.environ, "CDK": str(program), "LOCAL_DIR": str(folder / "local")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.mark.usefixtures("cli")
def test_the_stack_deploys_the_main_job_passes_and_a_failed_migration_spares_what_serves(open_folder: Path) -> None:
    ran = subprocess.run(
        ["make", "--no-print-directory", "deploy-local"],
        cwd=ROOT,
        env={**os.environ, "LOCAL_DIR": str(open_folder / "local")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=580,
        check=False,
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    steps = re.findall(r"^  (\S+)  ", ran.stdout, flags=re.MULTILINE)
    job = ["Account", "Mail", "Upload", "Checks", "Download", "Delete"]
    assert steps == ["Emulator", "Bootstrap", "Deploy", "API", *job, "Again", "Live"]
    assert "the main job passes" in ran.stdout.splitlines()[-1]
    wait_until(lambda: not processes_of(open_folder), "the end of all processes")
    left = {path.name for path in (open_folder / "local" / "deploy").iterdir()}
    assert left == {
        "bootstrap.log",
        "deploy.log",
        "deploy.outputs.json",
        "again.log",
        "functions.log",
        "emulator",
        "lock",
    }


def test_a_cli_that_fails_is_shown_with_its_last_lines(open_folder: Path) -> None:
    run = start(open_folder, cdk="echo the reason; exit 1")

    text, _ = run.communicate(timeout=60)

    assert run.returncode == 1
    assert "    the reason\n" in text
    assert (
        text.splitlines()[-1] == f"error: bootstrap: the CDK CLI failed; see {open_folder}/local/deploy/bootstrap.log"
    )
    wait_until(lambda: not processes_of(open_folder), "the end of all processes")


def test_a_cli_that_cannot_be_started_is_named(open_folder: Path) -> None:
    run = start(open_folder, cdk=None)

    text, _ = run.communicate(timeout=60)

    assert run.returncode == 1
    assert text.splitlines()[-1] == f"error: {open_folder}/cdk is missing, which starts the CDK CLI"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_all_that_was_started(open_folder: Path, number: signal.Signals) -> None:
    begun = open_folder / "begun"
    named = open_folder / "named"
    run = start(open_folder, cdk=f"mktemp > {named}; sleep 300 & mv {named} {begun}; wait")
    wait_until(begun.exists, "the CLI")

    run.send_signal(number)
    text, _ = run.communicate(timeout=60)

    assert run.returncode == 130
    assert "Traceback" not in text
    assert not Path(begun.read_text().strip()).exists()
    wait_until(lambda: not processes_of(open_folder), "the end of all processes")
