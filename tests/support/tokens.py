"""Tokens as no server of ours would make them."""

from typing import Any

import jwt

from shared.domain import signing


def claims_of(token: str) -> dict[str, Any]:
    """A token's claims, unchecked."""
    return jwt.decode(token, options={"verify_signature": False})


def forged(
    token: str,
    *,
    without: str | None = None,
    key: str | None = None,
    algorithm: str = "HS256",
    kid: Any = "1",
    **claims: Any,
) -> str:
    """A token with other claims, signed all the same: with our key unless another is given."""
    changed = {name: value for name, value in {**claims_of(token), **claims}.items() if name != without}
    key = signing.keys().by_id["1"] if key is None else key
    headers = {} if kid is None else {"kid": kid}
    return jwt.encode(changed, key, algorithm=algorithm, headers=headers)
