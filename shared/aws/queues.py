"""SQS: messages that wake a function. Losing one costs time, never work."""

import json
from collections.abc import Mapping
from typing import Any

from shared.aws.client import client, reaching
from shared.errors import ServiceUnavailableError
from shared.observability import correlation, logger


def send(queue_url: str, message: Mapping[str, Any]) -> bool:
    """Put one JSON message, with what correlates its log lines, on a queue.

    Returns:
        `False`, with a warning in the log, when the queue is not reachable.
    """
    try:
        with reaching("queue"):
            client("sqs", read_seconds=2.0, attempts=1).send_message(
                QueueUrl=queue_url, MessageBody=json.dumps({**message, **correlation()})
            )
    except ServiceUnavailableError:
        logger.warning("queue not reachable, its schedule will catch up", exc_info=True)
        return False
    return True
