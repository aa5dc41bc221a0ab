"""Lambda entry point of `archives`: messages of its queue, each an archive to make."""

import json
from typing import Any
from uuid import UUID

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.archives import service
from shared import settings, start
from shared.observability import bind, flush_metrics, logger, unbind
from shared.source import Source, set_source

start.end(settings.database, settings.storage, settings.exports, settings.aws, settings.outbox_queue, settings.log)

# As the queue's own: after so many tries a message ends with the dead letters.
_MOST_TRIES = 5


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Make each archive; those that fail are named in the answer and come again, and are told as failed at last."""
    set_source(Source(request_id=context.aws_request_id))
    failed: list[dict[str, str]] = []
    for record in event["Records"]:
        message = json.loads(record["body"])
        unbind()
        bind(request_id=message.get("request_id"))
        export_id = UUID(message["export_id"])
        try:
            service.make(export_id)
        except Exception:
            logger.exception("archive failed", extra={"message_id": record["messageId"]})
            failed.append({"itemIdentifier": record["messageId"]})
            if int(record["attributes"]["ApproximateReceiveCount"]) >= _MOST_TRIES:
                service.give_up(export_id)
    flush_metrics()
    return {"batchItemFailures": failed}
