"""`GET /_local/mail`: what SES was given on this machine; there is no such route in AWS."""

import asyncio
import html
import json
import re
import urllib.request
from datetime import UTC, datetime
from typing import TypedDict

from infra_local.http_event import HttpAnswer, HttpRequest
from infra_local.page import security_headers


class Mail(TypedDict):
    """One mail, as the contract shows it."""

    id: str
    to: str
    subject: str
    text: str
    sent_at: str


class _SentMail(TypedDict):
    MessageId: str
    To: list[str]
    Subject: str
    BodyText: str
    Timestamp: float


class _SentMails(TypedDict):
    messages: dict[str, list[_SentMail]]


class Mailbox:
    """The emulator's outbox."""

    def __init__(self, endpoint: str) -> None:
        self._url = f"{endpoint}/_ministack/ses/messages"

    async def show(self, request: HttpRequest) -> HttpAnswer:
        """All mails, newest first: HTML for a browser, else JSON."""
        mails = await asyncio.to_thread(self._read)
        accept = ",".join(value for name, value in request.headers if name == "accept")
        if "text/html" in accept:
            kind, text = "text/html; charset=utf-8", _as_html(mails)
        else:
            kind, text = "application/json", json.dumps(mails)
        headers = [("content-type", kind), *security_headers(), ("cache-control", "no-store"), ("vary", "accept")]
        return HttpAnswer(200, headers, text.encode())

    def _read(self) -> list[Mail]:
        with urllib.request.urlopen(self._url, timeout=5) as answer:  # noqa: S310
            sent: _SentMails = json.load(answer)
        mails = [mail for account in sent["messages"].values() for mail in account]
        return [_shown(mail) for mail in sorted(mails, key=lambda mail: mail["Timestamp"], reverse=True)]


def _shown(mail: _SentMail) -> Mail:
    sent_at = datetime.fromtimestamp(mail["Timestamp"], UTC).isoformat(timespec="milliseconds")
    return {
        "id": mail["MessageId"],
        "to": ", ".join(mail["To"]),
        "subject": mail["Subject"],
        "text": mail["BodyText"],
        "sent_at": sent_at.replace("+00:00", "Z"),
    }


def _as_html(mails: list[Mail]) -> str:
    shown = "".join(_article(mail) for mail in mails) or "<p>Nothing was sent yet.</p>"
    return f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Mail</title><h1>Mail</h1>{shown}</html>'


def _article(mail: Mail) -> str:
    text = re.sub(r"https?://[^\s<>\"]+", lambda link: f'<a href="{link[0]}">{link[0]}</a>', html.escape(mail["text"]))
    return (
        f"<article><h2>{html.escape(mail['subject'])}</h2>"
        f"<p>To {html.escape(mail['to'])}, {mail['sent_at']}</p><pre>{text}</pre></article><hr>"
    )
