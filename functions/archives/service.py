"""How a user's own data is packed: as a stream, so that memory does not grow with it."""

import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from uuid import UUID

from pydantic import BaseModel

from functions.archives.schemas import ActivityEntry, FileEntry, Profile, SessionEntry
from shared import clock
from shared.aws import export_storage, storage
from shared.db import Connection, Listing, Position, connection, transaction
from shared.domain import archives, exports, mails, notices, outbox
from shared.domain.exports import Row
from shared.observability import count, logger
from shared.repositories import audit_events, file_lists, sessions, users
from shared.repositories import exports as export_rows
from shared.repositories.file_lists import FileFilter
from shared.repositories.files import FileRow
from shared.repositories.users import UserRow

# The bucket keeps exports for a week, counted in whole days.
_KEPT = timedelta(days=5)
_CHUNK_BYTES = 256 * 1024

Entry = tuple[str, Iterable[bytes]]
"""A name in the archive, and what lies there."""


class _Sink:
    """Takes what `zipfile` writes, until it is fetched; it cannot be gone back in."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, data: bytes, /) -> int:
        """Take more."""
        self._written += data
        return len(data)

    def flush(self) -> None:
        """Nothing waits anywhere."""

    def close(self) -> None:
        """Nothing is open."""

    def fetch(self) -> bytes:
        """What came since the last time."""
        taken, self._written = bytes(self._written), bytearray()
        return taken


def make(export_id: UUID) -> None:
    """Pack the data of whoever asked, and tell; nothing for one that is done, or whose user is gone.

    Raises:
        ServiceUnavailableError: the storage did not answer; the message has to come again.
    """
    with connection() as conn:
        asked = export_rows.find(conn, export_id)
        user = users.find(conn, asked.user_id) if asked and asked.status != "ready" else None
    if user is None:
        return
    export_storage.write(archives.key_of(user.id, export_id), _zipped(_entries(user)), media_type="application/zip")
    expires_at = (clock.now() + _KEPT).replace(microsecond=0)
    with transaction() as conn:
        if not export_rows.finish(conn, export_id, expires_at=expires_at):
            return
        notices.publish(conn, user.id, "export.ready", {"expires_at": expires_at.strftime("%Y-%m-%dT%H:%M:%SZ")})
        mails.notify(conn, "export_ready", user.id)
    outbox.wake()
    count("ArchiveMade")
    logger.info("archive made", extra={"user_id": str(user.id)})


def give_up(export_id: UUID) -> None:
    """Say that an archive could not be made."""
    with connection() as conn:
        export_rows.fail(conn, export_id)
    count("ArchiveFailed")


def _zipped(entries: Iterable[Entry]) -> Iterator[bytes]:
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, pieces in entries:
            # The size is not known before: an entry may be larger than 4 GiB.
            with archive.open(name, "w", force_zip64=True) as place:
                for piece in pieces:
                    place.write(piece)
                    yield sink.fetch()
    yield sink.fetch()


def _entries(user: UserRow) -> Iterator[Entry]:
    for kind in (Profile, SessionEntry, ActivityEntry, FileEntry):
        yield f"schemas/{kind.__name__}.json", [json.dumps(kind.model_json_schema(), indent=2).encode()]
    yield "profile.json", [Profile.model_validate(user, from_attributes=True).model_dump_json(indent=2).encode()]
    yield "sessions.json", _listed(SessionEntry, _sessions(user.id))
    yield "activity.json", _listed(ActivityEntry, _sign_ins(user.id))
    yield "files.json", _as_array(_file_entry(file) for file in _files(user.id))
    for file in _files(user.id):
        if (path := _path(file)) is not None:
            yield path, _bytes_of(file)


def _listed(kind: type[BaseModel], rows: Iterable[object]) -> Iterator[bytes]:
    return _as_array(kind.model_validate(row, from_attributes=True) for row in rows)


def _as_array(items: Iterable[BaseModel]) -> Iterator[bytes]:
    separator = "["
    for item in items:
        yield f"{separator}{item.model_dump_json()}".encode()
        separator = ",\n"
    yield b"[]" if separator == "[" else b"]"


def _pages(
    page: Callable[[Connection, Position | None, int], Listing[Row]], position: Callable[[Row], Position]
) -> Iterator[Row]:
    return exports.all_rows(lambda conn, after, limit: page(conn, after, limit).rows, position)


def _sessions(user_id: UUID) -> Iterator[object]:
    return _pages(
        lambda conn, after, limit: sessions.list_page(conn, user_id=user_id, limit=limit, after=after),
        lambda row: (row.created_at.isoformat(), row.id),
    )


def _sign_ins(user_id: UUID) -> Iterator[object]:
    return _pages(
        lambda conn, after, limit: audit_events.list_sign_ins(conn, user_id, limit=limit, after=after),
        lambda row: (row.occurred_at.isoformat(), row.id),
    )


def _files(user_id: UUID) -> Iterator[FileRow]:
    # The oldest first, to an end: what is uploaded meanwhile is not waited for.
    wanted = FileFilter(user_id, created_before=clock.now(), sort="created_at")
    return exports.all_rows(
        lambda conn, after, limit: file_lists.list_rows(conn, wanted, limit=limit, after=after), wanted.position_of
    )


def _file_entry(file: FileRow) -> FileEntry:
    return FileEntry(
        id=file.id,
        filename=file.filename,
        content_type=file.content_type,
        file_size=file.file_size,
        uploaded_at=file.uploaded_at,
        status=file.status,
        is_public=file.is_public,
        sha256=file.sha256,
        reason=file.reason,
        created_at=file.created_at,
        path=_path(file),
    )


def _path(file: FileRow) -> str | None:
    # The id keeps files of one name apart.
    return f"files/{file.id}/{file.filename}" if file.status == "available" else None


def _bytes_of(file: FileRow) -> Iterator[bytes]:
    with storage.opened(file.file_path, file.version_id) as stored:
        # It may have been deleted since the list was read.
        if stored is not None:
            yield from stored.body.iter_chunks(_CHUNK_BYTES)
