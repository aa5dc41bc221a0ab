"""What SAM is given fits the stacks."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from infra_cdk import sam
from infra_cdk.functions import FUNCTIONS, FunctionSpec
from tests.support import stacks

# A synthesis of the stack takes some ten seconds.
pytestmark = pytest.mark.slow


_OF_AWS = {"DB_HOST", "DB_SECRET_ARN", "SECRET_KEY_ARN", "ORIGIN_SECRET_ARN", "NEXT_ORIGIN_SECRET_ARN"}


@pytest.fixture(params=[environment.name for environment in stacks.environments()])
def made(request: pytest.FixtureRequest) -> dict[str, Any]:
    """SAM's template of an environment, its functions by name."""
    template = sam.template(stacks.stack(request.param).resources, lambda spec: Path(f"{spec.name}.zip"))
    return {name: function["Properties"] for name, function in template["Resources"].items()}


def test_every_variable_of_the_example_is_declared_by_some_function(made: dict[str, Any]) -> None:
    """SAM drops the others without a word."""
    example = json.loads((stacks.ROOT / "sam.env.example.json").read_text(encoding="utf-8"))
    declared = {name for function in made.values() for name in function["Environment"]["Variables"]}

    assert set(example) == {"Parameters"}
    assert set(example["Parameters"]) <= declared


def test_the_example_has_what_the_stack_gets_from_aws() -> None:
    """But for `_OF_AWS`, in whose place it has REVIEWPOINT_DB_URL and SECRET_KEY."""
    example = json.loads((stacks.ROOT / "sam.env.example.json").read_text(encoding="utf-8"))["Parameters"]
    for spec in FUNCTIONS:
        variables = stacks.stack("dev").function(spec.name)["Properties"]["Environment"]["Variables"]
        from_aws = {name for name, value in variables.items() if not isinstance(value, str)}
        assert from_aws - _OF_AWS <= set(example), spec.name
    assert {"REVIEWPOINT_DB_URL", "SECRET_KEY"} <= set(example)


def by_id(construct_id: str) -> FunctionSpec:
    return next(spec for spec in FUNCTIONS if spec.construct_id == construct_id)


def test_what_sam_runs_is_what_the_stack_has(made: dict[str, Any]) -> None:
    assert set(made) == {spec.construct_id for spec in FUNCTIONS}
    for name, function in made.items():
        spec = by_id(name)
        assert (function["Handler"], function["Timeout"]) == (spec.handler, spec.timeout_seconds)
        assert (function["MemorySize"], function["Runtime"]) == (spec.memory_mib, "python3.13")
        variables = function["Environment"]["Variables"]
        assert variables.get("DB_HOST", "") == variables.get("ORIGIN_SECRET_ARN", "") == ""
        if spec.uses_database and not spec.owns_database:
            assert variables["DB_USER"] == spec.database_role
        paths = {event.get("Properties", {}).get("Path", "$default") for event in function["Events"].values()}
        below = {f"{prefix}{rest}" for prefix in spec.routes for rest in ("", "/", "/{proxy+}")}
        assert paths == ({"$default"} if spec.routes == ("$default",) else below)


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
