"""The real services of a test run: PostgreSQL and the storage emulator, one of each for all workers."""

import os
import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from infra_local import emulator, postgres, resources

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

TEMPLATE = "template_reviewpoint"
ORIGIN = "http://localhost:3000"
EXPORT_BUCKET = "reviewpoint-exports"
RATE_LIMITS = (
    "RATE_LIMIT_LOGIN_ACCOUNT",
    "RATE_LIMIT_LOGIN_ADDRESS",
    "RATE_LIMIT_REGISTER",
    "RATE_LIMIT_RESET_ACCOUNT",
    "RATE_LIMIT_RESET_ADDRESS",
)


class Services:
    """What runs while the tests run."""

    def __init__(self) -> None:
        self._home = tempfile.TemporaryDirectory(prefix="reviewpoint-tests-", ignore_cleanup_errors=True)
        home = Path(self._home.name)
        self.emulator = emulator.launch(home / "storage", free_port())
        self.postgres = postgres.start(home / "postgres", durable=False)
        self.postgres.create_database(TEMPLATE)
        self.emulator.wait_ready()

    def stop(self) -> None:
        """End them and remove what they kept."""
        self.postgres.stop()
        self.emulator.stop()
        self._home.cleanup()


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def clone_database(server_url: str, name: str) -> str:
    """A database of its own, copied from the migrated template; its URL."""
    with psycopg.connect(server_url, autocommit=True) as conn:
        conn.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(TEMPLATE)))
    return server_url.replace("/postgres?", f"/{name}?")


def set_environment(*, database_url: str, endpoint: str, bucket: str) -> None:
    """The functions' variables, before any handler is imported."""
    resources.apply(
        endpoint,
        upload_bucket=bucket,
        export_bucket=EXPORT_BUCKET,
        origins=[ORIGIN],
        mail_from="ReViewPoint <no-reply@example.org>",
    )
    os.environ.update(
        emulator.CREDENTIALS,
        REVIEWPOINT_DB_URL=database_url,
        SECRET_KEY="a key for tests that is long enough, 32 bytes",
        BCRYPT_ROUNDS="4",
        UPLOAD_BUCKET=bucket,
        UPLOAD_QUEUE_URL=_make_queue(endpoint, f"{bucket}-arrivals"),
        ARCHIVE_QUEUE_URL=_make_queue(endpoint, f"{bucket}-archives"),
        OUTBOX_QUEUE_URL=_make_queue(endpoint, f"{bucket}-outbox"),
        SOCKET_ENDPOINT=f"http://127.0.0.1:{free_port()}",
        AWS_ENDPOINT_URL=endpoint,
        AWS_LAMBDA_FUNCTION_NAME="test",
        EXPORT_BUCKET=EXPORT_BUCKET,
        MAIL_FROM="ReViewPoint <no-reply@example.org>",
        # All tests come from one address; those of the limits set their own.
        **dict.fromkeys(RATE_LIMITS, "off"),
        PUBLIC_URL="https://reviewpoint.example.org",
        ALLOWED_ORIGINS=f'["{ORIGIN}"]',
    )


def _make_queue(endpoint: str, name: str) -> str:
    # Of this worker alone: what is found on it was put there by the test that looks.
    sqs: SQSClient = resources.session().client("sqs", endpoint_url=endpoint, config=resources.config())
    return sqs.create_queue(QueueName=name)["QueueUrl"]
