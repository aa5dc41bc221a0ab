"""What a handler pulls in when it starts: names it must not, and how many modules at most."""

import json
import os
import subprocess
import sys

import pytest

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
    "uvicorn",
    "tools",
    "infra_local",
    "infra_cdk",
}
WITHOUT_HTTP = NEVER | {"fastapi", "starlette", "mangum", "email_validator"}
# FastAPI itself brings OpenTelemetry's API (30 modules), and email_validator where that is installed.
BUDGETS: dict[str, tuple[int, set[str]]] = {
    "users": (680, NEVER | {"puremagic"}),
    "auth": (680, NEVER | {"puremagic"}),
    "uploads": (680, NEVER | {"bcrypt", "puremagic"}),
    "health": (640, NEVER | {"bcrypt", "puremagic", "jwt"}),
    "docs": (560, NEVER | {"bcrypt", "puremagic", "jwt"}),
    "s3_events": (480, WITHOUT_HTTP | {"bcrypt", "jwt"}),
    "outbox": (480, WITHOUT_HTTP | {"puremagic"}),
    "sweeper": (480, WITHOUT_HTTP | {"bcrypt", "puremagic", "jwt"}),
}
# Here for development only: PyJWT imports it merely because it is installed.
_NOT_SHIPPED = "cryptography"


@pytest.mark.parametrize("function", BUDGETS)
def test_a_handler_pulls_in_no_more_than_its_budget(function: str) -> None:
    limit, forbidden = BUDGETS[function]
    program = f"""
import json, sys
sys.modules["{_NOT_SHIPPED}"] = None
import functions.{function}.handler
print(json.dumps(sorted(name for name, module in sys.modules.items() if module)))
"""

    loaded = json.loads(
        subprocess.run(
            [sys.executable, "-c", program], env=os.environ, capture_output=True, text=True, check=True
        ).stdout
    )

    assert forbidden & set(loaded) == set()
    assert len(loaded) <= limit
