"""The malware scanner: a port with one method, and what stands behind it (`MALWARE_SCANNER`)."""

from collections.abc import Callable, Mapping
from typing import Literal

from shared import settings
from shared.aws import guardduty, storage

Verdict = Literal["clean", "infected", "unscannable"]

VERDICTS: Mapping[str, Verdict] = {
    "NO_THREATS_FOUND": "clean",
    "THREATS_FOUND": "infected",
    # Locked by a password, too large or too deeply packed; not allowed to be read; an error of the scanner.
    "UNSUPPORTED": "unscannable",
    "ACCESS_DENIED": "unscannable",
    "FAILED": "unscannable",
}
"""GuardDuty's five results. What could not be scanned is neither served nor called infected."""

_TAG = "GuardDutyMalwareScanStatus"


def scan(key: str, version_id: str, *, again: bool) -> Verdict | None:
    """What the scanner says of an object's version; `None` while it has not said it. `again`: have it look once more.

    Raises:
        ServiceUnavailableError: it cannot be asked.
    """
    return _SCANNERS[settings.storage().malware_scanner](key, version_id, again)


def _none(key: str, version_id: str, again: bool) -> Verdict | None:
    del key, version_id, again
    return "clean"


def _guardduty(key: str, version_id: str, again: bool) -> Verdict | None:
    # It scans by itself what arrives, tells of it in an event, and tags the version; no client may set a tag.
    if again:
        guardduty.request_scan(key, version_id)
        return None
    return VERDICTS.get(storage.read_tag(key, version_id, _TAG) or "")


_SCANNERS: Mapping[str, Callable[[str, str, bool], Verdict | None]] = {"none": _none, "guardduty": _guardduty}
