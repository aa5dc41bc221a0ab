"""What SAM is given fits the stacks; SAM itself, and a container engine, are the user's."""

import json
import tomllib
from pathlib import Path

import pytest

from tests.support import stacks

# A synthesis of the stack takes some ten seconds.
pytestmark = pytest.mark.slow


def test_every_variable_of_the_example_is_declared_by_some_function() -> None:
    """SAM drops the others without a word."""
    example = json.loads((stacks.ROOT / "sam.env.example.json").read_text(encoding="utf-8"))
    functions = stacks.stack("dev").of_type("AWS::Lambda::Function").values()
    declared = {name for f in functions for name in f["Properties"].get("Environment", {}).get("Variables", {})}

    assert set(example["Parameters"]) <= declared


def test_the_configuration_names_no_template() -> None:
    """It would override the one that `sam build` has made."""
    config = tomllib.loads((stacks.ROOT / "samconfig.toml").read_text(encoding="utf-8"))

    assert "template" not in str(config)


@pytest.mark.timeout(400)
def test_cfn_lint_finds_nothing_in_any_template(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from cfnlint.api import ManualArgs, lint

    # It would read the project's own file, which names templates that lie here only after `make synth`.
    monkeypatch.chdir(tmp_path)
    ignored = ["W3005", "W3010", "W3045"]
    for file in stacks.assemblies().glob("*/*.template.json"):
        found = lint(file.read_text(encoding="utf-8"), config=ManualArgs(regions=["us-east-1"], ignore_checks=ignored))
        assert [str(match) for match in found] == [], file.name
