"""The stacks of every environment, synthesised once per test session, without packages."""

import dataclasses
import fcntl
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from infra_cdk.config import Domain, Environment
from infra_cdk.environments import ENVIRONMENTS, by_name
from infra_cdk.functions import FUNCTIONS

ROOT = Path(__file__).resolve().parents[2]
ABROAD = "abroad"
"""An environment of the tests: outside us-east-1, with a domain, a cache and snapshots."""

Resource = dict[str, Any]


@dataclass(frozen=True)
class Stack:
    """A synthesised template."""

    template: dict[str, Any]

    @property
    def resources(self) -> dict[str, Resource]:
        """All resources by logical id."""
        return self.template["Resources"]

    def of_type(self, kind: str) -> dict[str, Resource]:
        """The resources of a type."""
        return {name: found for name, found in self.resources.items() if found["Type"] == kind}

    def function(self, name: str) -> Resource:
        """A Lambda function by its folder's name."""
        (found,) = (
            f
            for f in self.of_type("AWS::Lambda::Function").values()
            if str(f["Properties"].get("Handler")) == f"functions.{name}.handler.handler"
        )
        return found

    def name_of(self, logical_id: str) -> str:
        """The folder's name of a Lambda function, or of the one behind an alias."""
        properties = self.resources[logical_id]["Properties"]
        if "Handler" not in properties:
            return self.name_of(properties["FunctionName"]["Ref"])
        return str(properties["Handler"]).split(".")[1]

    def routes(self, protocol: str) -> dict[str, str]:
        """Route key to function, as API Gateway will see it."""
        apis = {
            name
            for name, api in self.of_type("AWS::ApiGatewayV2::Api").items()
            if api["Properties"]["ProtocolType"] == protocol
        }
        return {
            route["Properties"]["RouteKey"]: self.name_of(self.alias_behind(route["Properties"]["Target"]))
            for route in self.of_type("AWS::ApiGatewayV2::Route").values()
            if route["Properties"]["ApiId"]["Ref"] in apis
        }

    def alias_behind(self, target: Any) -> str:
        """The alias that a route's target invokes."""
        integration = self.resources[target["Fn::Join"][1][1]["Ref"]]["Properties"]["IntegrationUri"]
        parts: list[Any] = integration["Fn::Join"][1] if "Fn::Join" in integration else [integration]
        references: list[str] = [part["Ref"] for part in parts if not isinstance(part, str)]
        aliases = self.of_type("AWS::Lambda::Alias")
        (alias,) = (name for name in references if name in aliases)
        return alias

    def statements_of(self, function: str) -> dict[str, dict[str, Any]]:
        """The statements of a function's role, by their ids."""
        role = self.function(function)["Properties"]["Role"]["Fn::GetAtt"][0]
        policies = [p["Properties"] for p in self.of_type("AWS::IAM::Policy").values()]
        return {
            statement["Sid"]: statement
            for policy in policies
            if {"Ref": role} in policy["Roles"]
            for statement in policy["PolicyDocument"]["Statement"]
        }


def abroad() -> Environment:
    """The environment `ABROAD`."""
    return dataclasses.replace(
        by_name("prod"),
        name=ABROAD,
        region="eu-central-1",
        account="123456789012",
        cache=True,
        snap_start=True,
        domain=Domain("review.example.org", "Z0123456789", "example.org"),
    )


def environments() -> list[Environment]:
    """All that are synthesised."""
    return [*ENVIRONMENTS, abroad()]


def functions() -> list[str]:
    """The names of all functions."""
    return [spec.name for spec in FUNCTIONS]


@cache
def stack(environment: str, *, edge: bool = False) -> Stack:
    """The stack of an environment, or its part in us-east-1."""
    name = f"ReViewPoint-{environment}{'-edge' if edge else ''}.template.json"
    return Stack(json.loads((assemblies() / environment / name).read_text(encoding="utf-8")))


@cache
def assemblies() -> Path:
    """The folder of all assemblies; the first worker that asks makes it, and the others wait."""
    folder = Path(os.environ["REVIEWPOINT_TEST_ASSEMBLIES"])
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            _run(folder)
            (folder / "done").touch()
    return folder


def with_new_code(folder: Path, environment: str, *functions: str) -> Stack:
    """The stack of an environment, synthesised anew after a change in the code of some functions alone."""
    _run(folder, environment, *functions)
    name = f"ReViewPoint-{environment}.template.json"
    return Stack(json.loads((folder / environment / name).read_text(encoding="utf-8")))


def _run(*arguments: str | Path) -> None:
    path = f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    made = subprocess.run(
        [sys.executable, "-m", "tests.support.stacks", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        raise AssertionError(f"synthesis failed:\n{made.stdout[-6000:]}\n{made.stderr[-6000:]}")


def _synthesise(folder: Path, only: str | None = None, *changed: str) -> None:
    import aws_cdk as cdk
    from aws_cdk import aws_lambda as lambda_

    from infra_cdk.app import build
    from infra_cdk.functions import FunctionSpec

    for place in ("code", "new-code"):
        (folder / place).mkdir(exist_ok=True)
        (folder / place / "empty.py").write_text("" if place == "code" else "\n")

    def code_of(spec: FunctionSpec) -> lambda_.Code:
        return lambda_.Code.from_asset(str(folder / ("new-code" if spec.name in changed else "code")))

    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    for environment in environments():
        if only not in (None, environment.name):
            continue
        app = cdk.App(outdir=str(folder / environment.name), context=context)
        build(app, environment, code_of)
        app.synth()


if __name__ == "__main__":
    _synthesise(Path(sys.argv[1]), *sys.argv[2:])
