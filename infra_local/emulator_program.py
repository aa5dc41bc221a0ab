"""The emulator's program, with three of its gaps closed, and with `DEPLOYS` more. Runs in the emulator's own environment.

S3 honours `response-content-disposition` and its like on a read of a named version too; the emulator
only on one of the current version. Downloads name the version that was checked, and must not open inline.

S3 refuses a presigned request with an `x-amz-` header that is not signed; the emulator does as it says, and so
anybody with a URL could set the tag that the malware scanner's verdict is read from.

The emulator's own paths take no credentials, and one of them wipes all objects: any page in the
developer's browser could ask for that. They are for programs on this machine, and to read, but for the one
that custom resources answer to.
"""

import importlib
import os
import runpy
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

_NOT_SIGNED = (
    b"<Error><Code>AccessDenied</Code>"
    b"<Message>There were headers present in the request which were not signed</Message></Error>"
)
_ANSWERS = "/_ministack/cfn-response/"

_s3: Any = importlib.import_module("ministack.services.s3")
_app: Any = importlib.import_module("ministack.app")
_get_object = _s3._get_object
_serve = _app.app


def _get_object_with_overrides(
    bucket: str, key: str, headers: dict[str, str], query: dict[str, Any] | None = None
) -> tuple[int, dict[str, str], bytes]:
    status, answer_headers, body = _get_object(bucket, key, headers, query)
    if status == 200 and query:
        _s3._apply_response_overrides(answer_headers, query)
    return status, answer_headers, body


def _has_unsigned(scope: dict[str, Any]) -> bool:
    signed = parse_qs(scope["query_string"].decode()).get("X-Amz-SignedHeaders")
    if signed is None:
        return False
    names = {name.decode("latin-1").lower() for name, _ in scope["headers"]}
    return any(name.startswith("x-amz-") for name in names - set(signed[0].split(";")))


async def _serve_guarded(
    scope: dict[str, Any], receive: object, send: Callable[[dict[str, Any]], Awaitable[None]]
) -> None:
    if scope["type"] == "http" and scope["path"].startswith("/_"):
        from_browser = any(name in (b"origin", b"sec-fetch-site") for name, _ in scope["headers"])
        is_answer = scope["method"] == "PUT" and scope["path"].startswith(_ANSWERS)
        if from_browser or not (is_answer or scope["method"] == "GET"):
            await send({"type": "http.response.start", "status": 403, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
    if scope["type"] == "http" and _has_unsigned(scope):
        await send({"type": "http.response.start", "status": 403, "headers": [(b"content-type", b"application/xml")]})
        await send({"type": "http.response.body", "body": _NOT_SIGNED})
        return
    # Policies refuse what is not encrypted; on the loopback nothing is, and nothing has to be.
    await _serve({**scope, "scheme": "https"} if scope["type"] == "http" else scope, receive, send)


if __name__ == "__main__":
    _s3._get_object = _get_object_with_overrides
    _app.app = _serve_guarded
    if "DEPLOYS" in os.environ:
        # Loads half a second's worth of modules.
        runpy.run_path(str(Path(__file__).with_name("emulator_deploys.py")))
    _app.main()
