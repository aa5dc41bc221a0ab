"""Secrets Manager: secrets are kept for five minutes, then read again, so that a rotation needs no deploy."""

import json
import time
from dataclasses import dataclass
from typing import Any

from shared import settings
from shared.aws import credentials
from shared.errors import ServiceUnavailableError
from shared.observability import logger

_KEPT_SECONDS = 300
_TIMEOUT_SECONDS = 3


@dataclass(frozen=True, slots=True)
class _Kept:
    value: str
    until: float


_kept: dict[str, _Kept] = {}


def read(arn: str) -> str:
    """A secret's current value; an older one while Secrets Manager does not answer.

    Raises:
        ServiceUnavailableError: it does not answer, and the secret was never read.
    """
    found = _kept.get(arn)
    if found is not None and time.time() < found.until:
        return found.value
    try:
        value = _fetch(arn)
    except (OSError, ValueError, KeyError) as error:
        if found is None:
            raise ServiceUnavailableError("secret store") from error
        logger.warning("secret not readable, going on with the known value", exc_info=True)
        value = found.value
    _kept[arn] = _Kept(value, time.time() + _KEPT_SECONDS)
    return value


def read_json(arn: str) -> dict[str, str]:
    """A secret that is a JSON object of strings."""
    return json.loads(read(arn))


def forget() -> None:
    """Read every secret again at its next use."""
    _kept.clear()


def _fetch(arn: str) -> str:
    # One signed request instead of a boto3 client, which would cost a cold start its 100 ms.
    import urllib.request

    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest

    aws = settings.aws()
    url = aws.endpoint or f"https://secretsmanager.{aws.aws_region}.amazonaws.com"
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "secretsmanager.GetSecretValue"}
    body = json.dumps({"SecretId": arn}).encode()
    signed = AWSRequest(method="POST", url=f"{url.rstrip('/')}/", headers=headers, data=body)
    SigV4Auth(credentials.current(), "secretsmanager", aws.aws_region).add_auth(signed)
    request = urllib.request.Request(  # noqa: S310 -- the endpoint is ours
        str(signed.url), method="POST", data=body, headers=dict(signed.headers)
    )
    with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310
        payload: Any = json.loads(answer.read())
    return str(payload["SecretString"])
