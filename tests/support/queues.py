"""The queues of this worker: what was put on them, and messages as their functions get them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shared import settings
from shared.aws.client import client
from shared.db import connection, execute
from tests.support.api import invoke
from tests.support.context import Context

EVENTS = Path(__file__).parents[2] / "events"


def sample(name: str) -> Any:
    """A sample event of `events/`."""
    return json.loads((EVENTS / name).read_text(encoding="utf-8"))


def object_created(key: str, version_id: str | None = None) -> dict[str, Any]:
    """S3's EventBridge event of an object's arrival."""
    message = json.loads(sample("sqs.object_created.json")["Records"][0]["body"])
    stored = {name: value for name, value in message["detail"]["object"].items() if name != "version-id"}
    message["detail"]["object"] = stored | {"key": key} | ({"version-id": version_id} if version_id else {})
    return message


def sqs_event(*messages: Any) -> dict[str, Any]:
    """A batch as Lambda gets it from SQS. A message that is a string is a body as it stands."""
    return {"Records": [_record(number, message) for number, message in enumerate(messages)]}


def _record(number: int, message: Any) -> dict[str, Any]:
    record = sample("sqs.upload_check.json")["Records"][0]
    body = message if isinstance(message, str) else json.dumps(message)
    return record | {"messageId": f"message-{number}", "body": body}


def deliver(*messages: Any) -> list[str]:
    """Have `s3_events` take a batch; the ids of the messages that failed."""
    answer = invoke("s3_events", sqs_event(*messages))
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def work_outbox() -> int:
    """Have the outbox worked off; how many pieces were done."""
    return invoke("outbox", sqs_event({"wake": True}), Context(remaining_ms=60_000))["done"]


def empty_outbox() -> None:
    """Drop all that other tests have left there, also what waits to be tried again."""
    with connection() as conn:
        execute(conn, "DELETE FROM outbox", {})


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


def scan_result(key: str, version_id: str, result: str) -> dict[str, Any]:
    """GuardDuty's event of a scan that ended with that result."""
    message = json.loads(sample("sqs.malware_scan_result.json")["Records"][0]["body"])
    message["detail"]["s3ObjectDetails"] |= {"objectKey": key, "versionId": version_id}
    message["detail"]["scanResultDetails"] = {"scanResultStatus": result, "threats": None}
    if result == "THREATS_FOUND":
        message["detail"]["scanResultDetails"]["threats"] = [{"name": "EICAR-Test-File (not a virus)"}]
    return message
