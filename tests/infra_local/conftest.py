import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.infra_local.toy import processes_of, write_project


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every user can reach, unlike `tmp_path`: PostgreSQL does not run as root."""
    with tempfile.TemporaryDirectory(prefix="reviewpoint-toy-", ignore_cleanup_errors=True) as name:
        folder = Path(name).resolve()
        folder.chmod(0o755)
        yield folder
        for pid in processes_of(folder):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@pytest.fixture
def project(open_folder: Path) -> Path:
    """A project of toy functions."""
    return write_project(open_folder)
