"""The queues of this worker: what was put on them, and messages as their functions get them."""

import json
import uuid
from collections.abc import Mapping
from typing import Any

from shared import settings
from shared.aws.client import client
from tests.support.api import invoke
from tests.support.context import Context


def object_created(key: str, version_id: str | None = None, *, size: int = 1) -> dict[str, Any]:
    """S3's EventBridge event of an object's arrival."""
    stored: dict[str, Any] = {"key": key, "size": size, "etag": "0" * 32, "sequencer": "00617F08299329D189"}
    if version_id is not None:
        stored["version-id"] = version_id
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Object Created",
        "source": "aws.s3",
        "account": "000000000000",
        "time": "2026-11-24T20:00:00Z",
        "region": "us-east-1",
        "resources": [f"arn:aws:s3:::{settings.storage().upload_bucket}"],
        "detail": {
            "version": "0",
            "bucket": {"name": settings.storage().upload_bucket},
            "object": stored,
            "request-id": "N4N7GDK58NMKJ12R",
            "requester": "000000000000",
            "source-ip-address": "203.0.113.7",
            "reason": "PutObject",
        },
    }


def sqs_event(*messages: Any) -> dict[str, Any]:
    """A batch as Lambda gets it from SQS. A message that is a string is a body as it stands."""
    return {"Records": [_record(number, message) for number, message in enumerate(messages)]}


def _record(number: int, message: Any) -> dict[str, Any]:
    return {
        "messageId": f"message-{number}",
        "receiptHandle": "handle",
        "body": message if isinstance(message, str) else json.dumps(message),
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1795500000000"},
        "messageAttributes": {},
        "md5OfBody": "0" * 32,
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:reviewpoint-uploads",
        "awsRegion": "us-east-1",
    }


def deliver(*messages: Any) -> list[str]:
    """Have `s3_events` take a batch; the ids of the messages that failed."""
    answer = invoke("s3_events", sqs_event(*messages))
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def work_outbox() -> int:
    """Have the outbox worked off; how many pieces were done."""
    return invoke("outbox", sqs_event({"wake": True}), Context(remaining_ms=60_000))["done"]


def drain(queue_url: str) -> list[dict[str, Any]]:
    """All messages on one of this worker's queues, which they leave."""
    sqs, messages = client("sqs"), list[Mapping[str, Any]]()
    while batch := sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10).get("Messages", []):
        for message in batch:
            sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
        messages += batch
    return [json.loads(message["Body"]) for message in messages]


def checks_queued() -> list[str]:
    """The keys whose check was asked for since this was last called."""
    return [message["detail"]["object"]["key"] for message in drain(settings.upload_queue().upload_queue_url)]
