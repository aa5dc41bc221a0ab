"""One's own data: an archive that is asked for, made off a queue, and there for some days."""

from uuid import UUID

from shared import settings
from shared.aws import queues
from shared.errors import ServiceUnavailableError


def key_of(user_id: UUID, export_id: UUID) -> str:
    """Where the archive lies in the bucket of exports."""
    return f"archives/{user_id}/{export_id}.zip"


def order(export_id: UUID) -> None:
    """Have an archive made.

    Raises:
        ServiceUnavailableError: the queue did not take it.
    """
    if not queues.send(settings.archive_queue().archive_queue_url, {"export_id": str(export_id)}):
        raise ServiceUnavailableError("queue")
