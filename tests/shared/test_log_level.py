"""How much is logged: by `LOG_LEVEL`, and by the function's own level in AWS, which an operator changes at run time."""

import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow

# Lambda's runtime client hands every logger's lines to a handler of its own, from the function's level on.
_PROGRAM = """
import logging, os, sys
logging.basicConfig(stream=sys.stdout, level=os.environ.get("AWS_LAMBDA_LOG_LEVEL", "WARNING"))
from tests.support.api import Api
assert Api().get("/api/v1/health").status == 200
"""
_REQUEST = {"request"}
_ALL = {"request", "database used", "aws called"}


@pytest.mark.parametrize(
    ("variable", "of_lambda", "told"),
    [
        ("INFO", None, _REQUEST),
        ("DEBUG", None, _ALL),
        ("WARNING", None, set[str]()),
        ("INFO", "DEBUG", _ALL),
        ("DEBUG", "INFO", _REQUEST),
        ("INFO", "WARN", set[str]()),
    ],
)
def test_the_level_of_lambda_wins_over_the_variable(variable: str, of_lambda: str | None, told: set[str]) -> None:
    environ = {**os.environ, "LOG_LEVEL": variable, **({"AWS_LAMBDA_LOG_LEVEL": of_lambda} if of_lambda else {})}

    done = subprocess.run([sys.executable, "-c", _PROGRAM], env=environ, capture_output=True, text=True, check=True)

    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert {line["message"] for line in lines} == told
    assert all(line["duration_ms"] >= 0 for line in lines)
