"""Toy handlers in real processes of the Lambda runtime client."""

import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from infra_local.environment import Host
from infra_local.functions import Function
from infra_local.pool import Pool
from infra_local.runtime_api import PAYLOAD_LIMIT, FunctionError
from tests.infra_local.toy import write_function

pytestmark = pytest.mark.slow

WHO = """
import os, time

def handler(event, context):
    time.sleep(event.get("sleep", 0))
    return {"pid": os.getpid(), "value": 1}
"""


def run(root: Path, work: Callable[[Pool], Awaitable[None]], **changes: Any) -> None:
    async def run_and_close() -> None:
        pool = Pool(Function("toy", **changes), Host(root, {"AWS_REGION": "us-east-1"}, root / "logs"))
        try:
            await work(pool)
        finally:
            await pool.close()

    asyncio.run(run_and_close())


async def call(pool: Pool, event: object, wait_seconds: float = 30) -> Any:
    return json.loads(await pool.invoke(json.dumps(event).encode(), wait_seconds=wait_seconds))


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_event_and_context_reach_the_handler(tmp_path: Path) -> None:
    write_function(
        tmp_path,
        "toy",
        """
import os

def handler(event, context):
    return {
        "event": event,
        "id": context.aws_request_id,
        "arn": context.invoked_function_arn,
        "left": context.get_remaining_time_in_millis(),
        "variables": dict(os.environ),
    }
""",
    )

    async def work(pool: Pool) -> None:
        first, second = await call(pool, {"a": "é"}), await call(pool, {"a": "é"})
        assert first["event"] == {"a": "é"}
        assert first["id"] != second["id"]
        assert first["arn"] == "arn:aws:lambda:us-east-1:000000000000:function:toy"
        assert 8000 < first["left"] <= 10000
        assert first["variables"]["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "512"
        assert "HOME" not in first["variables"]

    run(tmp_path, work)


def test_one_environment_serves_one_event_after_the_other(tmp_path: Path) -> None:
    write_function(tmp_path, "toy", WHO)

    async def work(pool: Pool) -> None:
        await pool.warm()
        assert len({(await call(pool, {}))["pid"] for _ in range(3)}) == 1

    run(tmp_path, work)


def test_error_says_what_was_raised_and_the_environment_lives_on(tmp_path: Path) -> None:
    write_function(
        tmp_path,
        "toy",
        """
import os

def handler(event, context):
    if event == "bad":
        raise ValueError("no such thing")
    return os.getpid()
""",
    )

    async def work(pool: Pool) -> None:
        before = await call(pool, {})
        with pytest.raises(FunctionError, match="ValueError: no such thing"):
            await call(pool, "bad")
        assert await call(pool, {}) == before

    run(tmp_path, work)


def test_timeout_kills_the_environment_and_the_next_event_gets_another(tmp_path: Path) -> None:
    write_function(tmp_path, "toy", WHO)

    async def work(pool: Pool) -> None:
        first = await call(pool, {})
        with pytest.raises(FunctionError, match=r"Task timed out after 1\.00 seconds") as caught:
            await call(pool, {"sleep": 60})
        assert caught.value.timed_out
        assert not is_alive(first["pid"])
        assert (await call(pool, {}))["pid"] != first["pid"]

    run(tmp_path, work, timeout_seconds=1)


def test_process_that_ends_is_an_error_at_once(tmp_path: Path) -> None:
    write_function(tmp_path, "toy", "import os, sys\ndef handler(event, context):\n    os._exit(7)\n")

    async def work(pool: Pool) -> None:
        with pytest.raises(FunctionError, match="Runtime exited with status 7"):
            await call(pool, {})

    run(tmp_path, work)


def test_init_that_ends_the_process_is_told_by_its_last_line(tmp_path: Path) -> None:
    write_function(tmp_path, "toy", "raise SystemExit('Bad setting. BCRYPT_ROUNDS: too many')")

    async def work(pool: Pool) -> None:
        with pytest.raises(FunctionError, match=r"^Bad setting\. BCRYPT_ROUNDS: too many$"):
            await pool.warm()

    run(tmp_path, work)


def test_module_that_does_not_load_is_told_by_its_error(tmp_path: Path) -> None:
    write_function(tmp_path, "toy", "import no_such_module")

    async def work(pool: Pool) -> None:
        with pytest.raises(FunctionError, match=r"ImportModuleError.*no_such_module"):
            await call(pool, {})

    run(tmp_path, work)


def test_answer_over_the_limit_is_an_error(tmp_path: Path) -> None:
    write_function(tmp_path, "toy", f"def handler(event, context):\n    return 'x' * {PAYLOAD_LIMIT}\n")

    async def work(pool: Pool) -> None:
        for _ in range(3):
            with pytest.raises(FunctionError, match="exceeded maximum allowed payload size"):
                await call(pool, {})

    run(tmp_path, work)


def test_events_beyond_the_limit_wait_for_an_environment(tmp_path: Path) -> None:
    """Six in parallel, two environments."""
    write_function(tmp_path, "toy", WHO)

    async def work(pool: Pool) -> None:
        answers = await asyncio.gather(*(call(pool, {"sleep": 0.4}) for _ in range(6)))
        assert len({answer["pid"] for answer in answers}) == 2

    run(tmp_path, work, max_environments=2)


def test_event_that_waits_too_long_is_refused(tmp_path: Path) -> None:
    write_function(tmp_path, "toy", WHO)

    async def work(pool: Pool) -> None:
        await pool.warm()
        busy = asyncio.create_task(call(pool, {"sleep": 2}))
        await asyncio.sleep(0)
        started = time.monotonic()
        with pytest.raises(FunctionError, match="busy") as caught:
            await call(pool, {}, wait_seconds=0.2)
        assert caught.value.timed_out
        assert time.monotonic() - started < 1.5
        await busy
        await call(pool, {}, wait_seconds=0.2)

    run(tmp_path, work, max_environments=1)


@pytest.mark.parametrize("folder", ["functions/toy", "shared"])
def test_edit_is_live_on_the_next_event(tmp_path: Path, folder: str) -> None:
    handler = write_function(tmp_path, "toy", WHO)
    (tmp_path / "shared").mkdir()

    async def work(pool: Pool) -> None:
        first = await call(pool, {})
        handler.write_text(WHO.replace('"value": 1', '"value": 22'))
        (tmp_path / folder / "other.py").write_text("")
        second = await call(pool, {})
        assert (first["value"], second["value"]) == (1, 22)
        deadline = time.monotonic() + 5
        while is_alive(first["pid"]) and time.monotonic() < deadline:
            await asyncio.sleep(0.01)
        assert not is_alive(first["pid"])

    run(tmp_path, work)


def test_edit_during_an_event_lets_it_finish(tmp_path: Path) -> None:
    handler = write_function(tmp_path, "toy", WHO)

    async def work(pool: Pool) -> None:
        await pool.warm()
        old = asyncio.create_task(call(pool, {"sleep": 1}))
        await asyncio.sleep(0.2)
        handler.write_text(WHO.replace('"value": 1', '"value": 22'))
        assert (await call(pool, {}))["value"] == 22
        assert (await old)["value"] == 1
        assert (await call(pool, {}))["value"] == 22

    run(tmp_path, work)


def test_output_goes_to_the_log_and_warnings_to_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_function(
        tmp_path,
        "toy",
        """
import json

def handler(event, context):
    print("plain")
    print(json.dumps({"level": "INFO", "message": "all is well"}))
    print(json.dumps({"level": "WARNING", "message": "look here"}))
""",
    )

    async def work(pool: Pool) -> None:
        await call(pool, {})

    run(tmp_path, work)

    assert (tmp_path / "logs" / "toy.log").read_text().splitlines()[0] == "plain"
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("warning: toy: look here")
    assert shown.err.count("\n") == 1
