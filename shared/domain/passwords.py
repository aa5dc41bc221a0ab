"""Passwords: what is good enough, and how it is kept."""

import hashlib
import hmac
import unicodedata
from base64 import b64encode
from collections.abc import Iterable

import bcrypt

from shared import errors, settings

# The scheme stands before the hash, so that it can change. v1: bcrypt over the base64 of an HMAC-SHA-256, since
# bcrypt sees only 72 bytes and stops at NUL; the label keeps a stolen plain SHA-256 from serving as a password.
_SCHEME = "v1"
_LABEL = b"reviewpoint.password.v1"
_ZXCVBN_LENGTH = 72  # it refuses more, and slows with the square of the length


def problem(password: str, *, own_words: Iterable[str]) -> str | None:
    """What to change of a new password: 8–128 characters after NFKC, hard to guess (NIST SP 800-63B §5.1.1, ASVS 6.2)."""
    from zxcvbn import zxcvbn

    password = unicodedata.normalize("NFKC", password)
    own_words = [word.casefold() for word in own_words]
    if not 8 <= len(password) <= 128:
        return "Must have 8 to 128 characters"
    if password.casefold() in own_words:
        return "Must not be your username or e-mail address"
    parts = [part for word in own_words for part in (word, *word.replace("@", ".").split("."))]
    result = zxcvbn(password[:_ZXCVBN_LENGTH], user_inputs=parts)
    if result["score"] >= settings.passwords().password_min_score:
        return None
    feedback = result["feedback"]
    return " ".join(filter(None, ("Too easy to guess.", feedback["warning"], *feedback["suggestions"])))


def check(password: str, *, own_words: Iterable[str], field: str = "password") -> None:
    """Judge a new password.

    Raises:
        ValidationError: at `field`, saying what to change.
    """
    if issue := problem(password, own_words=own_words):
        raise errors.ValidationError(field, issue)


def make_hash(password: str) -> str:
    """A salted hash for keeping, of `BCRYPT_ROUNDS`."""
    salt = bcrypt.gensalt(settings.passwords().bcrypt_rounds)
    return f"{_SCHEME}${bcrypt.hashpw(_prehash(password), salt).decode()}"


NONE = "!"
"""What is kept for an account whose password is not set yet: nothing verifies against it."""


def verify(password: str, kept: str | None) -> bool:
    """Whether the password is the one kept. Without one kept it takes as long, and is `False`."""
    if kept is None or not kept.startswith(f"{_SCHEME}$"):
        bcrypt.hashpw(_prehash(password), b"$2b$%02d$" % settings.passwords().bcrypt_rounds + b"." * 22)
        return False
    return bcrypt.checkpw(_prehash(password), kept.partition("$")[2].encode())


def needs_rehash(kept: str) -> bool:
    """Whether the hash was made with fewer rounds than are asked for now."""
    return int(kept.split("$")[3]) < settings.passwords().bcrypt_rounds


def _prehash(password: str) -> bytes:
    normal = unicodedata.normalize("NFKC", password).encode()
    return b64encode(hmac.digest(_LABEL, normal, hashlib.sha256))
