"""Look for known vulnerabilities in what the functions ship and what development uses.

Passes over, and says so, where the source of advisories can't be reached.

Usage: python -m tools.audit
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

_LOCKS = ("functions", "runtime", "dev", "emulator", "sam")
_ROOT = Path(__file__).parents[1]


def audit(lock: str) -> tuple[list[str], int]:
    """The vulnerabilities of a lock, one line each, and how many of its packages were looked up."""
    path = _ROOT / "requirements" / f"{lock}.txt"
    command = [
        sys.executable,
        "-m",
        "pip_audit",
        "--disable-pip",
        "--require-hashes",
        "--format",
        "json",
        "-r",
        str(path),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)  # noqa: S603
    if not done.stdout.startswith("{"):
        return [], 0
    packages: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    known = [package for package in packages if "skip_reason" not in package]
    found = [
        f"{package['name']} {package['version']}: {vulnerability['id']}, fixed in {vulnerability['fix_versions']}"
        for package in known
        for vulnerability in package["vulns"]
    ]
    return found, len(known)


def main() -> int:
    """Audit each lock; 1 if anything is vulnerable."""
    failed = False
    for lock in _LOCKS:
        found, looked_up = audit(lock)
        if not looked_up:
            sys.stdout.write(f"{lock}: passed over, the source of advisories can't be reached from here\n")
            continue
        sys.stdout.write(f"{lock}: {looked_up} packages looked up, {len(found)} vulnerable\n")
        sys.stdout.writelines(f"  {line}\n" for line in found)
        failed = failed or bool(found)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
