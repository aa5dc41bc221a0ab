"""CloudFormation invokes the function in a deploy, and waits for an answer."""

import http.server
import json
import threading
from collections.abc import Generator
from typing import Any, ClassVar

import pytest

from functions.migrations import service
from shared.db import connection, execute, fetch_value
from tests.support.api import invoke


class CloudFormation(http.server.BaseHTTPRequestHandler):
    """Where the answer goes."""

    answers: ClassVar[list[dict[str, Any]]] = []

    def do_PUT(self) -> None:
        self.answers.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        del format, args


@pytest.fixture
def cloudformation() -> Generator[str]:
    """The address that an event names."""
    CloudFormation.answers.clear()
    with http.server.HTTPServer(("127.0.0.1", 0), CloudFormation) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/answer"
        server.shutdown()
        thread.join()


def deploy(url: str, kind: str = "Update") -> dict[str, Any]:
    event = {
        "RequestType": kind,
        "ResponseURL": url,
        "StackId": "stack",
        "RequestId": "request",
        "LogicalResourceId": "Schema",
        "PhysicalResourceId": "reviewpoint-schema",
        "ResourceProperties": {"version": "2"},
    }
    invoke("migrations", event)
    (answer,) = CloudFormation.answers
    return answer


def test_deploy_migrates_and_says_so(cloudformation: str) -> None:
    answer = deploy(cloudformation)

    assert answer["Status"] == "SUCCESS"
    assert answer["Reason"].startswith("The schema is at ")
    names = ("StackId", "RequestId", "LogicalResourceId", "PhysicalResourceId")
    assert [answer[name] for name in names] == ["stack", "request", "Schema", "reviewpoint-schema"]


def test_deploy_of_the_same_again_writes_no_role(cloudformation: str) -> None:
    """Roles are the cluster's, and a deploy beside another environment's fails where both write the same one."""
    written = "SELECT array_agg(xmin::text || ':' || array_to_string(setconfig, ' ')) FROM pg_db_role_setting"
    with connection() as conn:
        before = fetch_value(conn, written, {})

    deploy(cloudformation)

    with connection() as conn:
        assert fetch_value(conn, written, {}) == before


def test_failed_migration_stops_the_deploy_and_tells_no_secrets(
    cloudformation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    detail = "DETAIL: Key (email)=(ada@example.org) is duplicated"

    def fail() -> str:
        raise RuntimeError(detail)

    monkeypatch.setattr(service, "deploy", fail)
    answer = deploy(cloudformation)

    assert answer["Status"] == "FAILED"
    assert answer["Reason"] == "RuntimeError; see the log stream stream"


def test_deleting_the_stack_keeps_the_schema(cloudformation: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "deploy", lambda: pytest.fail("migrated"))

    assert deploy(cloudformation, "Delete")["Status"] == "SUCCESS"


def test_deploy_that_is_rolled_back_leaves_the_newer_schema(cloudformation: str) -> None:
    with connection() as conn:
        row = conn.execute("SELECT version_num FROM alembic_version").fetchone()
        assert row
        execute(conn, "UPDATE alembic_version SET version_num = '9999'", {})
    try:
        answer = deploy(cloudformation)
    finally:
        with connection() as conn:
            execute(conn, "UPDATE alembic_version SET version_num = %(version)s", {"version": row[0]})

    assert (answer["Status"], answer["Reason"]) == ("SUCCESS", "The schema is at 9999.")
