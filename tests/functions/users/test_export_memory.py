"""What an export takes of memory, in a process of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.services import clone_database

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux tells the peak of a process"),
]

_PROGRAM = """
import sys
from pathlib import Path
from shared.db import connection
from tests.support.api import Api
from tests.support.factories import make_account
with connection(within=60) as conn:
    conn.execute(
        "INSERT INTO users (id, username, email, password_hash) "
        "SELECT gen_random_uuid(), 'user' || n, 'user' || n || '@example.org', '!' FROM generate_series(1, %s::int) n",
        [int(sys.argv[1])],
    )
token = make_account(role="admin").token
answer = Api().get("/api/v1/users/export", token=token, query={"redirect": "false"})
assert answer.status == 200, answer
print(Path("/proc/self/status").read_text())
"""


def peak_mib(accounts: int) -> float:
    url = clone_database(os.environ["REVIEWPOINT_TEST_POSTGRES"], f"export_{os.getpid()}_{accounts}")
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(accounts)],
        env={**os.environ, "REVIEWPOINT_DB_URL": url},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    peak = re.search(r"VmHWM:\s+(\d+) kB", done.stdout)
    assert peak is not None
    return int(peak[1]) / 1024


def test_memory_grows_by_less_than_20_mib_from_1000_accounts_to_100_000() -> None:
    """Both by the storage, so that its client's own 20 MiB are in both."""
    few, many = peak_mib(1_000), peak_mib(100_000)

    assert many - few < 20
