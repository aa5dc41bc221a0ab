"""What a handler pulls in when it starts: names it must not, and how many modules at most."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import functions

# Packages that cost start time and that no handler needs before its first request, or ever.
NEVER = {
    "alembic",
    "sqlalchemy",
    "aws_xray_sdk",
    "zxcvbn",
    "boto3",
    "botocore.session",
    "moto",
    "PIL",
    "pypdf",
    "Crypto",
    "uvicorn",
    "tools",
    "infra_local",
    "infra_cdk",
    "pydantic.v1",
    "pydantic.color",
    "pydantic_settings",
    "email_validator",
}
WITHOUT_HTTP = NEVER | {"fastapi", "starlette", "mangum"}
# FastAPI itself brings OpenTelemetry's API (30 modules).
BUDGETS: dict[str, tuple[int, set[str]]] = {
    "users": (620, NEVER | {"puremagic"}),
    "auth": (620, NEVER | {"puremagic"}),
    "uploads": (620, NEVER | {"botocore.auth", "bcrypt", "puremagic"}),
    "health": (500, NEVER | {"psycopg", "bcrypt", "puremagic", "jwt"}),
    "notifications": (620, NEVER | {"bcrypt", "puremagic"}),
    "docs": (520, NEVER | {"bcrypt", "puremagic", "jwt"}),
    "s3_events": (460, WITHOUT_HTTP | {"bcrypt", "jwt"}),
    "archives": (460, WITHOUT_HTTP | {"bcrypt", "jwt", "puremagic"}),
    "outbox": (460, WITHOUT_HTTP | {"puremagic"}),
    "websocket": (460, WITHOUT_HTTP | {"bcrypt", "puremagic"}),
    "sweeper": (460, WITHOUT_HTTP | {"bcrypt", "puremagic", "jwt"}),
}
FUNCTIONS = sorted(path.parent.name for path in Path(functions.__file__).parent.glob("*/handler.py"))
# Here for development only: PyJWT and botocore import them merely because they are installed.
_NOT_SHIPPED = ("cryptography", "certifi")


@cache
def _started(function: str) -> dict[str, Any]:
    program = f"""
import json, sys
sys.modules.update(dict.fromkeys({_NOT_SHIPPED}))
import functions.{function}.handler
import gc
modules = [name for name, module in sys.modules.items() if module]
print(json.dumps({{"modules": modules, "collects": gc.isenabled(), "frozen": gc.get_freeze_count()}}))
"""
    done = subprocess.run([sys.executable, "-c", program], env=os.environ, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize("function", BUDGETS)
def test_a_handler_pulls_in_no_more_than_its_budget(function: str) -> None:
    limit, forbidden = BUDGETS[function]

    loaded = _started(function)["modules"]

    assert forbidden & set(loaded) == set()
    assert len(loaded) <= limit


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_handler_that_has_started_collects_garbage_but_not_what_it_imported(function: str) -> None:
    started = _started(function)

    assert started["collects"]
    assert started["frozen"] > 10_000
