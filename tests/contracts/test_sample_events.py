"""The sample events of `events/` are what the functions take."""

import json
import time
from typing import Any, cast

import pytest

from functions.s3_events.service import Arrival, parse
from shared import settings
from shared.aws.client import client
from tests.support import sam
from tests.support.api import invoke
from tests.support.context import Context
from tests.support.queues import EVENTS, drain, sample
from tests.support.storage import put_object


@pytest.mark.parametrize(
    ("name", "function", "expected"),
    [
        ("http.get_users_me.json", "users", {"statusCode": 401}),
        ("http.post_uploads.json", "uploads", {"statusCode": 401}),
        ("sqs.object_created.json", "s3_events", {"batchItemFailures": []}),
        ("sqs.upload_check.json", "s3_events", {"batchItemFailures": []}),
        ("sqs.malware_scan_result.json", "s3_events", {"batchItemFailures": []}),
        ("sqs.outbox_wake.json", "outbox", {}),
        ("schedule.sweep.json", "sweeper", {}),
        ("invoke.sweep_dry_run.json", "sweeper", {}),
        ("invoke.migrate.json", "migrations", {}),
    ],
)
def test_sample_is_taken(name: str, function: str, expected: dict[str, Any]) -> None:
    answer = invoke(function, sample(name), Context(remaining_ms=60_000))

    assert answer | expected == answer


@pytest.mark.parametrize("name", ["sqs.object_created.json", "sqs.upload_check.json", "sqs.malware_scan_result.json"])
def test_messages_of_the_upload_queue_are_arrivals(name: str) -> None:
    arrivals = [parse(record["body"]) for record in sample(name)["Records"]]

    assert all(isinstance(arrival, Arrival) and arrival.key.startswith("uploads/") for arrival in arrivals)


_GENERATORS = {
    "http": ("apigateway", "http-api-proxy"),
    "schedule": ("cloudwatch", "scheduled-event"),
    "sqs": ("sqs", "receive-message"),
}
# EventBridge's envelope has had a version for long; SAM's sample has none.
_NEWER = {"schedule": {"version": "0"}}
_OF_SOME_REQUESTS = (
    "body",
    "cookies",
    "pathParameters",
    "queryStringParameters",
    "requestContext.authentication",
    "requestContext.authorizer",
    "stageVariables",
)
"""What API Gateway leaves out of a request that has none."""
_NAMED_BY_CALLERS = {"headers", "pathParameters", "queryStringParameters", "stageVariables"}


def shape_of(value: Any, path: str = "") -> dict[str, str]:
    """The type at each path; a list has the shape of its first element."""
    if isinstance(value, dict) and path not in _NAMED_BY_CALLERS:
        fields = cast("dict[str, Any]", value).items()
        found = {path: "object"} if path else {}
        return found | {k: v for key, it in fields for k, v in shape_of(it, f"{path}.{key}".lstrip(".")).items()}
    if isinstance(value, list):
        return {path: "list"} | (shape_of(value[0], f"{path}[]") if value else {})
    return {path: type(cast("object", value)).__name__}


@pytest.mark.slow
@sam.needs_sam
@pytest.mark.parametrize("name", sorted(path.name for path in EVENTS.glob("*") if not path.name.startswith("invoke.")))
def test_sample_has_the_shape_that_sam_generates(name: str) -> None:
    """Events of `invoke` are our own."""
    source = name.partition(".")[0]
    known = shape_of(sam.generate_event(*_GENERATORS[source]) | _NEWER.get(source, {}))
    mine = shape_of(sample(name))

    assert mine.items() - known.items() == set()
    assert [path for path in known.keys() - mine.keys() if not path.startswith(_OF_SOME_REQUESTS)] == []


def test_an_object_that_arrives_makes_an_event_of_the_samples_shape() -> None:
    """The chain from the bucket over its rule to a queue is the emulator's real one."""
    bucket = settings.storage().upload_bucket
    name = f"{bucket}-chain"
    url = client("sqs").create_queue(QueueName=name)["QueueUrl"]
    arn = client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    pattern = {"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": {"bucket": {"name": [bucket]}}}
    client("events").put_rule(Name=name, EventPattern=json.dumps(pattern))
    client("events").put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])
    put_object("uploads/chain/é +&.txt", b"x")
    # The event comes when it comes, and not at all once the target is gone.
    deadline = time.monotonic() + 10
    while not (messages := drain(url)) and time.monotonic() < deadline:
        time.sleep(0.02)
    client("events").remove_targets(Rule=name, Ids=["queue"])

    (message,) = messages
    known = json.loads(sample("sqs.object_created.json")["Records"][0]["body"])
    assert set(known) - set(message) == set()
    # The emulator's event names no version; S3's does where the bucket is versioned.
    assert {"key", "size", "etag", "sequencer"} - set(message["detail"]["object"]) == set()
    assert parse(json.dumps(message)).key == "uploads/chain/é +&.txt"
