"""A function's package: a zip of what it imports and nothing else, the same bytes from the same sources.

Needs `uv` and the locks, no container. The byte-code is made by an interpreter of Lambda's own version where there is
one; without it a cold start takes three times as long, so a deploy should have it.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from aws_cdk import aws_lambda as lambda_

from infra_cdk import imports, packages
from infra_cdk.functions import FunctionSpec
from infra_cdk.imports import ROOT

PYTHON = "3.13"
LOCK = ROOT / "requirements" / "functions.txt"
_STORE = ROOT / "cdk.out" / ".bundles"
# Zip knows no earlier time; the sources' own would differ from clone to clone.
_EPOCH = (1980, 1, 1, 0, 0, 0)


class BundlingError(SystemExit):
    """A package can't be made. Ends the program with its one line, and without a stack."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a package is for, in uv's words, and the version of Python that runs it."""

    platform: str
    python: str = PYTHON

    @property
    def key(self) -> str:
        """Names what installed packages depend on."""
        compiler = interpreter(self.python)
        made_of = f"{self.platform} {self.python} {compiler and _version(compiler)} {LOCK.read_text()}"
        return hashlib.sha256(made_of.encode()).hexdigest()[:16]


LAMBDA = Target("aarch64-manylinux_2_28")
LOCAL = Target(f"{os.uname().machine}-manylinux_2_28")


def code_of(spec: FunctionSpec) -> lambda_.Code:
    """The function's code for AWS, as CDK takes it."""
    return lambda_.Code.from_asset(str(bundle(spec.name)))


def bundle(name: str, target: Target = LAMBDA, *, store: Path = _STORE) -> Path:
    """The zip of `functions/<name>`; one that was made of the same is taken as it is."""
    site = _installed_site(target, store)
    wanted = imports.of_function(name)
    zipped = store / f"{name}-{target.platform}.zip"
    note, made_of = zipped.with_suffix(".made-of"), _digest(wanted.files, target)
    if zipped.exists() and note.exists() and note.read_text() == made_of:
        return zipped
    note.unlink(missing_ok=True)
    shipped = packages.needed(wanted.packages, packages.installed(site))
    own = store / f"own-{os.getpid()}" / name
    _copy(wanted.files, own)
    compile_all(own, target.python)
    entries = {path.relative_to(own): path for path in own.rglob("*") if path.is_file()}
    for package in shipped:
        for file in package.files:
            entries |= {path.relative_to(site): path for path in _with_bytecode(site / file)}
    _zip(entries, zipped)
    note.write_text(made_of)
    shutil.rmtree(own.parent)
    return zipped


def _digest(files: Iterable[Path], target: Target) -> str:
    """Names all that a package is made of: packages, our files, and what packs them."""
    found = hashlib.sha256(target.key.encode())
    ours = sorted(ROOT / file for file in files)
    for path in (*ours, Path(__file__), Path(packages.__file__), ROOT / "pyproject.toml"):
        found.update(f"{path} {hashlib.sha256(path.read_bytes()).hexdigest()}".encode())
    return found.hexdigest()


def _with_bytecode(path: Path) -> Iterable[Path]:
    yield path
    if path.suffix == ".py":
        yield from (path.parent / "__pycache__").glob(f"{path.stem}.cpython-*.pyc")


def _copy(files: Iterable[Path], into: Path) -> None:
    for file in files:
        (into / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / file, into / file)


def _zip(entries: dict[Path, Path], zipped: Path) -> None:
    fresh = zipped.with_suffix(f".{os.getpid()}")
    with zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in sorted(entries):
            entry = zipfile.ZipInfo(str(name), date_time=_EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, entries[name].read_bytes())
    fresh.replace(zipped)


def _installed_site(target: Target, store: Path) -> Path:
    """All locked packages for the target, byte-compiled; made once for a lock."""
    site = store / f"site-{target.key}"
    if not site.exists():
        store.mkdir(parents=True, exist_ok=True)
        fresh = store / f"site-{target.key}.{os.getpid()}"
        _install(target, fresh)
        compile_all(fresh, target.python)
        fresh.rename(site)
    return site


def _install(target: Target, into: Path) -> None:
    command = [_uv(), "pip", "install", "--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:"]
    command += ["--python", sys.executable, "--python-platform", target.platform, "--python-version", target.python]
    command += ["--target", str(into), "--link-mode", "copy", "-r", str(LOCK)]
    if subprocess.run(command, check=False).returncode:
        raise BundlingError(f"The locked packages could not be installed for {target.platform}.")


def _uv() -> str:
    own = ROOT / ".venv-uv" / "bin" / "uv"
    found = str(own) if own.exists() else shutil.which("uv")
    if found is None:
        raise BundlingError("uv is missing; `make setup` installs it.")
    return found


def compile_all(folder: Path, python: str = PYTHON) -> None:
    """Compile what lies below `folder`, as if it lay in Lambda; without an interpreter of the version, nothing."""
    compiler = interpreter(python)
    if compiler is None:
        return
    command = [compiler, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
    command += ["-s", str(folder), "-p", "/var/task", str(folder)]
    # Without the seed the order of sets, and so the bytes, would differ from run to run.
    subprocess.run(command, check=False, env={"PYTHONHASHSEED": "0"}, stdout=subprocess.DEVNULL)


@cache
def interpreter(python: str = PYTHON) -> str | None:
    """A Python of the version, from PATH or pyenv; `None`, and a word about it, where there is none."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    installed = sorted(map(str, pyenv.glob(f"versions/{python}.*/bin/python")))
    candidates = [shutil.which(f"python{python}"), *installed, sys.executable]
    for candidate in candidates:
        if candidate is not None and _version(candidate).startswith(f"{python}."):
            return candidate
    sys.stderr.write(f"No Python {python} found: the packages hold no byte-code, and start three times as slowly.\n")
    return None


@cache
def _version(program: str) -> str:
    # A shim may be there for a version that is not.
    command = [program, "-c", "import platform; print(platform.python_version())"]
    return subprocess.run(command, check=False, capture_output=True, text=True).stdout.strip()
