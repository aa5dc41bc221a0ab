"""What happens when bytes have arrived: the upload is settled, once, whatever comes in whatever order."""

import json
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from functions.s3_events import scanner
from functions.s3_events.content import Inspection
from functions.s3_events.scanner import Verdict
from shared.aws import storage
from shared.aws.storage import StoredObject
from shared.db import connection, transaction
from shared.domain import outbox, uploads
from shared.observability import MetricUnit, bind, count, logger
from shared.repositories import files
from shared.repositories.file_steps import Measured
from shared.repositories.files import FileRow, Reason

_CHUNK_BYTES = 256 * 1024
_OUR_KEY = re.compile(rf"{uploads.KEY_PREFIX}[0-9a-f-]{{36}}/[0-9a-f-]{{36}}/[\w-]+")
GUARDDUTY = ("aws.guardduty", "GuardDuty Malware Protection Object Scan Result")
SHAPES = {("aws.s3", "Object Created"), ("reviewpoint", "Upload Check")}
"""Source and type of what tells of an object; `GUARDDUTY` is what tells of a scan."""

_REASONS: Mapping[Verdict, Reason | None] = {"clean": None, "infected": "MALWARE", "unscannable": "SCAN_FAILED"}


@dataclass(frozen=True, slots=True)
class Arrival:
    """An object to look at; `version_id` and the scanner's `verdict` where the message names them."""

    key: str
    version_id: str | None
    verdict: Verdict | None = None
    again: bool = False
    """Whether the scanner has to look once more."""
    request_id: str | None = None


def parse(body: str) -> Arrival:
    """The arrival that a message tells of.

    Raises:
        ValueError, LookupError, TypeError: it is no message of ours; left on the queue it ends with the dead letters.
    """
    message: dict[str, Any] = json.loads(body)
    kind, detail = (message["source"], message["detail-type"]), message["detail"]
    if kind == GUARDDUTY:
        stored = detail["s3ObjectDetails"]
        verdict = scanner.VERDICTS[detail["scanResultDetails"]["scanResultStatus"]]
        return Arrival(stored["objectKey"], stored["versionId"], verdict)
    if kind not in SHAPES:
        raise ValueError("Unknown message")
    stored = detail["object"]
    again, request_id = detail.get("again", False), message.get("request_id")
    return Arrival(stored["key"], stored.get("version-id"), again=again, request_id=request_id)


def handle(arrival: Arrival) -> None:
    """Settle the upload whose object this is, or remove bytes that belong to none.

    Raises:
        ServiceUnavailableError: the message has to come again.
    """
    bind(request_id=arrival.request_id, upload_id=uploads.id_in(arrival.key))
    with connection() as conn:
        file = files.find_by_path(conn, arrival.key)
    if file is not None and arrival.request_id is None:
        bind(request_id=file.request_id)
    if file is None or file.status not in {"pending", "scanning"}:
        if file is not None and _was_found_infected(arrival, file):
            _settle(file, "MALWARE", Measured(arrival.version_id, None, None), from_="available")
        else:
            _remove_stray(arrival, file)
        return
    with storage.opened(arrival.key, arrival.version_id) as stored:
        if stored is None:
            logger.info("no object there")
            return
        with connection() as conn:
            uploads.begin_scan(conn, file.id)
        outbox.wake()  # For its notice, also where the API has begun the scan.
        verdict = arrival.verdict or _scan(arrival, file, stored.version_id)
        if verdict is None:
            logger.info("waiting for the scanner")
            return
        measured, reason = _inspect(file, stored, verdict)
    _settle(file, reason, measured)


def _scan(arrival: Arrival, file: FileRow, version_id: str) -> Verdict | None:
    verdict = scanner.scan(arrival.key, version_id, again=arrival.again)
    if verdict == "unscannable" and file.version_id is not None:
        # A rescan, and what is known is from before it: the scanner was not asked, or has not answered.
        return scanner.scan(arrival.key, version_id, again=True)
    return verdict


def _was_found_infected(arrival: Arrival, file: FileRow) -> bool:
    infected = arrival.verdict == "infected" and arrival.version_id == file.version_id
    return infected and file.status == "available"


def _remove_stray(arrival: Arrival, file: FileRow | None) -> None:
    """Bytes of nobody, or that came after their upload's end, go; what is served stays."""
    if file is None:
        version_id = arrival.version_id
        if not _OUR_KEY.fullmatch(arrival.key):
            logger.warning("foreign object in the bucket", extra={"object_key": arrival.key})
            return
    elif file.status == "available" or file.kept_until is not None:
        if arrival.version_id in {None, file.version_id} or file.version_id is None:
            return
        version_id = arrival.version_id
    else:
        version_id = None
    with connection() as conn:
        uploads.remove_object(conn, arrival.key, version_id)
    outbox.wake()


def _inspect(file: FileRow, stored: StoredObject, verdict: Verdict) -> tuple[Measured, Reason | None]:
    unread = Measured(stored.version_id, None, stored.uploaded_at)
    if stored.size != file.file_size:
        return unread, "SIZE_MISMATCH"
    if verdict == "infected":
        return unread, "MALWARE"  # and no parser opens it
    if stored.encoding is not None:
        return unread, "CONTENT_INVALID"  # A browser would make other bytes of these.
    started = time.perf_counter()
    inspection = Inspection(file)
    chunks: Iterator[bytes] = stored.body.iter_chunks(_CHUNK_BYTES)
    inspection.read(chunks)
    measured = Measured(stored.version_id, inspection.sha256, stored.uploaded_at)
    reason = inspection.verdict() or _REASONS[verdict]
    count("ScanTime", (time.perf_counter() - started) * 1000, MetricUnit.Milliseconds)
    return measured, reason


def _settle(
    file: FileRow, reason: Reason | None, measured: Measured, *, from_: Literal["scanning", "available"] = "scanning"
) -> None:
    with transaction() as conn:
        if reason is None:
            settled = uploads.accept(conn, file.id, measured)
        else:
            settled = uploads.reject(conn, file.id, reason, measured, from_=from_)
    if settled is None:
        return  # Another message was faster, or the upload was deleted; both took care of the object.
    outbox.wake()
    count("UploadAvailable" if reason is None else "UploadRejected")
    count("UploadBytes", settled.file_size, MetricUnit.Bytes)
    logger.info("upload settled", extra={"status": settled.status, "reason": reason, "user_id": str(settled.user_id)})
