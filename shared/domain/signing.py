"""The keys that sign tokens and cursors. In AWS they change without a deploy, so they are asked for each time.

The secret is a JSON object: `current` names the key that signs, every other entry is `<key id>: <key>`, and all of
them verify. To rotate: add a key; five minutes later name it in `current`; when the last refresh token of the old
one has expired, remove that.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from shared import settings
from shared.aws import secrets
from shared.errors import ServiceUnavailableError

_MIN_BYTES = 32


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """Key id to key; `current_id` signs, all verify."""

    current_id: str
    by_id: Mapping[str, str]

    @property
    def current(self) -> str:
        """The key that signs."""
        return self.by_id[self.current_id]


def keys() -> SigningKeys:
    """The keys as they are now.

    Raises:
        ServiceUnavailableError: the secret is not readable, or holds no usable key.
    """
    auth = settings.auth()
    if auth.secret_key_arn is not None:
        return _from_secret(auth.secret_key_arn)
    by_id: dict[str, str] = {}
    if auth.secret_key is not None:
        by_id[auth.secret_key_id] = auth.secret_key.get_secret_value()
    if auth.previous_secret_key is not None and auth.previous_secret_key_id is not None:
        by_id[auth.previous_secret_key_id] = auth.previous_secret_key.get_secret_value()
    return SigningKeys(auth.secret_key_id, by_id)


def _from_secret(arn: str) -> SigningKeys:
    held = secrets.read_json(arn)
    current_id = held.pop("current", "")
    if current_id not in held or any(len(key.encode()) < _MIN_BYTES for key in held.values()):
        raise ServiceUnavailableError("signing key")
    return SigningKeys(current_id, held)
