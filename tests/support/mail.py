"""The mails that were sent, as the emulator of SES keeps them."""

import json
import os
import re
import urllib.request
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Mail:
    """A mail that went out."""

    to: str
    subject: str
    text: str

    @property
    def token(self) -> str:
        """The token of its one link."""
        (link,) = re.findall(r"https?://\S+", self.text)
        return link.partition("token=")[2]


def mails_to(address: str) -> list[Mail]:
    """The mails to an address, oldest first."""
    url = f"{os.environ['AWS_ENDPOINT_URL']}/_ministack/ses/messages"
    with urllib.request.urlopen(url, timeout=10) as answer:
        sent: list[dict[str, Any]] = [mail for mails in json.load(answer)["messages"].values() for mail in mails]
    found = sorted((mail for mail in sent if address in mail["To"]), key=lambda mail: mail["Timestamp"])
    return [Mail(", ".join(mail["To"]), mail["Subject"], mail["BodyText"]) for mail in found]
