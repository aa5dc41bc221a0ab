"""What invokes functions: the rule for arrived objects, queues with redrive, schedules."""

import copy
import json
from typing import Any

import pytest

from functions.s3_events import service as s3_events
from infra_cdk.functions import FUNCTIONS
from shared.domain import uploads
from tests.support import stacks
from tests.support.stacks import Stack

# A synthesis of the stack takes some ten seconds.
pytestmark = pytest.mark.slow

ENVIRONMENTS = [environment.name for environment in stacks.environments()]


# A message that our own functions put on the queue.
OURS = ("reviewpoint", "Upload Check")
GUARDDUTY = ("aws.guardduty", "GuardDuty Malware Protection Object Scan Result")
# A result of a scan has to reach the function only where the scanner is GuardDuty.
SCANNED = ("staging", "prod", stacks.ABROAD)


def rule_with(key: str, stack: Stack) -> list[dict[str, Any]]:
    rules = stack.of_type("AWS::Events::Rule").values()
    return [rule["Properties"] for rule in rules if key in rule["Properties"]]


def announced(stack: Stack) -> set[tuple[str, str]]:
    """The events that rules put on the queue of uploads."""
    return {
        (source, detail_type)
        for rule in rule_with("EventPattern", stack)
        for target in rule["Targets"]
        if stack.resources[target["Arn"]["Fn::GetAtt"][0]]["Properties"]["QueueName"].endswith("-uploads")
        for source in rule["EventPattern"]["source"]
        for detail_type in rule["EventPattern"]["detail-type"]
    }


def taken(environment: str) -> set[tuple[str, str]]:
    """Those of them that the code takes."""
    kinds = {*s3_events.SHAPES, s3_events.GUARDDUTY} - {OURS}
    return kinds if environment in SCANNED else kinds - {GUARDDUTY}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_events_are_those_that_the_code_takes(environment: str) -> None:
    assert announced(stacks.stack(environment)) == taken(environment)


@pytest.mark.parametrize("kind", sorted(taken("prod")))
def test_an_event_more_or_less_is_noticed(kind: tuple[str, str]) -> None:
    less, more = (Stack(copy.deepcopy(stacks.stack("prod").template)) for _ in range(2))
    gone = next(name for name, r in less.of_type("AWS::Events::Rule").items() if kind[1] in str(r))
    del less.resources[gone]
    more.resources[gone]["Properties"]["EventPattern"]["detail-type"].append("Object Deleted")

    assert announced(less) != taken("prod")
    assert announced(more) != taken("prod")


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_events_reach_the_queue_of_their_function(environment: str) -> None:
    stack = stacks.stack(environment)
    for rule in rule_with("EventPattern", stack):
        detail = rule["EventPattern"]["detail"]
        stored = detail.get("s3ObjectDetails") or {
            "bucketName": detail["bucket"]["name"],
            "objectKey": detail["object"]["key"],
        }
        assert stored["objectKey"] == [{"prefix": uploads.KEY_PREFIX}]
        assert stack.resources[stored["bucketName"][0]["Ref"]]["Properties"]["NotificationConfiguration"] == {
            "EventBridgeConfiguration": {"EventBridgeEnabled": True}
        }
        (target,) = rule["Targets"]
        queue = stack.resources[target["Arn"]["Fn::GetAtt"][0]]
        assert queue["Properties"]["QueueName"] == f"reviewpoint-{environment}-uploads"
        assert "DeadLetterConfig" in target


def test_the_event_has_the_shape_that_the_function_takes() -> None:
    detail = {"bucket": {"name": "b"}, "object": {"key": f"{uploads.KEY_PREFIX}k", "version-id": "v"}}
    for rule in rule_with("EventPattern", stacks.stack("dev")):
        pattern = rule["EventPattern"]
        event = {"source": pattern["source"][0], "detail-type": pattern["detail-type"][0], "detail": detail}
        assert s3_events.parse(json.dumps(event)).key == "uploads/k"


def _rate(minutes: int) -> str:
    count, unit = (minutes // (24 * 60), "day") if minutes % (24 * 60) == 0 else (minutes, "minute")
    return f"rate({count} {unit}{'s' if count > 1 else ''})"


def scheduled(stack: Stack) -> dict[str, str]:
    """By function, how often a rule invokes its live version."""
    found = {
        str(stack.resources[rule["Targets"][0]["Arn"]["Ref"]]["Properties"]["FunctionName"]["Ref"]): rule
        for rule in rule_with("ScheduleExpression", stack)
    }
    return {
        str(stack.resources[function]["Properties"]["Handler"]).split(".")[1]: rule["ScheduleExpression"]
        for function, rule in found.items()
    }


EXPECTED_SCHEDULES = {spec.name: _rate(spec.schedule_minutes) for spec in FUNCTIONS if spec.schedule_minutes}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_schedules_invoke_the_live_version(environment: str) -> None:
    assert scheduled(stacks.stack(environment)) == EXPECTED_SCHEDULES


def test_a_schedule_less_or_another_is_noticed() -> None:
    for name in [name for name in stacks.stack("prod").of_type("AWS::Events::Rule") if "Schedule" in name]:
        less, other = (Stack(copy.deepcopy(stacks.stack("prod").template)) for _ in range(2))
        del less.resources[name]
        other.resources[name]["Properties"]["ScheduleExpression"] = "rate(2 minutes)"
        assert scheduled(less) != EXPECTED_SCHEDULES
        assert scheduled(other) != EXPECTED_SCHEDULES


@pytest.mark.parametrize("spec", [spec for spec in FUNCTIONS if spec.queue], ids=lambda spec: spec.name)
def test_a_queue_gives_up_after_five_times_and_waits_longer_than_its_function(spec: Any) -> None:
    stack = stacks.stack("prod")
    (queue,) = (
        found["Properties"]
        for found in stack.of_type("AWS::SQS::Queue").values()
        if found["Properties"]["QueueName"] == f"reviewpoint-prod-{spec.queue}"
    )

    assert queue["RedrivePolicy"]["maxReceiveCount"] == 5
    assert queue["VisibilityTimeout"] == 6 * spec.timeout_seconds
    mappings = stack.of_type("AWS::Lambda::EventSourceMapping").values()
    (mapping,) = (
        m["Properties"] for m in mappings if spec.queue.capitalize() in str(m["Properties"]["EventSourceArn"])
    )
    assert mapping["BatchSize"] == spec.batch_size
    # A batch of which one message fails comes back whole, unless the function names the ones that failed.
    assert (mapping.get("FunctionResponseTypes") == ["ReportBatchItemFailures"]) == (spec.batch_size > 1)
