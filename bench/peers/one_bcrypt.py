"""One check of a password's hash, of as many rounds as ours have."""

import os
from typing import Any

import bcrypt

_PASSWORD = b"correct horse battery staple"
_KEPT = bcrypt.hashpw(_PASSWORD, bcrypt.gensalt(int(os.environ["BCRYPT_ROUNDS"])))


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Check it."""
    del event, context
    return {"statusCode": 200 if bcrypt.checkpw(_PASSWORD, _KEPT) else 500}
