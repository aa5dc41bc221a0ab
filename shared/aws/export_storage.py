"""S3: exports that are too large for an answer, written in parts so that memory does not grow with them."""

import itertools
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from shared import clock, settings
from shared.aws.client import client, reaching
from shared.aws.storage import PresignedGet, presign

# S3 takes parts of 5 MiB and more; only the last may be smaller.
_PART_BYTES = 5 * 1024 * 1024


def write(key: str, chunks: Iterable[bytes], *, media_type: str) -> None:
    """Write an object of the export bucket; whole, or not at all.

    Raises:
        ServiceUnavailableError: S3 did not take it.
    """
    parts = _parts(chunks)
    first = next(parts, bytearray())
    place = {"Bucket": settings.exports().export_bucket, "Key": key}
    with reaching("storage"):
        if len(first) < _PART_BYTES:
            client("s3").put_object(**place, Body=first, ContentType=media_type)
            return
        all_parts = itertools.chain([first], parts)
        del first
        upload = {
            **place,
            "UploadId": client("s3").create_multipart_upload(**place, ContentType=media_type)["UploadId"],
        }
        try:
            _write_parts(upload, all_parts)
        except BaseException:
            client("s3").abort_multipart_upload(**upload)
            raise


def _write_parts(upload: dict[str, str], parts: Iterator[bytearray]) -> None:
    written: list[dict[str, Any]] = []
    for number, part in enumerate(parts, 1):
        answer = client("s3").upload_part(**upload, PartNumber=number, Body=part)
        written.append({"PartNumber": number, "ETag": answer["ETag"]})
    client("s3").complete_multipart_upload(**upload, MultipartUpload={"Parts": written})


def _parts(chunks: Iterable[bytes]) -> Iterator[bytearray]:
    # Handed over as they are, and not copied: two of them at most are there at a time.
    part = bytearray()
    for chunk in chunks:
        part += chunk
        if len(part) >= _PART_BYTES:
            yield part
            part = bytearray()
    if part:
        yield part


def presign_get(key: str, *, filename: str) -> PresignedGet:
    """A URL for a download of an export, for a short time; the file name is plain ASCII."""
    bucket, ttl = settings.exports().export_bucket, settings.exports().download_url_ttl
    query = {"response-content-disposition": f'attachment; filename="{filename}"'}
    expires_at = clock.now().replace(microsecond=0) + timedelta(seconds=ttl)
    return PresignedGet(presign("GET", bucket, key, query=query, headers={}, ttl=ttl), expires_at)
