import os
import signal
import stat
from pathlib import Path

import psycopg
import pytest

from infra_local import postgres
from tests.infra_local.toy import wait_until


def count(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM kept").fetchone()
        assert row is not None
        return row[0]


def test_killed_server_starts_again_with_its_data(open_folder: Path) -> None:
    first = postgres.start(open_folder / "data", durable=True)
    first.create_database("one")
    with psycopg.connect(first.url("one")) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS value")
    first.process.send_signal(signal.SIGKILL)
    first.process.wait()

    second = postgres.start(open_folder / "data", durable=True)
    try:
        assert count(second.url("one")) == 1
    finally:
        second.stop()
    assert not second.socket_dir.exists()


def test_server_that_still_runs_on_the_data_ends_first(open_folder: Path) -> None:
    first = postgres.start(open_folder / "data", durable=False)
    second = postgres.start(open_folder / "data", durable=False)
    try:
        first.process.wait(5)
        with psycopg.connect(second.url("postgres")):
            pass
    finally:
        second.stop()


def test_note_of_a_dead_server_whose_number_is_taken_is_no_obstacle(open_folder: Path) -> None:
    first = postgres.start(open_folder / "data", durable=False)
    note = first.data_dir / "postmaster.pid"
    lines = note.read_text().splitlines()
    first.process.send_signal(signal.SIGKILL)
    first.process.wait()
    note.write_text("\n".join([str(os.getpid()), *lines[1:]]))

    second = postgres.start(open_folder / "data", durable=False)
    second.stop()


def test_path_may_be_longer_than_a_socket_name(open_folder: Path) -> None:
    server = postgres.start(open_folder / ("x" * 120) / "data", durable=False)
    try:
        with psycopg.connect(server.url("postgres")):
            pass
    finally:
        server.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's programs run as somebody else")
def test_closed_folder_above_the_data_stays_closed(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)

    server = postgres.start(closed / "data", durable=False)
    try:
        with psycopg.connect(server.url("postgres")):
            pass
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    finally:
        server.stop()
    wait_until(lambda: not server.data_dir.exists(), "the end of the temporary data")
