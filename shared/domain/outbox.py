"""Have what was written to the outbox worked off."""

from shared import settings
from shared.aws import queues


def wake() -> None:
    """Have the outbox worked off now rather than within a minute; called after the commit."""
    queues.send(settings.outbox_queue().outbox_queue_url, {"wake": True})
