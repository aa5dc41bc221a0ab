"""What text may hold, wherever it comes from."""

import re

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def has_controls(text: str) -> bool:
    """Whether there are NUL or other control characters in it (Unicode's category Cc)."""
    return _CONTROLS.search(text) is not None
