"""Write the OpenAPI document of all endpoint groups to where the `docs` function serves it.

Usage: python -m tools.openapi
"""

import importlib
import json
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI

from shared.errors import Code
from shared.http.app import VERSION
from shared.http.errors import error_responses

GROUPS = ("auth", "users", "uploads", "notifications", "health")
AUTH_CODES = (
    Code.AUTHENTICATION_REQUIRED,
    Code.TOKEN_INVALID,
    Code.TOKEN_EXPIRED,
    Code.TOKEN_REVOKED,
    Code.ACCOUNT_DISABLED,
)
"""What an endpoint that needs a token can answer besides its own errors."""
PATH = Path(__file__).parents[1] / "functions" / "docs" / "openapi.json"

_DESCRIPTION = """\
Accounts, sessions and roles, and the storage of manuscripts and figures.

Ids are UUIDs that sort by time, times are RFC 3339 in UTC, sizes are bytes, durations are seconds. Every error has one
shape, `{"error": {code, message, details, timestamp, request_id}}`. Files never pass through this API: `POST /uploads`
answers with a URL, a browser PUTs the bytes there, and what arrived is checked before anybody can download it.
"""


def document() -> dict[str, Any]:
    """The document, from the routers as they are."""
    app = FastAPI(title="ReViewPoint", version=VERSION, description=_DESCRIPTION)
    for group in GROUPS:
        router: APIRouter = importlib.import_module(f"functions.{group}.router").router
        app.include_router(router)
    openapi = app.openapi()
    for operation in (operation for path in openapi["paths"].values() for operation in path.values()):
        if operation.get("security"):
            _add_auth_errors(operation["responses"])
    return openapi


def _add_auth_errors(responses: dict[str, Any]) -> None:
    schema = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorEnvelope"}}}
    for status, response in error_responses(*AUTH_CODES).items():
        known = responses.setdefault(str(status), {"description": "", "content": schema})
        known["description"] = ", ".join(filter(None, (response["description"], known["description"])))


def text() -> str:
    """The document as it is committed."""
    return json.dumps(document(), indent=2, ensure_ascii=False) + "\n"


def main() -> None:
    """Write it."""
    PATH.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
