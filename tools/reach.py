"""What a function can reach, read from the sources: names followed from its own folder through `shared`."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

Unit = tuple[str, str]
"""A module and a name at its top level."""


@dataclass
class Module:
    """A parsed module: what its names stand for, and the code behind each."""

    name: str
    aliases: dict[str, tuple[str, str | None]] = field(default_factory=dict[str, tuple[str, str | None]])
    units: dict[str, list[ast.AST]] = field(default_factory=dict[str, list[ast.AST]])
    attributes: set[str] = field(default_factory=set[str])


def units_of(function: str) -> frozenset[Unit]:
    """All that the code of `functions/<function>` can reach, itself included."""
    waiting = [
        (module, name)
        for module in _modules()
        if module.startswith(f"functions.{function}.")
        for name in _modules()[module].units
    ]
    reached: set[Unit] = set()
    while waiting:
        unit = waiting.pop()
        if unit in reached:
            continue
        reached.add(unit)
        module = _modules()[unit[0]]
        # What a module does when it is imported is reached with any name of it.
        waiting += [(module.name, name) for name in ("",) if name in module.units]
        waiting += [found for node in module.units[unit[1]] for found in _references(module, node)]
    return frozenset(reached)


def nodes_of(unit: Unit) -> list[ast.AST]:
    """The code behind a unit."""
    return _modules()[unit[0]].units[unit[1]]


def texts_of(unit: Unit) -> list[str]:
    """The strings in a unit, with the parts of an f-string joined; constants of its module are filled in."""
    return [text for node in nodes_of(unit) for text in _texts(_modules()[unit[0]], node)]


@cache
def _modules() -> dict[str, Module]:
    paths = [*(ROOT / "shared").rglob("*.py"), *(ROOT / "functions").rglob("*.py")]
    return {module.name: module for module in map(_parse, paths)}


def _parse(path: Path) -> Module:
    relative = path.relative_to(ROOT).with_suffix("")
    parts = relative.parts[:-1] if relative.name == "__init__" else relative.parts
    module = Module(".".join(parts))
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                module.aliases |= {a.asname or a.name.split(".")[0]: (a.name, None) for a in names}
            case ast.ImportFrom(module=str(source), names=names):
                module.aliases |= {a.asname or a.name: (source, a.name) for a in names}
            case ast.Attribute(attr=attribute, value=ast.Name(id=name)) if name not in module.aliases:
                module.attributes.add(attribute)
            case _:
                pass
    for statement in tree.body:
        for name in _defined(statement):
            module.units.setdefault(name, []).append(statement)
    return module


def _defined(statement: ast.stmt) -> list[str]:
    match statement:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return [name]
        case ast.Assign(targets=targets):
            return [target.id for target in targets if isinstance(target, ast.Name)]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
        case ast.Import() | ast.ImportFrom():
            return []
        case _:
            return [""]


def _references(module: Module, node: ast.AST) -> Iterator[Unit]:
    for part in ast.walk(node):
        match part:
            case ast.Name(id=name):
                yield from _resolve(module, name, None)
            case ast.Attribute(value=ast.Name(id=name), attr=attribute):
                yield from _resolve(module, name, attribute)
            case _:
                pass


def _resolve(module: Module, name: str, attribute: str | None) -> Iterator[Unit]:
    if name in module.units and name not in module.aliases:
        yield module.name, name
        return
    source, symbol = module.aliases.get(name, (None, None))
    if source is None:
        return
    as_module = f"{source}.{symbol}" if symbol else source
    if attribute is None and symbol not in _units_in(source):
        # A module handed on as a value: whatever is asked of something here may be asked of it.
        yield from ((as_module, unit) for unit in _units_in(as_module) if unit in module.attributes)
    if attribute is not None and attribute in _units_in(as_module):
        yield as_module, attribute
    elif symbol is not None and symbol in _units_in(source):
        yield source, symbol


def _units_in(module: str) -> dict[str, list[ast.AST]]:
    found = _modules().get(module)
    return found.units if found else {}


def _texts(module: Module, node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=values):
            yield "".join(_filled(module, value) for value in values)
        case _:
            for child in ast.iter_child_nodes(node):
                yield from _texts(module, child)


def _filled(module: Module, value: ast.expr) -> str:
    match value:
        case ast.Constant(value=str(text)):
            return text
        case ast.FormattedValue(value=ast.Name(id=name)) if name in module.units:
            return " ".join(text for node in module.units[name] for text in _texts(module, node))
        case _:
            return " "
