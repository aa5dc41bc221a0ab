"""What invokes functions besides HTTP: queues and schedules, with events as Lambda makes them."""

import asyncio
import json
import time
import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, cast

from botocore.exceptions import BotoCoreError, ClientError

from infra_local import console, resources
from infra_local.emulator import ACCOUNT, REGION
from infra_local.pool import Pool
from infra_local.runtime_api import FunctionError

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import DeleteMessageBatchRequestEntryTypeDef, MessageTypeDef

_BATCH = 10
_POLL_SECONDS = 20
# Not the loop's own threads: those the loop waits for when it ends, and a poll ends only with the emulator.
_POLLERS = ThreadPoolExecutor(max_workers=16, thread_name_prefix="queue")


def scheduled_event(name: str) -> dict[str, object]:
    """The event of an EventBridge rule with a schedule."""
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "region": REGION,
        "resources": [f"arn:aws:events:{REGION}:{ACCOUNT}:rule/reviewpoint-{name}"],
        "detail": {},
    }


def queue_event(messages: "Sequence[MessageTypeDef]", queue_url: str) -> dict[str, object]:
    """The event of a batch of messages."""
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{queue_url.rpartition('/')[2]}"
    return {
        "Records": [
            {
                "messageId": message.get("MessageId"),
                "receiptHandle": message.get("ReceiptHandle"),
                "body": message.get("Body"),
                "attributes": message.get("Attributes", {}),
                "messageAttributes": message.get("MessageAttributes", {}),
                "md5OfBody": message.get("MD5OfBody"),
                "eventSource": "aws:sqs",
                "eventSourceARN": arn,
                "awsRegion": REGION,
            }
            for message in messages
        ]
    }


def failed_ids(payload: bytes, all_ids: frozenset[str]) -> frozenset[str]:
    """The messages that a function's answer leaves in the queue (`ReportBatchItemFailures`).

    Nothing said means that all is well; an id that was not in the batch, that nothing is.
    """
    result: object = json.loads(payload or b"null")
    if not isinstance(result, dict):
        return frozenset()
    failures = cast("dict[str, list[dict[str, str]] | None]", result).get("batchItemFailures") or []
    failed = frozenset(failure.get("itemIdentifier", "") for failure in failures)
    return failed if failed <= all_ids else all_ids


async def run_schedule(pool: Pool, seconds: float, *, at_start: Mapping[str, object]) -> None:
    """Invoke a function now and then at each period, for ever.

    Args:
        pool: The function's environments.
        seconds: The period.
        at_start: What the first event says in addition.
    """
    said = at_start
    while True:
        started = time.monotonic()
        payload = json.dumps({**scheduled_event(pool.function.name), **said}).encode()
        said = {}
        try:
            await pool.invoke(payload, wait_seconds=seconds)
        except FunctionError as error:
            console.warning(f"{pool.function.name} (schedule): {error}")
        await asyncio.sleep(max(0.0, started + seconds - time.monotonic()))


async def run_queue(pool: Pool, endpoint: str, queue_url: str) -> None:
    """Invoke a function with batches from its queue, one after the other, for ever."""
    sqs: SQSClient = resources.session().client("sqs", endpoint_url=endpoint, config=resources.config(retries=1))
    while True:
        try:
            received = await asyncio.get_running_loop().run_in_executor(_POLLERS, _receive, sqs, queue_url)
            if received:
                await _work(pool, sqs, queue_url, received)
        except (BotoCoreError, ClientError) as error:
            console.warning(f"{pool.function.name} (queue): {error}")
            await asyncio.sleep(1)


def _receive(sqs: "SQSClient", queue_url: str) -> "list[MessageTypeDef]":
    answer = sqs.receive_message(
        QueueUrl=queue_url,
        MaxNumberOfMessages=_BATCH,
        WaitTimeSeconds=_POLL_SECONDS,
        MessageSystemAttributeNames=["All"],
        MessageAttributeNames=["All"],
    )
    return answer.get("Messages", [])


async def _work(pool: Pool, sqs: "SQSClient", queue_url: str, messages: "Sequence[MessageTypeDef]") -> None:
    handles: Mapping[str, str] = {
        message.get("MessageId", ""): message.get("ReceiptHandle", "") for message in messages
    }
    payload = json.dumps(queue_event(messages, queue_url)).encode()
    try:
        answer = await pool.invoke(payload, wait_seconds=pool.function.timeout_seconds)
    except FunctionError as error:
        # The messages come again once their visibility timeout is over.
        console.warning(f"{pool.function.name} (queue): {error}")
        return
    failed = failed_ids(answer, frozenset(handles))
    done: list[DeleteMessageBatchRequestEntryTypeDef] = [
        {"Id": name, "ReceiptHandle": handle} for name, handle in handles.items() if name not in failed
    ]
    if done:
        await asyncio.to_thread(lambda: sqs.delete_message_batch(QueueUrl=queue_url, Entries=done))
    if failed:
        console.warning(f"{pool.function.name}: {len(failed)} of {len(handles)} messages failed")
