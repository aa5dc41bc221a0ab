"""What happens when bytes have arrived: the upload is settled, once, whatever comes in whatever order."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from functions.s3_events.content import Inspection
from shared.aws import storage
from shared.aws.storage import StoredObject
from shared.db import connection, transaction
from shared.domain import uploads
from shared.observability import count, logger
from shared.repositories import files
from shared.repositories.files import FileRow, Measured, Reason

_CHUNK_BYTES = 256 * 1024
_OUR_KEY = re.compile(rf"{uploads.KEY_PREFIX}[0-9a-f-]{{36}}/[0-9a-f-]{{36}}/[\w-]+")
_SHAPES = {("aws.s3", "Object Created"), ("reviewpoint", "Upload Check")}


@dataclass(frozen=True, slots=True)
class Arrival:
    """An object to look at; `version_id` where the message names one."""

    key: str
    version_id: str | None


def parse(body: str) -> Arrival:
    """The arrival that a message tells of.

    Raises:
        ValueError, LookupError: it is no message of ours; left on the queue it ends with the dead letters.
    """
    message: dict[str, Any] = json.loads(body)
    if (message["source"], message["detail-type"]) not in _SHAPES:
        raise ValueError("Unknown message")
    stored = message["detail"]["object"]
    return Arrival(stored["key"], stored.get("version-id"))


def handle(arrival: Arrival) -> None:
    """Settle the upload whose object this is, or remove bytes that belong to none.

    Raises:
        ServiceUnavailableError: the message has to come again.
    """
    with connection() as conn:
        file = files.find_by_path(conn, arrival.key)
    if file is None or file.status not in {"pending", "scanning"}:
        _remove_stray(arrival, file)
        return
    with storage.opened(arrival.key, arrival.version_id) as stored:
        if stored is None:
            logger.info("no object there", extra={"upload_id": str(file.id)})
            return
        with connection() as conn:
            uploads.begin_scan(conn, file.id)
        uploads.wake_outbox()  # For its notice, also where the API has begun the scan.
        measured, reason = _inspect(file, stored)
    _settle(file, reason, measured)


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
    uploads.wake_outbox()


def _inspect(file: FileRow, stored: StoredObject) -> tuple[Measured, Reason | None]:
    if stored.size != file.file_size:
        return Measured(stored.version_id, None, stored.uploaded_at), "SIZE_MISMATCH"
    inspection = Inspection(file)
    chunks: Iterator[bytes] = stored.body.iter_chunks(_CHUNK_BYTES)
    inspection.read(chunks)
    return Measured(stored.version_id, inspection.sha256, stored.uploaded_at), inspection.verdict()


def _settle(file: FileRow, reason: Reason | None, measured: Measured) -> None:
    with transaction() as conn:
        if reason is None:
            settled = uploads.accept(conn, file.id, measured)
        else:
            settled = uploads.reject(conn, file.id, reason, measured)
    if settled is None:
        return  # Another message was faster, or the upload was deleted; both took care of the object.
    uploads.wake_outbox()
    count("UploadAvailable" if reason is None else "UploadRejected")
    logger.info("upload settled", extra={"upload_id": str(file.id), "status": settled.status, "reason": reason})
