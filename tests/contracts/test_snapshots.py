"""What a function does before a snapshot of it may be taken (SnapStart): nothing that must not be in the copies."""

import json
import os
import subprocess
import sys
from itertools import pairwise

import pytest

from tests.support import stacks
from tests.support.stacks import ABROAD

# A process for each function; a synthesis of the stack takes some ten seconds.
pytestmark = pytest.mark.slow

PROGRAM = """
import json, socket, sys
sys.modules["cryptography"] = None
reached = []
def refuse(self, address):
    reached.append(str(address))
    raise OSError("no network before the snapshot")
socket.socket.connect = socket.socket.connect_ex = refuse
socket.getaddrinfo = lambda *where, **how: refuse(None, where)
import functions.{function}.handler
state = {{"reached": reached}}
database, kept = sys.modules.get("shared.db"), sys.modules.get("shared.aws.secrets")
state["connections"] = database is not None and database._Slot.connection is not None
state["secrets"] = len(kept._kept) if kept else 0
clients, cache = sys.modules.get("shared.aws.client"), sys.modules.get("shared.cache")
state["clients"] = clients.client.cache_info().currsize + clients.session.cache_info().currsize if clients else 0
state["caches"] = cache.server.cache_info().currsize if cache else 0
print(json.dumps(state))
"""
EMPTY: dict[str, object] = {"reached": [], "connections": False, "secrets": 0, "clients": 0, "caches": 0}


@pytest.mark.parametrize("function", stacks.functions())
def test_connections_secrets_and_clients_come_after_the_snapshot(function: str) -> None:
    variables = {**os.environ, "SECRET_KEY_ARN": "arn:keys", "ORIGIN_SECRET_ARN": "arn:origin"}
    variables.pop("SECRET_KEY", None)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(function=function)],
        env=variables,
        cwd=stacks.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout) == EMPTY


def test_our_randomness_is_the_systems() -> None:
    """A generator that a process seeds once would go on alike in every copy of its snapshot."""
    for folder in ("functions", "shared"):
        for path in (stacks.ROOT / folder).rglob("*.py"):
            words = path.read_text(encoding="utf-8").split()
            assert ("import", "random") not in set(pairwise(words)), path


def test_snapshots_are_a_setting() -> None:
    for environment, setting in ((ABROAD, {"ApplyOn": "PublishedVersions"}), ("prod", None)):
        stack = stacks.stack(environment)
        assert [stack.function(name)["Properties"].get("SnapStart") for name in stacks.functions()] == [setting] * len(
            stacks.functions()
        )
