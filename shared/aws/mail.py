"""SES: mails in plain text."""

from shared import settings
from shared.aws.client import client, reaching
from shared.errors import ServiceUnavailableError


def send(*, to: str, subject: str, text: str) -> None:
    """Hand a mail over to SES.

    Raises:
        ServiceUnavailableError: SES did not take it.
    """
    try:
        with reaching("mail"):
            client("sesv2").send_email(
                FromEmailAddress=settings.mail().mail_from,
                Destination={"ToAddresses": [to]},
                Content={
                    "Simple": {
                        "Subject": {"Data": subject, "Charset": "UTF-8"},
                        "Body": {"Text": {"Data": text, "Charset": "UTF-8"}},
                    }
                },
            )
    except ServiceUnavailableError:
        # SES names the address in its refusals, and no log may: not even by the cause of an error.
        raise ServiceUnavailableError("mail") from None
