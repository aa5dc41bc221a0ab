"""Each statement of each role made broader, one at a time, as policies beside the real ones in one synthesis."""

import copy
import json
import sys
from pathlib import Path
from typing import Any, cast

import aws_cdk as cdk
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_

from infra_cdk.app import build
from infra_cdk.environments import by_name
from infra_cdk.functions import FunctionSpec
from tests.support.stacks import ROOT


def broader(statement: dict[str, Any]) -> list[dict[str, Any]]:
    """What a careless change would make of it: any resource, any action of its service, any action at all."""
    actions, resources = _listed(statement["Action"]), _listed(statement["Resource"])
    service = str(actions[0]).partition(":")[0]
    found = [{**statement, "Action": [*actions, added]} for added in (f"{service}:*", "*")]
    if "*" not in resources:
        found.append({**statement, "Resource": [*resources, "*"]})
        found.append({**statement, "Resource": "*"})
    return found


def _listed(value: Any) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else [value]


def _add_broadened(parent: Any, document: Any) -> dict[str, str]:
    """By the path of each added policy, what was done. Below the real one, so that what it may do is accepted there."""
    made: dict[str, str] = {}
    for number, statement in enumerate(document["Statement"]):
        for which, mutant in enumerate(broader(statement)):
            changed = copy.deepcopy(document)
            changed["Statement"][number] = mutant
            added = iam.CfnPolicy(
                parent, f"Broadened{number}-{which}", policy_name="broadened", policy_document=changed, roles=["any"]
            )
            made[added.node.path] = f"{mutant['Action']} on {mutant['Resource']}"
    return made


def _documents(stack: cdk.Stack) -> list[tuple[Any, Any]]:
    """The policies of all roles, but of CDK's own function that copies files, each with the construct it belongs to."""
    found: list[tuple[Any, Any]] = []
    for node in stack.node.find_all():
        if "CDKBucketDeployment" in node.node.path:
            continue
        if isinstance(node, iam.CfnPolicy):
            found.append((node.node.scope, stack.resolve(node.policy_document)))
        if isinstance(node, iam.CfnRole):
            policies: list[Any] = stack.resolve(node.policies) or []
            found += [(node.node.scope, policy["policyDocument"]) for policy in policies]
    return found


def _synthesise(folder: Path) -> None:
    empty = folder / "code"
    empty.mkdir()
    (empty / "empty.py").touch()

    def code_of(spec: FunctionSpec) -> lambda_.Code:
        del spec
        return lambda_.Code.from_asset(str(empty))

    context = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    # The limit of AWS on a stack's resources says nothing about one that is only looked at.
    context = {**context, "@aws-cdk/core:stackResourceLimit": 0}
    app = cdk.App(outdir=str(folder / "assembly"), context=context)
    stack = build(app, by_name("prod"), code_of)
    made: dict[str, str] = {}
    for parent, document in _documents(stack):
        made |= _add_broadened(parent, document)
    (folder / "made.json").write_text(json.dumps(made), encoding="utf-8")
    app.synth()


if __name__ == "__main__":
    _synthesise(Path(sys.argv[1]))
