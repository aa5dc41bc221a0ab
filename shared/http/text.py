"""What text may hold, wherever it comes from."""

import unicodedata


def has_controls(text: str) -> bool:
    """Whether there are NUL or other control characters in it."""
    return any(unicodedata.category(character) == "Cc" for character in text)
