"""What the SQL of a function does to which tables, read from the sources; `make grants` writes it down."""

import re
from functools import cache
from pathlib import Path

from tools import reach

PATH = reach.ROOT / "functions" / "migrations" / "grants.py"
_NO_ROLE = "migrations"
_VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE")


@cache
def tables() -> frozenset[str]:
    """All tables that migrations make, and Alembic's own."""
    folder = reach.ROOT / "functions" / "migrations" / "versions"
    made = {
        name
        for path in folder.glob("*.py")
        for name in re.findall(r"CREATE TABLE (?:IF NOT EXISTS )?(\w+)", path.read_text())
    }
    return frozenset(made | {"alembic_version"})


def privileges_of(function: str) -> dict[str, str]:
    """Table to privileges, in the form of `GRANTS`, for all statements that a function's code can reach."""
    found: dict[str, set[str]] = {}
    for unit in reach.units_of(function):
        if unit[0].startswith(("shared.repositories.", "shared.db")):
            for text in reach.texts_of(unit):
                for table, verbs in _uses(text).items():
                    found.setdefault(table, set()).update(verbs)
    return {
        table: ", ".join(verb for verb in _VERBS if verb in verbs) for table, verbs in sorted(found.items()) if verbs
    }


def _uses(statement: str) -> dict[str, set[str]]:
    text = re.sub(r"\s+", " ", statement)
    uses: dict[str, set[str]] = {}

    def add(pattern: str, *verbs: str) -> None:
        for match in re.finditer(pattern, text):
            if match[1] in tables():
                uses.setdefault(match[1], set()).update(verbs)

    reads_back = bool(re.search(r"\bRETURNING\b|\bON CONFLICT\b", text))
    add(r"\bINSERT INTO (\w+)", "INSERT", *(["SELECT"] if reads_back else []))
    for match in re.finditer(r"\bINSERT INTO (\w+)(?:(?!INSERT INTO).)*?\bDO UPDATE\b", text):
        uses.setdefault(match[1], set()).add("UPDATE")
    add(r"(?<!FOR )(?<!KEY )(?<!DO )\bUPDATE (?:ONLY )?(\w+)", "UPDATE", "SELECT")
    add(r"\bDELETE FROM (?:ONLY )?(\w+)", "DELETE", "SELECT")
    add(r"(?<!DELETE )\b(?:FROM|JOIN|USING) (?:ONLY )?(\w+)", "SELECT")
    # PostgreSQL asks for UPDATE of whoever locks a row, however weakly.
    for match in re.finditer(r"\bFOR (?:NO KEY UPDATE|UPDATE|KEY SHARE|SHARE)(?: OF (\w+))?", text):
        for table, alias in re.findall(r"\b(?:FROM|JOIN) (\w+)(?: (?:AS )?(\w+))?", text):
            if table in tables() and match[1] in {None, alias, table}:
                uses.setdefault(table, set()).add("UPDATE")
    return uses


def functions_with_roles() -> list[str]:
    """The functions that use the database as a role of their own."""
    handlers = sorted((reach.ROOT / "functions").glob("*/handler.py"))
    names = [path.parent.name for path in handlers if path.parent.name != _NO_ROLE]
    return [name for name in names if privileges_of(name)]


def text() -> str:
    """The file of grants, as the code asks for it."""
    head = PATH.read_text(encoding="utf-8").partition("GRANTS: Grants = {")[0]
    lines = ["GRANTS: Grants = {"]
    for name in functions_with_roles():
        tables_of = [f'        "{table}": "{words}",' for table, words in privileges_of(name).items()]
        lines += [f'    "{name}": {{', *tables_of, "    },"]
    return head + "\n".join([*lines, "}", ""])


def write(path: Path = PATH) -> None:
    """Write the file anew."""
    path.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    write()
