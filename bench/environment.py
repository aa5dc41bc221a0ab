"""One cold start: a process of Lambda's runtime client, its CPU time and memory as the kernel counts them."""

import asyncio
import json
import os
import signal
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra_local import processes
from infra_local.runtime_api import FunctionError, Invocation, RuntimeApi

PYTHON = Path(__file__).resolve().parents[1] / ".venv-bench" / "bin" / "python"

_SETTLE_SECONDS = 0.01
_LIMIT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Place:
    """Where the code lies, as in the package, and the variables of every function."""

    root: Path
    variables: Mapping[str, str]


class Environment:
    """A process that serves one event at a time."""

    def __init__(self, handler: str, place: Place) -> None:
        self._handler = handler
        self._place = place
        self._api = RuntimeApi()
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it; returns when it asks for work.

        Raises:
            FunctionError: its handler did not load; what it said is in the message.
        """
        address = await self._api.start()
        log = self._place.root / f"{self._handler}.log"
        with log.open("wb") as stream:
            self._process = await asyncio.create_subprocess_exec(
                *(PYTHON, "-m", "awslambdaric", self._handler),
                cwd=self._place.root,
                env=_variables(self._handler, address, self._place.variables),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=stream,
                stderr=asyncio.subprocess.STDOUT,
                preexec_fn=processes.bound_to_parent(signal.SIGKILL),
            )
        try:
            async with asyncio.timeout(_LIMIT_SECONDS):
                await self._api.ready
        except (FunctionError, TimeoutError) as error:
            raise FunctionError(f"{self._handler} did not start: {log.read_text()[-2000:] or error}") from error

    async def invoke(self, event: Mapping[str, Any]) -> Any:
        """The answer to an event."""
        invocation = Invocation(
            request_id=str(uuid.uuid4()),
            trace_id="Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0",
            function_arn="arn:aws:lambda:us-east-1:000000000000:function:bench",
            deadline_milliseconds=int((time.time() + _LIMIT_SECONDS) * 1000),
            payload=json.dumps(event).encode(),
        )
        async with asyncio.timeout(_LIMIT_SECONDS):
            return json.loads(await self._api.invoke(invocation))

    async def cpu_ms(self) -> float:
        """CPU time since the process was born, of all its threads, the ended ones too."""
        # After its answer the client still asks for the next event.
        await asyncio.sleep(_SETTLE_SECONDS)
        # Linux's clock of another process (clock_getcpuclockid(3)); /proc counts in steps of 10 ms.
        return time.clock_gettime_ns((~self._pid << 3) | 2) / 1e6

    def peak_mib(self) -> float:
        """The most memory it had so far (resident set)."""
        status = Path(f"/proc/{self._pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024

    @property
    def _pid(self) -> int:
        if self._process is None:
            raise RuntimeError("not started")
        return self._process.pid

    async def close(self) -> None:
        """End it."""
        self._api.close()
        if self._process is not None:
            if self._process.returncode is None:
                self._process.kill()
            await self._process.wait()


def _variables(handler: str, address: str, ours: Mapping[str, str]) -> dict[str, str]:
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "TZ": ":UTC",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        # The byte-code is there; nothing is written while we measure.
        "PYTHONDONTWRITEBYTECODE": "1",
        **ours,
        "AWS_LAMBDA_FUNCTION_NAME": "bench",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_RUNTIME_API": address,
        "_HANDLER": handler,
    }
