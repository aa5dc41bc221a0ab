"""What the bytes really are. With its siblings the only place that looks into bytes of strangers."""

import codecs
import hashlib
from collections.abc import Iterable
from io import BytesIO

import puremagic

from shared import settings
from shared.repositories.files import FileRow, Reason

_HEAD_BYTES = 8192
_TEXT, _PDF = "text/plain", "application/pdf"
_IMAGE_FORMATS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/gif": "GIF",
    "image/webp": "WEBP",
    "image/tiff": "TIFF",
    "image/bmp": "BMP",
}
"""Media types whose images are decoded, and Pillow's names of them. Of a type that has no parser the magic is checked."""


class Inspection:
    """Reads an object's bytes once, in pieces, and judges them against what was declared."""

    def __init__(self, file: FileRow) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self._head = b""
        self._text = codecs.getincrementaldecoder("utf-8")() if file.content_type == _TEXT else None
        self._is_text = True
        # Kept whole for a parser only; the limit of sizes bounds it.
        self._content = BytesIO() if file.content_type in {_PDF, *_IMAGE_FORMATS} else None

    def read(self, chunks: Iterable[bytes]) -> None:
        """Take in all the bytes."""
        for chunk in chunks:
            self._hash.update(chunk)
            self._head += chunk[: max(0, _HEAD_BYTES - len(self._head))]
            self._decode(chunk)
            if self._content is not None:
                self._content.write(chunk)
        self._decode(b"", final=True)

    def _decode(self, chunk: bytes, *, final: bool = False) -> None:
        if self._text is None or not self._is_text:
            return
        try:
            self._is_text = "\0" not in self._text.decode(chunk, final)
        except UnicodeDecodeError:
            self._is_text = False

    @property
    def sha256(self) -> str:
        """The SHA-256 of all that was read, in hex."""
        return self._hash.hexdigest()

    def verdict(self) -> Reason | None:
        """Why the bytes are not what was declared, or `None` if they are."""
        if self._file.declared_sha256 not in {None, self.sha256}:
            return "CHECKSUM_MISMATCH"
        found = _media_types(self._head)
        if self._file.content_type != _TEXT:
            return self._judge_content() if self._file.content_type in found else "TYPE_MISMATCH"
        if not self._is_text:
            return "TYPE_MISMATCH" if found else "CONTENT_INVALID"
        # Text may begin with anything's magic; only what could pass for another upload counts.
        return "TYPE_MISMATCH" if found & set(settings.storage().allowed_file_types) else None

    def _judge_content(self) -> Reason | None:
        if self._content is None:
            return None
        content, self._content = self._content, None
        # The parsers cost start time, which a batch of texts need not pay.
        if self._file.content_type == _PDF:
            from functions.s3_events import documents

            return None if documents.opens(content) else "CONTENT_INVALID"
        from functions.s3_events import images

        return (
            None if images.decodes(content.getvalue(), _IMAGE_FORMATS[self._file.content_type]) else "CONTENT_INVALID"
        )


def _media_types(head: bytes) -> set[str]:
    # Text has no magic of its own: what is said to be some is a guess from its first bytes.
    try:
        found: set[str] = {match.mime_type for match in puremagic.magic_string(head)}
        return {media_type for media_type in found if media_type and not media_type.startswith("text/")}
    except (puremagic.PureError, ValueError):
        return set()
