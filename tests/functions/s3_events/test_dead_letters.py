"""A message that cannot be read, on a queue that moves it by itself."""

import json

from infra_local import resources, sources
from shared.aws.client import client
from tests.support.api import Api, invoke
from tests.support.factories import Account, unique
from tests.support.queues import object_created
from tests.support.uploads import create_and_put, get, key_of

MAX_RECEIVES = 5


def test_a_bad_message_ends_with_the_dead_letters_and_holds_nobody_up(api: Api, author: Account) -> None:
    sqs, name = client("sqs"), unique("queue")
    url = resources.make_queue(sqs, name, timeout_seconds=60)
    created, version_id = create_and_put(api, author)
    bad = json.dumps({"source": "aws.s3", "detail-type": "Object Created", "detail": {}})
    for body in (bad, json.dumps(object_created(key_of(created["id"]), version_id))):
        sqs.send_message(QueueUrl=url, MessageBody=body)

    bodies = [_take(url) for _ in range(MAX_RECEIVES + 1)]

    assert get(api, author, created["id"])["status"] == "available"
    assert [len(batch) for batch in bodies] == [2, *[1] * (MAX_RECEIVES - 1), 0]
    dead = sqs.get_queue_url(QueueName=f"reviewpoint-{name}-dead")["QueueUrl"]
    assert [message["Body"] for message in sqs.receive_message(QueueUrl=dead)["Messages"]] == [bad]


def _take(url: str) -> list[str]:
    """One batch to the function, as Lambda's poller does it; what fails comes again at once."""
    sqs = client("sqs")
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0).get("Messages", [])
    if messages:
        answer = invoke("s3_events", sources.queue_event(messages, url))
        failed = sources.failed_ids(json.dumps(answer).encode(), frozenset(m["MessageId"] for m in messages))
        for message in messages:
            if message["MessageId"] not in failed:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return [message["Body"] for message in messages]
