"""The template that SAM runs: functions and routes of a synthesised stack, fit for the machine that runs them.

What is read from the stack: handler, runtime, memory, timeout, routes, and variables with a plain value. What differs,
since SAM could not run it: functions are called by their short names; packages are made for this machine's processor;
routes lead to functions, not to their aliases; and every variable that a function reads is declared, empty where the
stack has none or one that AWS would fill in, because SAM drops what `--env-vars` sets and no function declares.
"""

import json
import platform
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import aws_cdk as cdk
from aws_cdk import aws_lambda as lambda_

from infra_cdk import bundling, environments
from infra_cdk.app import build, context
from infra_cdk.functions import DEFAULT_ROUTE, FUNCTIONS, FunctionSpec
from infra_cdk.imports import ROOT
from infra_cdk.variables import READERS

Resources = Mapping[str, Any]

_OF_THE_RUNTIME = frozenset(
    {"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"}
)
"""What Lambda, and SAM in its place, sets itself."""
_KEPT = ("Handler", "Runtime", "MemorySize", "Timeout")


def template(stack: Resources, package_of: Callable[[FunctionSpec], Path]) -> dict[str, Any]:
    """The template for SAM.

    Args:
        stack: The resources of a synthesised stack.
        package_of: Where the package of a function lies.
    """
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {spec.construct_id: _function(stack, spec, package_of(spec)) for spec in FUNCTIONS},
    }


def _function(stack: Resources, spec: FunctionSpec, package: Path) -> dict[str, Any]:
    (logical_id,) = (
        name for name, found in _of_type(stack, "Lambda::Function") if found.get("Handler") == spec.handler
    )
    properties = stack[logical_id]["Properties"]
    return {
        "Type": "AWS::Serverless::Function",
        "Properties": {
            **{name: properties[name] for name in _KEPT},
            "Architectures": ["arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"],
            "CodeUri": str(package),
            "Environment": {"Variables": _variables(spec, properties["Environment"]["Variables"])},
            "Events": {f"Route{number}": _event(key) for number, key in enumerate(_routes(stack, logical_id))},
        },
    }


def _variables(spec: FunctionSpec, declared: Mapping[str, object]) -> dict[str, str]:
    read = {name for reader in spec.settings for name in READERS[reader]} - _OF_THE_RUNTIME
    plain = {name: value for name, value in declared.items() if isinstance(value, str)}
    return {name: plain.get(name, "") for name in sorted(read | set(declared))}


def _routes(stack: Resources, function: str) -> list[str]:
    aliases = [
        {"Ref": name} for name, found in _of_type(stack, "Lambda::Alias") if found["FunctionName"] == {"Ref": function}
    ]
    integrations = [
        {"Ref": name}
        for name, found in _of_type(stack, "ApiGatewayV2::Integration")
        if found["IntegrationUri"] in aliases
    ]
    targets = [{"Fn::Join": ["", ["integrations/", integration]]} for integration in integrations]
    routes = [found for _, found in _of_type(stack, "ApiGatewayV2::Route") if found.get("Target") in targets]
    return [route["RouteKey"] for route in routes]


def _of_type(stack: Resources, kind: str) -> list[tuple[str, Any]]:
    return [(name, found["Properties"]) for name, found in stack.items() if found["Type"] == f"AWS::{kind}"]


def _event(key: str) -> dict[str, Any]:
    if key == DEFAULT_ROUTE:
        return {"Type": "HttpApi"}
    method, path = key.split(" ")
    return {"Type": "HttpApi", "Properties": {"Method": method, "Path": path}}


def main() -> None:
    """Write `cdk.out/sam-<env>/template.json` of the environment that the argument names."""
    environment = environments.by_name(sys.argv[1])
    folder = ROOT / "cdk.out" / f"sam-{environment.name}"
    packages = {spec.name: bundling.bundle(spec.name, bundling.LOCAL) for spec in FUNCTIONS}
    # Synthesised anew, since the assembly for AWS wants packages for Lambda's processor.
    app = cdk.App(outdir=str(folder), context=context())
    stack = build(app, environment, lambda spec: lambda_.Code.from_asset(str(packages[spec.name])))
    synthesised = app.synth().get_stack_by_name(stack.stack_name).template
    made = template(synthesised["Resources"], lambda spec: packages[spec.name])
    (folder / "template.json").write_text(json.dumps(made, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
