"""Who may invoke a function, put a message on a queue or publish: those that do, and nobody else."""

import copy
from collections.abc import Iterator
from typing import Any, cast

import pytest

from tests.support import stacks
from tests.support.stacks import ABROAD, Stack

# A synthesis of the stack takes some ten seconds.
pytestmark = pytest.mark.slow

Grant = tuple[str, str, str]
"""A service, in the name of which resource it acts, and on which."""

EVENTS, GATEWAY, CLOUDWATCH = "events.amazonaws.com", "apigateway.amazonaws.com", "cloudwatch.amazonaws.com"
RESOURCE_POLICIES = ("AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy")


def needed(stack: Stack) -> set[Grant]:
    """What routes, rules and alarms do."""
    found = {
        (GATEWAY, route["Properties"]["ApiId"]["Ref"], stack.alias_behind(route["Properties"]["Target"]))
        for route in stack.of_type("AWS::ApiGatewayV2::Route").values()
    }
    for name, rule in stack.of_type("AWS::Events::Rule").items():
        for target in rule["Properties"]["Targets"]:
            places = (target["Arn"], target["DeadLetterConfig"]["Arn"])
            found |= {(EVENTS, name, next(iter(_references(place)))) for place in places}
    for alarm in stack.of_type("AWS::CloudWatch::Alarm").values():
        found |= {(CLOUDWATCH, "alarms", action["Ref"]) for action in alarm["Properties"]["AlarmActions"]}
    return found


def given(stack: Stack) -> set[Grant]:
    """What policies of functions, queues and topics allow."""
    found = {
        (p["Principal"], next(iter(_references(p["SourceArn"]))), p["FunctionName"]["Ref"])
        for p in (permission["Properties"] for permission in stack.of_type("AWS::Lambda::Permission").values())
    }
    for statement in _allowing(stack):
        (arn,) = (value for test in statement["Condition"].values() for key, value in test.items() if "Arn" in key)
        source = "alarms" if ":alarm:" in str(arn) else next(iter(_references(arn)))
        found.add((statement["Principal"]["Service"], source, next(iter(_references(statement["Resource"])))))
    return found


def _allowing(stack: Stack) -> list[dict[str, Any]]:
    return [
        statement
        for kind in RESOURCE_POLICIES
        for policy in stack.of_type(kind).values()
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow"
    ]


def _references(value: Any) -> Iterator[str]:
    """The resources of the stack that a value names, not AWS's own words."""
    match value:
        case {"Ref": str(name)} if not name.startswith("AWS::"):
            yield name
        case {"Fn::GetAtt": [str(name), _]}:
            yield name
        case {"Fn::Join": [_, parts]}:
            for part in cast("list[Any]", parts):
                yield from _references(part)
        case _:
            pass


@pytest.mark.parametrize("environment", ["dev", "prod", ABROAD])
def test_those_may_that_do_and_nobody_else(environment: str) -> None:
    stack = stacks.stack(environment)

    assert given(stack) == needed(stack)


def test_killing_any_of_them_is_noticed() -> None:
    real = stacks.stack("prod")
    for name in real.of_type("AWS::Lambda::Permission"):
        stack = Stack(copy.deepcopy(real.template))
        del stack.resources[name]
        assert given(stack) != needed(stack), name
    for number, statement in enumerate(_allowing(real)):
        stack = Stack(copy.deepcopy(real.template))
        _allowing(stack)[number]["Condition"] = {"ArnEquals": {"aws:SourceArn": {"Ref": "Nobody"}}}
        assert given(stack) != needed(stack), statement


def test_every_other_role_is_one_of_these() -> None:
    """Those of functions and of the scanner have tests of their own; so has what the proxy may become."""
    stack = stacks.stack("prod")
    functions = {stack.function(name)["Properties"]["Role"]["Fn::GetAtt"][0] for name in stacks.functions()}
    others = {
        policy["Properties"]["Roles"][0]["Ref"]: policy["Properties"]["PolicyDocument"]["Statement"]
        for policy in stack.of_type("AWS::IAM::Policy").values()
        if policy["Properties"]["Roles"][0]["Ref"] not in functions
    }
    kinds = {name.partition("Role")[0].rstrip("0123456789ABCDEF") for name in others}
    assert kinds == {
        "NetworkVpcFlowsIAM",
        "CustomCDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756CService",
        "MalwareProtection",
    }

    managed = {
        name.partition("Role")[0].rstrip("0123456789ABCDEF"): [str(arn).rpartition("/")[2] for arn in arns]
        for name, role in stack.of_type("AWS::IAM::Role").items()
        for arns in [role["Properties"].get("ManagedPolicyArns", [])]
        if arns
    }
    assert {name: [arn.rstrip("']}") for arn in arns] for name, arns in managed.items()} == {
        "CustomCDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756CService": ["AWSLambdaBasicExecutionRole"],
        "Rollout": ["AWSCodeDeployRoleForLambdaLimited"],
    }

    (flows,) = (statements for name, statements in others.items() if name.startswith("NetworkVpcFlows"))
    assert [statement["Action"] for statement in flows] == [
        ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"]
    ]
