"""Lambda entry point of `sweeper`, on a schedule."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.sweeper import service
from shared import settings, start
from shared.observability import flush_metrics, logger

start.end(
    settings.database,
    settings.storage,
    settings.aws,
    settings.upload_queue,
    settings.outbox_queue,
    settings.log,
)

_RESERVE_MS = 30_000


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """Sweep once. `{"dry_run": true}` only tells; `{"queue_lost": true}` queues also what was queued just now."""
    report = service.sweep(
        dry_run=bool(event.get("dry_run")),
        queue_lost=bool(event.get("queue_lost")),
        has_time=lambda: context.get_remaining_time_in_millis() > _RESERVE_MS,
    )
    logger.info("swept", extra=report)
    flush_metrics()
    return report
