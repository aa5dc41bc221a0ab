"""`docs/security.md` names tests that are there."""

import re
from pathlib import Path

_TESTS = Path(__file__).parents[1]
_TEXT = (_TESTS.parent / "docs" / "security.md").read_text(encoding="utf-8")


def test_every_test_it_names_exists() -> None:
    named = set(re.findall(r"`([\w/]*test_\w+\.py)`", _TEXT))
    found = {path.relative_to(_TESTS).as_posix() for path in _TESTS.rglob("test_*.py")}

    assert named
    assert [name for name in named if not any(path == name or path.endswith(f"/{name}") for path in found)] == []


def test_every_line_is_met_with_a_test_or_says_why_not() -> None:
    lines = re.findall(r"^\| ([\d., –]+) \| (yes|no|–) \| (.+?) \| ?(.*?) ?\|$", _TEXT, re.MULTILINE)

    assert len(lines) > 50
    for number, met, how, _ in lines:
        assert how.strip(), number
        assert met in {"yes", "no", "–"}
