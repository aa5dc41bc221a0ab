"""Models that are built at their first use say and refuse the same as those built at once."""

import os
import subprocess
import sys

import pytest

from tools import openapi

_AT_ONCE = "from pydantic import BaseModel; import functions; del BaseModel.model_config['defer_build']; "
_LATE = "import functions; "


@pytest.mark.parametrize("begin", [_AT_ONCE, _LATE])
def test_the_openapi_document_is_the_committed_one_byte_for_byte(begin: str) -> None:
    program = f"{begin}from tools import openapi; import sys; sys.stdout.buffer.write(openapi.text().encode())"

    done = subprocess.run([sys.executable, "-c", program], env=os.environ, capture_output=True, check=True)

    assert done.stdout == openapi.PATH.read_bytes()


def test_the_first_body_that_a_process_ever_reads_is_refused_field_by_field() -> None:
    program = """
import sys
from tests.support.api import Api
answer = Api().post("/api/v1/auth/register", json={"username": "x", "email": "no", "password": 7, "role": "admin"})
sys.stdout.write(f"{answer.status} {sorted(error['field'] for error in answer.error['details']['errors'])}")
"""
    environ = {**os.environ, "LOG_LEVEL": "ERROR"}

    done = subprocess.run([sys.executable, "-c", program], env=environ, capture_output=True, text=True, check=True)

    assert done.stdout == "422 ['email', 'password', 'role', 'username']"
