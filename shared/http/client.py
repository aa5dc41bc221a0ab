"""Where a request comes from, as the gateway saw it; no header of the caller's moves the address."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

_USER_AGENT_LENGTH = 255


@dataclass(frozen=True, slots=True)
class ClientInfo:
    """The caller's address, and the program it says it is."""

    ip: str | None
    user_agent: str | None


async def _client(request: Request) -> ClientInfo:
    said = request.headers.get("user-agent", "")
    printable = "".join(character for character in said if character.isprintable())
    return ClientInfo(request.client.host if request.client else None, printable[:_USER_AGENT_LENGTH] or None)


Client = Annotated[ClientInfo, Depends(_client)]
