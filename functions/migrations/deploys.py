"""Answers CloudFormation, which invokes this function in each deploy (custom resource, `infra_cdk`'s `Migration`)."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from shared.observability import logger

_TIMEOUT_SECONDS = 10
_PHYSICAL_ID = "reviewpoint-schema"
_REASON_LENGTH = 1000


def answer(event: Mapping[str, Any], migrate: Callable[[], str], *, log_stream: str) -> str:
    """Do what the event asks and tell CloudFormation how it went; what was done, in words.

    A failure is told, not raised: Lambda would try again while the deploy waits.
    """
    try:
        # Without the resource the schema stays as it is: the data is the database's.
        message = "The schema is kept." if event["RequestType"] == "Delete" else migrate()
        status = "SUCCESS"
    except Exception as error:
        logger.exception("migration failed")
        # Not the error's text, which may hold rows: the log has it.
        message, status = f"{type(error).__name__}; see the log stream {log_stream}", "FAILED"
    _tell(event, status, message)
    return message


def _tell(event: Mapping[str, Any], status: str, message: str) -> None:
    import urllib.request

    body = {
        "Status": status,
        "Reason": message[:_REASON_LENGTH],
        "PhysicalResourceId": event.get("PhysicalResourceId", _PHYSICAL_ID),
        **{name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")},
    }
    request = urllib.request.Request(  # noqa: S310 -- CloudFormation's own, in the event that it signs
        event["ResponseURL"], data=json.dumps(body).encode(), method="PUT", headers={"Content-Type": ""}
    )
    urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS).close()  # noqa: S310
