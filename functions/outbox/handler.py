"""Lambda entry point of `outbox`: woken by a message after a commit, and by a schedule."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.outbox import service
from shared import settings, start
from shared.observability import flush_metrics, logger

start.end(
    settings.database,
    settings.storage,
    settings.sockets,
    settings.archive_queue,
    settings.aws,
    settings.http,
    settings.mail,
    settings.one_time_tokens,
    settings.log,
)

_RESERVE_MS = 15_000


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """Work off what is due; the event only wakes. What does not get done in time is taken up by the next run."""
    done = service.work_off(has_time=lambda: context.get_remaining_time_in_millis() > _RESERVE_MS)
    if event.get("source") == "aws.events":
        service.end_sockets()
    flush_metrics()
    return {"done": done}
