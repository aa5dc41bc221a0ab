"""What came through the stack's own CloudFront, and what did not.

API Gateway's APIs have public addresses of their own. CloudFront sends a secret with each request and each socket's
handshake; what comes without it is refused before anything else is done.
"""

import hmac

from shared import settings
from shared.aws import secrets

SECRET_HEADER = "X-Origin-Secret"  # noqa: S105 - its name


def is_trusted(secret: str) -> bool:
    """Whether it is the secret that CloudFront sends, or the next one; anything is where there is no CloudFront.

    Raises:
        ServiceUnavailableError: the secrets are not readable.
    """
    arns = settings.origin_secrets().arns
    return not arns or any(hmac.compare_digest(secret.encode(), secrets.read(arn).encode()) for arn in arns)
