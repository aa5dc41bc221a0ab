"""An execution environment: a process of Lambda's own runtime client that serves one event at a time."""

import asyncio
import contextlib
import os
import secrets
import signal
import sys
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from infra_local import processes
from infra_local.emulator import ACCOUNT, REGION
from infra_local.function_log import FunctionLog
from infra_local.functions import Function
from infra_local.runtime_api import FunctionError, Invocation, RuntimeApi

# Lambda allows 10 s; a laptop that compiles everything for the first time may need more.
_INIT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Host:
    """What all environments of this machine share.

    Attributes:
        root: The folder with the code, as `LAMBDA_TASK_ROOT`.
        variables: The environment of the functions.
    """

    root: Path
    variables: Mapping[str, str]
    logs: Path


class Environment:
    """One process, started, used again and again, and thrown away."""

    def __init__(self, function: Function, host: Host) -> None:
        self._function = function
        self._host = host
        self._api = RuntimeApi()
        self._log = FunctionLog(function.name, host.logs)
        self._process: asyncio.subprocess.Process | None = None
        self._watcher: asyncio.Task[None] | None = None

    @property
    def alive(self) -> bool:
        """Whether it can take another event."""
        return self._process is not None and self._process.returncode is None and not self._api.broken

    async def start(self) -> None:
        """Start the process and return once it asks for work.

        Raises:
            FunctionError: The handler's module did not load, or took too long.
        """
        address = await self._api.start()
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "awslambdaric", self._function.handler),
            cwd=self._host.root,
            env=self._variables(address),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=processes.bound_to_parent(signal.SIGKILL),
        )
        self._watcher = asyncio.create_task(self._watch(self._process))
        try:
            async with asyncio.timeout(_INIT_SECONDS):
                await self._api.ready
        except BaseException as error:
            await self.close()
            if isinstance(error, TimeoutError):
                raise FunctionError(f"init took more than {_INIT_SECONDS} seconds", timed_out=True) from error
            raise

    async def invoke(self, payload: bytes) -> bytes:
        """The function's answer to an event.

        Raises:
            FunctionError: It raised, ended, or took more than the function's timeout; then it is dead.
        """
        seconds = self._function.timeout_seconds
        answer = self._api.invoke(self._invocation(payload))
        try:
            async with asyncio.timeout(seconds):
                return await answer
        except TimeoutError as error:
            await self.close()
            raise FunctionError(f"Task timed out after {seconds:.2f} seconds", timed_out=True) from error

    async def close(self) -> None:
        """End the process as Lambda does, without a word, and all that it has started."""
        self._api.close()
        if self._process is None or self._watcher is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await asyncio.wait({self._watcher})

    async def _watch(self, process: asyncio.subprocess.Process) -> None:
        if process.stdout is not None:
            while chunk := await process.stdout.read(65536):
                self._log.feed(chunk)
        code = await process.wait()
        self._log.close()
        self._api.fail(FunctionError(self._log.last_line or f"Runtime exited with status {code}"))

    def _invocation(self, payload: bytes) -> Invocation:
        now = time.time()
        return Invocation(
            request_id=str(uuid.uuid4()),
            trace_id=f"Root=1-{int(now):08x}-{secrets.token_hex(12)};Parent={secrets.token_hex(8)};Sampled=0",
            function_arn=f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{self._function.name}",
            deadline_milliseconds=int((now + self._function.timeout_seconds) * 1000),
            payload=payload,
        )

    def _variables(self, runtime_api: str) -> dict[str, str]:
        name = self._function.name
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "TZ": ":UTC",
            # Nothing of the developer's own account may leak in.
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            **self._host.variables,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_python{sys.version_info.major}.{sys.version_info.minor}",
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self._function.memory_mib),
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": f"{time.strftime('%Y/%m/%d')}/[$LATEST]{secrets.token_hex(16)}",
            "AWS_LAMBDA_RUNTIME_API": runtime_api,
            "LAMBDA_TASK_ROOT": str(self._host.root),
            "_HANDLER": self._function.handler,
        }
