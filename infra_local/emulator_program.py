"""The emulator's program, with one gap of its S3 closed. Runs in the emulator's own environment.

S3 honours `response-content-disposition` and its like on a read of a named version too; the emulator
only on one of the current version. Downloads name the version that was checked, and must not open inline.
"""

import importlib
from typing import Any

_s3: Any = importlib.import_module("ministack.services.s3")
_get_object = _s3._get_object


def _get_object_with_overrides(
    bucket: str, key: str, headers: dict[str, str], query: dict[str, Any] | None = None
) -> tuple[int, dict[str, str], bytes]:
    status, answer_headers, body = _get_object(bucket, key, headers, query)
    if status == 200 and query:
        _s3._apply_response_overrides(answer_headers, query)
    return status, answer_headers, body


if __name__ == "__main__":
    _s3._get_object = _get_object_with_overrides
    importlib.import_module("ministack.app").main()
