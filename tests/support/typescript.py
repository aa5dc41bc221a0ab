"""The tools of `clients/typescript`, from their lock."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "clients" / "typescript"


def run(*command: str, folder: Path = FOLDER) -> subprocess.CompletedProcess[str]:
    """Run a command with this environment's node."""
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=110
    )


def install(folder: Path) -> None:
    """A copy of the client in a folder, with its packages."""
    names = shutil.ignore_patterns("node_modules", "dist")
    shutil.copytree(FOLDER, folder, dirs_exist_ok=True, ignore=names)
    done = run("npm", "ci", "--silent", folder=folder)
    assert done.returncode == 0, done.stderr
