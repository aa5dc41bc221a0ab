"""The CDK CLI with the emulator for AWS: real `cdk bootstrap` and `cdk deploy`, each with a log of its own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from infra_local import console, processes
from infra_local.emulator import ACCOUNT, CREDENTIALS, REGION
from infra_local.errors import StartError

_STACK = "ReViewPoint-local"
_SECONDS = 420


class CdkError(StartError):
    """The CLI failed; `log` says why."""

    def __init__(self, message: str, log: Path) -> None:
        super().__init__(message)
        self.log = log


@dataclass(frozen=True, slots=True)
class Cdk:
    """The CLI.

    Attributes:
        command: What it is started by.
        root: The folder with `cdk.json`.
        folder: Takes logs and assemblies.
        endpoint: The emulator.
    """

    command: Sequence[str]
    root: Path
    folder: Path
    endpoint: str

    @property
    def temporary(self) -> Path:
        """Where the CLI's temporary files lie, which it leaves behind when it is killed."""
        return self.folder / "tmp"

    def bootstrap(self) -> None:
        """Make the bucket that a deploy puts packages into.

        Raises:
            CdkError: It failed, or the CLI could not be had.
        """
        # Not where `cdk.json` lies, whose application would be run for it.
        self._run("bootstrap", ["bootstrap", f"aws://{ACCOUNT}/{REGION}"], cwd=self.folder)

    def deploy(self, name: str, *, database: str) -> Mapping[str, str]:
        """Deploy the stack; its outputs.

        Args:
            name: Of the log and the assembly.
            database: The URL that functions are given, with `{role}` for the role that each connects as.

        Raises:
            CdkError: It failed.
        """
        arguments = ["deploy", _STACK, "--app", f"{sys.executable} -m infra_cdk.local"]
        arguments += ["-c", f"endpoint={self.endpoint}", "-c", f"database={database}"]
        # What a failure has spared shows best before anything is rolled back.
        arguments += ["--require-approval", "never", "--progress", "events", "--no-rollback"]
        outputs = self.folder / f"{name}.outputs.json"
        arguments += ["--output", str(self.folder / name), "--outputs-file", str(outputs)]
        self._run(name, arguments, cwd=self.root)
        found: Mapping[str, str] = json.loads(outputs.read_text())[_STACK]
        return found

    def _run(self, name: str, arguments: Sequence[str], *, cwd: Path) -> None:
        log = self.folder / f"{name}.log"
        process = self._start(log, arguments, cwd)
        try:
            status = process.wait(_SECONDS)
        except subprocess.TimeoutExpired as error:
            raise CdkError(f"{name}: not done after {_SECONDS} s; see {log}", log) from error
        finally:
            # The CLI has children: the application, and the CLI itself below npx.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if status != 0:
            raise CdkError(f"{name}: the CDK CLI failed; see {log}", log)
        console.part(name.capitalize(), f"done, its log in {log}")

    def _start(self, log: Path, arguments: Sequence[str], cwd: Path) -> subprocess.Popen[bytes]:
        self.temporary.mkdir(exist_ok=True)
        with log.open("wb") as stream:
            try:
                return subprocess.Popen(
                    [*self.command, *arguments, "--no-notices"],
                    cwd=cwd,
                    env=self._environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=stream,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    preexec_fn=processes.bound_to_parent(signal.SIGTERM),
                )
            except FileNotFoundError as error:
                raise StartError(f"{self.command[0]} is missing, which starts the CDK CLI") from error

    def _environment(self) -> dict[str, str]:
        # The shell's own, for npm's and uv's settings, but nothing of the developer's own account.
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_"))}
        return {
            **kept,
            **CREDENTIALS,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ENDPOINT_URL_S3": self.endpoint,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "TMPDIR": str(self.temporary),
        }
