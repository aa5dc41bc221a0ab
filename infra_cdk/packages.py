"""Which installed packages a function has to ship: those it imports, and what they require."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.parser import HeaderParser
from fnmatch import fnmatch
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from infra_cdk.imports import ROOT

PROVIDED = frozenset({"boto3", "botocore"})
"""Packages of AWS's own Python runtime, which the functions don't ship."""

_NEVER_REQUIRED = frozenset({"dnspython"})
"""Looks up the domains of addresses, which no function does: an address is checked by its syntax."""

_FOR_FONTS_AND_AVIF = ("avif", "brotlicommon", "brotlidec", "freetype", "harfbuzz", "lcms2", "png16")

_NOT_OF_PDF = (
    "EKS",
    "Salsa20",
    "chacha20",
    "mode_[!ce]",
    "mode_c[cft]",
    "pkcs1",
    "raw_[!ace]",
    "raw_[ac]r",
    "raw_cast",
    "raw_eks",
)

_UNUSED = (
    # Of Powertools: logger, metrics and the type of the context.
    "aws_lambda_powertools/event_handler/*",
    "aws_lambda_powertools/utilities/[!_jt]*/*",
    # Pydantic's first version, which `shared.start` keeps from being imported.
    "pydantic/v1/*",
    # Of SQLAlchemy: what Alembic needs, on PostgreSQL; what is compiled only reads many rows faster.
    "sqlalchemy/testing/*",
    "sqlalchemy/orm/*",
    "sqlalchemy/ext/[!_c]*",
    "sqlalchemy/dialects/mssql/*",
    "sqlalchemy/dialects/mysql/*",
    "sqlalchemy/dialects/oracle/*",
    "sqlalchemy/dialects/sqlite/*",
    "sqlalchemy/*.so",
    "alembic/testing/*",
    "alembic/templates/*",
    # Of Pillow: what decodes the images that may be allowed; fonts, colour profiles, AVIF and windows are of no use.
    "PIL/_avif.*",
    "PIL/_imaging[cfmt]*",
    *(f"pillow.libs/lib{library}-*" for library in _FOR_FONTS_AND_AVIF),
    # Of PyCryptodome: all but AES (CBC and ECB) and RC4.
    "Crypto/[!CRU]*/*",
    "Crypto/Cipher/[!_A]*",
    *(f"Crypto/Cipher/_{cipher}*" for cipher in _NOT_OF_PDF),
    "Crypto/Util/[aCnR]*",
    # Guides for programs that write code.
    "*/.agents/*",
)
"""Large parts of packages that nothing here imports, also not late; a test starts every function without them."""

_PYTHON = "3.13"


@dataclass(frozen=True, slots=True)
class Package:
    """An installed distribution; `files` are relative to where it is installed."""

    name: str
    files: tuple[Path, ...]
    requires: tuple[Requirement, ...]

    @property
    def top_levels(self) -> frozenset[str]:
        """The names it can be imported by."""
        return frozenset(path.parts[0].removesuffix(".py") for path in self.files)


def installed(site: Path) -> dict[str, Package]:
    """All distributions below `site`, by name."""
    packages = (_read(info) for info in sorted(site.glob("*.dist-info")))
    return {package.name: package for package in packages}


def _read(info: Path) -> Package:
    metadata = HeaderParser().parsestr((info / "METADATA").read_text())
    listed = (Path(line.split(",")[0]) for line in (info / "RECORD").read_text().splitlines())
    return Package(
        name=canonicalize_name(metadata["Name"]),
        files=tuple(path for path in listed if ".." not in path.parts and _is_shipped(path)),
        requires=tuple(map(Requirement, metadata.get_all("Requires-Dist", []))),
    )


def _is_shipped(path: Path) -> bool:
    # Type stubs, sources of C and scripts are never imported. Of the metadata only what names the version stays.
    if path.parts[0].endswith(".dist-info"):
        return path.name == "METADATA"
    if any(fnmatch(path.as_posix(), pattern) for pattern in _UNUSED):
        return False
    return path.suffix not in {".pyi", ".pyx", ".pxd", ".c", ".h", ".pyc"} and path.parts[0] != "bin"


def needed(imported: Iterable[str], packages: Mapping[str, Package]) -> list[Package]:
    """The packages behind imported names, and all that they require, but for what AWS provides."""
    extras = _chosen_extras()
    names = set(imported)
    waiting = [package.name for package in packages.values() if package.top_levels & names]
    found: dict[str, Package] = {}
    while waiting:
        name = waiting.pop()
        if name in found or name in PROVIDED | _NEVER_REQUIRED:
            continue
        package = found[name] = packages[name]
        for requirement in package.requires:
            if _applies(requirement, extras.get(name, set())):
                waiting.append(canonicalize_name(requirement.name))
    return [found[name] for name in sorted(found)]


def _applies(requirement: Requirement, extras: set[str]) -> bool:
    if requirement.marker is None:
        return True
    target = {"python_version": _PYTHON, "python_full_version": f"{_PYTHON}.0", "sys_platform": "linux"}
    return any(requirement.marker.evaluate({**target, "extra": extra}) for extra in ("", *extras))


def _chosen_extras() -> dict[str, set[str]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return {canonicalize_name(r.name): r.extras for r in map(Requirement, project["dependencies"])}
