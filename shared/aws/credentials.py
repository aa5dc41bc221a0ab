"""The function's own AWS credentials, for what is signed without a boto3 client."""

import os
from dataclasses import dataclass
from typing import Any

from shared import settings


@dataclass(frozen=True, slots=True)
class _Credentials:
    # What botocore's signers read; botocore's own class brings 15 modules for where else they may come from.
    access_key: str
    secret_key: str
    token: str | None


def current() -> Any:
    """Credentials as botocore's signers take them."""
    if "AWS_CONTAINER_CREDENTIALS_FULL_URI" in os.environ:
        return _from_endpoint()
    aws = settings.aws()
    token = aws.aws_session_token.get_secret_value() if aws.aws_session_token else None
    return _Credentials(aws.aws_access_key_id, aws.aws_secret_access_key.get_secret_value(), token)


def _from_endpoint() -> Any:
    # Under SnapStart the environment holds none: they would be those of the snapshot.
    from shared.aws.client import session

    return session().get_credentials().get_frozen_credentials()
