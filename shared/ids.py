"""The one place where ids are made."""

from uuid import UUID

import uuid6


def new() -> UUID:
    """A UUIDv7 (RFC 9562 §5.7): ids sort by the time they were made."""
    return UUID(int=uuid6.uuid7().int)
