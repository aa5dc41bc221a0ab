"""The CDK application: `cdk deploy --all -c env=dev|staging|prod`."""

import json
import os
import sys
from collections.abc import Mapping
from typing import Any

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from infra_cdk import environments
from infra_cdk.config import EDGE_REGION, Environment
from infra_cdk.constructs.budget import TAG
from infra_cdk.edge import EdgeStack
from infra_cdk.imports import ROOT
from infra_cdk.stack import CodeOf, ReViewPointStack

_UNTAGGED = ["AWS::RDS::DBProxyTargetGroup"]
"""CDK would tag it, CloudFormation does not take it."""


def build(app: cdk.App, environment: Environment, code_of: CodeOf) -> ReViewPointStack:
    """Add an environment's stacks to the application, with the checks that every synthesis runs."""
    prefix = f"ReViewPoint-{environment.name}"
    foreign = environment.region != EDGE_REGION
    edge = None
    if environment.waf or environment.domain is not None:
        edge = EdgeStack(
            app,
            f"{prefix}-edge",
            environment=environment,
            env=cdk.Environment(account=environment.account, region=EDGE_REGION),
            cross_region_references=foreign,
            termination_protection=environment.protected,
            description="ReViewPoint: web ACL and certificate of CloudFront",
        )
    stack = ReViewPointStack(
        app,
        prefix,
        environment=environment,
        code_of=code_of,
        certificate=edge.certificate if edge else None,
        web_acl_arn=edge.web_acl_arn if edge else None,
        env=cdk.Environment(account=environment.account, region=environment.region),
        cross_region_references=foreign,
        termination_protection=environment.protected,
        description="ReViewPoint, a platform for reviewing scientific papers",
    )
    for tag, value in (("reviewpoint:project", "reviewpoint"), (TAG, environment.name)):
        cdk.Tags.of(app).add(tag, value, exclude_resource_types=_UNTAGGED)
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(), ServerlessChecks())
    return stack


def main() -> None:
    """Synthesise the environment that the context names, or (for `make synth`) the argument."""
    # Here, so that the stacks can be made without packages.
    from infra_cdk.bundling import code_of

    app = cdk.App(context=context())
    named = sys.argv[1] if len(sys.argv) > 1 else app.node.try_get_context("env")
    build(app, environments.by_name(named), code_of)
    app.synth()


def context() -> Mapping[str, Any] | None:
    """What `cdk.json` holds."""
    # The CDK CLI hands over what `cdk.json` holds; without it the file is read here.
    if "CDK_CONTEXT_JSON" in os.environ:
        return None
    return json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]


if __name__ == "__main__":
    main()
