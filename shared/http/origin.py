"""Requests that came through the stack's own CloudFront, and none else.

Only beside the secret that it sends are its word about the caller's address believed and the request served at all.
"""

import ipaddress

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from shared import settings
from shared.domain import origin
from shared.errors import Code, ServiceUnavailableError
from shared.http.errors import respond

ADDRESS_HEADER = "X-Viewer-Address"


class OriginMiddleware:
    """403 without the secret, before anything else is done; with it, the caller's address is the viewer's.

    Where no secret is configured (one machine) every request passes, with the peer's address.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if settings.origin_secrets().arns:
            headers = Headers(scope=scope)
            request_id = scope["state"]["request_id"]
            try:
                trusted = origin.is_trusted(headers.get(origin.SECRET_HEADER, ""))
            except ServiceUnavailableError as error:
                await respond(request_id, error.code, error.message)(scope, receive, send)
                return
            if not trusted:
                refusal = respond(request_id, Code.FORBIDDEN, "Requests go through the public address of the service.")
                await refusal(scope, receive, send)
                return
            scope["client"] = _viewer(headers.get(ADDRESS_HEADER, ""), scope["client"])
        await self.app(scope, receive, send)


def _viewer(given: str, peer: tuple[str, int]) -> tuple[str, int]:
    try:
        return str(ipaddress.ip_address(given)), 0
    except ValueError:
        return peer
