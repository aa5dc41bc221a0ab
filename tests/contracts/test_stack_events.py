"""What invokes functions: the rule for arrived objects, queues with redrive, schedules."""

import json
from typing import Any

import pytest

from functions.s3_events import service as s3_events
from infra_cdk.functions import FUNCTIONS
from shared.domain import uploads
from tests.support import stacks

# A synthesis of the stack takes some ten seconds.
pytestmark = pytest.mark.slow

ENVIRONMENTS = [environment.name for environment in stacks.environments()]


def rule_with(key: str, environment: str) -> list[dict[str, Any]]:
    rules = stacks.stack(environment).of_type("AWS::Events::Rule").values()
    return [rule["Properties"] for rule in rules if key in rule["Properties"]]


def test_arrival_reaches_the_queue_of_its_function() -> None:
    stack = stacks.stack("prod")
    (rule,) = rule_with("EventPattern", "prod")

    pattern = rule["EventPattern"]
    assert (pattern["source"], pattern["detail-type"]) == (["aws.s3"], ["Object Created"])
    assert pattern["detail"]["object"]["key"] == [{"prefix": uploads.KEY_PREFIX}]
    bucket = pattern["detail"]["bucket"]["name"][0]["Ref"]
    assert stack.resources[bucket]["Properties"]["NotificationConfiguration"] == {
        "EventBridgeConfiguration": {"EventBridgeEnabled": True}
    }
    queue = rule["Targets"][0]["Arn"]["Fn::GetAtt"][0]
    assert stack.resources[queue]["Properties"]["QueueName"] == "reviewpoint-prod-uploads"
    assert "DeadLetterConfig" in rule["Targets"][0]


def test_the_event_has_the_shape_that_the_function_takes() -> None:
    detail = {"bucket": {"name": "b"}, "object": {"key": f"{uploads.KEY_PREFIX}k", "version-id": "v"}}
    (rule,) = rule_with("EventPattern", "prod")
    pattern = rule["EventPattern"]

    event = {"source": pattern["source"][0], "detail-type": pattern["detail-type"][0], "detail": detail}
    assert s3_events.parse(json.dumps(event)).key == "uploads/k"


def _rate(minutes: int) -> str:
    count, unit = (minutes // (24 * 60), "day") if minutes % (24 * 60) == 0 else (minutes, "minute")
    return f"rate({count} {unit}{'s' if count > 1 else ''})"


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_schedules_invoke_the_live_version(environment: str) -> None:
    stack = stacks.stack(environment)
    found = {
        str(stack.resources[rule["Targets"][0]["Arn"]["Ref"]]["Properties"]["FunctionName"]["Ref"]): rule[
            "ScheduleExpression"
        ]
        for rule in rule_with("ScheduleExpression", environment)
    }

    expected = {spec.name: _rate(spec.schedule_minutes) for spec in FUNCTIONS if spec.schedule_minutes}
    assert {
        str(stack.resources[function]["Properties"]["Handler"]).split(".")[1]: rate for function, rate in found.items()
    } == expected


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
