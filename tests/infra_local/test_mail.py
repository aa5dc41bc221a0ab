import asyncio
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from infra_local import emulator, resources
from infra_local.http_event import HttpAnswer, HttpRequest
from infra_local.mail import Mailbox
from tests.infra_local.toy import free_port

if TYPE_CHECKING:
    from mypy_boto3_sesv2 import SESV2Client


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    running = emulator.start(tmp_path_factory.mktemp("emulator"), free_port())
    ses: SESV2Client = resources.session().client("sesv2", endpoint_url=running.endpoint, config=resources.config())
    ses.create_email_identity(EmailIdentity="no-reply@example.org")
    for subject in ("first", "<b>second</b>"):
        ses.send_email(
            FromEmailAddress="no-reply@example.org",
            Destination={"ToAddresses": ["ada@example.org"]},
            Content={
                "Simple": {
                    "Subject": {"Data": subject},
                    "Body": {"Text": {"Data": "Follow http://localhost:8000/#/x?a=1&token=t <now>"}},
                }
            },
        )
    yield running.endpoint
    running.stop()


def show(endpoint: str, accept: str) -> HttpAnswer:
    request = HttpRequest("GET", "/_local/mail", "", [("accept", accept)], b"", "127.0.0.1")
    return asyncio.run(Mailbox(endpoint).show(request))


def test_mails_are_shown_newest_first(endpoint: str) -> None:
    answer = show(endpoint, "*/*")

    mails = json.loads(answer.body)
    assert [mail["subject"] for mail in mails] == ["<b>second</b>", "first"]
    assert mails[0].keys() == {"id", "to", "subject", "text", "sent_at"}
    assert mails[0]["to"] == "ada@example.org"
    assert mails[0]["text"] == "Follow http://localhost:8000/#/x?a=1&token=t <now>"
    assert mails[0]["sent_at"].endswith("Z")


def test_browser_gets_links_and_no_markup_of_a_mail(endpoint: str) -> None:
    answer = show(endpoint, "text/html,application/xhtml+xml")

    text = answer.body.decode()
    assert dict(answer.headers)["content-type"].startswith("text/html")
    assert '<a href="http://localhost:8000/#/x?a=1&amp;token=t">' in text
    assert "&lt;now&gt;" in text
    assert "<b>" not in text
