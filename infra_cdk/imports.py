"""What a function imports, read from the sources: also what it imports late, or only looks up."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_OURS = ("functions", "shared")


@dataclass(frozen=True, slots=True)
class Imports:
    """A function's own files, relative to the root, and the top-level names of others that they import."""

    files: frozenset[Path]
    packages: frozenset[str]


def of_function(name: str) -> Imports:
    """All that `functions/<name>` can reach. Its own folder comes whole: it holds data, and modules found by name."""
    folder = ROOT / "functions" / name
    files: set[Path] = set()
    packages: set[str] = set()
    waiting = [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    while waiting:
        path = waiting.pop()
        if path in files:
            continue
        files.add(path)
        if path.suffix != ".py":
            continue
        for module in _imported(path):
            if module.split(".")[0] in _OURS:
                waiting += _files_of(module)
            else:
                packages.add(module.split(".")[0])
    return Imports(frozenset(path.relative_to(ROOT) for path in files), frozenset(packages))


def _files_of(module: str) -> Iterator[Path]:
    """The file of a module, if it is one, and the packages it lies in."""
    parts = module.split(".")
    for depth in range(1, len(parts) + 1):
        place = ROOT.joinpath(*parts[:depth])
        for file in (place / "__init__.py", place.with_suffix(".py")):
            if file.exists():
                yield file


def _imported(path: Path) -> Iterator[str]:
    for node in _executed(ast.parse(path.read_text())):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), names=names, level=0):
                yield module
                yield from (f"{module}.{alias.name}" for alias in names)
            case ast.Call(func=ast.Name(id="find_spec" | "import_module"), args=[ast.Constant(value=str(module)), *_]):
                yield module
            case _:
                pass


def _executed(node: ast.AST) -> Iterator[ast.AST]:
    """The tree without what only type checkers read."""
    yield node
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.If(test=ast.Name(id="TYPE_CHECKING"), orelse=orelse):
                for other in orelse:
                    yield from _executed(other)
            case _:
                yield from _executed(child)
