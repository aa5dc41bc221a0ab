"""Lambda entry point of `s3_events`: messages of the upload queue, each on its own."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.s3_events import service
from shared import settings, start
from shared.observability import flush_metrics, logger, unbind
from shared.source import Source, set_source

start.end(settings.database, settings.storage, settings.aws, settings.outbox_queue, settings.log)


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, list[dict[str, str]]]:
    """Settle each message; those that fail are named in the answer, and come again while the others are done."""
    set_source(Source(request_id=context.aws_request_id))
    failed: list[dict[str, str]] = []
    for record in event["Records"]:
        unbind()
        try:
            service.handle(service.parse(record["body"]))
        except Exception:
            logger.exception("message failed", extra={"message_id": record["messageId"]})
            failed.append({"itemIdentifier": record["messageId"]})
    flush_metrics()
    return {"batchItemFailures": failed}
