import pytest

from infra_local import sources


def test_scheduled_event_looks_like_eventbridge() -> None:
    event = sources.scheduled_event("sweeper")

    assert (event["source"], event["detail-type"], event["detail"]) == ("aws.events", "Scheduled Event", {})
    assert event["resources"] == ["arn:aws:events:us-east-1:000000000000:rule/reviewpoint-sweeper"]


def test_queue_event_looks_like_sqs() -> None:
    attributes = {"ApproximateReceiveCount": "1"}
    event = sources.queue_event(
        [{"MessageId": "m", "ReceiptHandle": "r", "Body": "b", "MD5OfBody": "5", "Attributes": attributes}],  # type: ignore[typeddict-item]
        "http://127.0.0.1:9000/000000000000/reviewpoint-uploads",
    )

    assert event == {
        "Records": [
            {
                "messageId": "m",
                "receiptHandle": "r",
                "body": "b",
                "attributes": attributes,
                "messageAttributes": {},
                "md5OfBody": "5",
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:reviewpoint-uploads",
                "awsRegion": "us-east-1",
            }
        ]
    }


@pytest.mark.parametrize(
    ("answer", "failed"),
    [
        ("null", ""),
        ("{}", ""),
        ('{"batchItemFailures": []}', ""),
        ('{"batchItemFailures": [{"itemIdentifier": "a"}]}', "a"),
        ('{"batchItemFailures": [{"itemIdentifier": "stranger"}]}', "ab"),
        ('{"batchItemFailures": [{"itemIdentifier": ""}]}', "ab"),
    ],
)
def test_answer_names_the_messages_that_stay(answer: str, failed: str) -> None:
    assert sources.failed_ids(answer.encode(), frozenset("ab")) == frozenset(failed)
