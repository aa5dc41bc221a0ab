"""Where a request comes from, as the gateway saw it; no header of the caller's moves the address."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.source import Source, set_source

_USER_AGENT_LENGTH = 255


@dataclass(frozen=True, slots=True)
class ClientInfo:
    """The caller's address, and the program it says it is."""

    ip: str | None
    user_agent: str | None


class SourceMiddleware:
    """Says where a request comes from to all that is recorded of it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = _client_of(scope)
        set_source(Source(client.ip, client.user_agent, scope["state"]["request_id"]))
        await self.app(scope, receive, send)


def _client_of(scope: Scope) -> ClientInfo:
    said = Headers(scope=scope).get("user-agent", "")
    if not said.isprintable():
        said = "".join(character for character in said if character.isprintable())
    peer = scope.get("client")
    return ClientInfo(peer[0] if peer else None, said[:_USER_AGENT_LENGTH] or None)


async def _client(request: Request) -> ClientInfo:
    return _client_of(request.scope)


Client = Annotated[ClientInfo, Depends(_client)]
