"""What happens to uploads when their owners ask."""

import secrets
import unicodedata
from collections.abc import Callable, Sequence
from datetime import timedelta
from urllib.parse import quote
from uuid import UUID

from functions.uploads.schemas import Upload, UploadCreate, UploadUpdate, safe_filename
from shared import clock, errors, ids, settings
from shared.aws import storage
from shared.aws.presigning import PresignedGet, PresignedPut
from shared.db import Connection, Listing, Position, connection, transaction
from shared.domain import audit, exports, idempotency, notices, outbox, uploads
from shared.domain.audit import Actor
from shared.domain.exports import Export
from shared.domain.idempotency import Idempotent
from shared.errors import Code
from shared.observability import bind, count
from shared.repositories import file_lists, file_steps, files, storage_usage
from shared.repositories.file_lists import FileFilter
from shared.repositories.file_steps import Quota
from shared.repositories.files import FileRow
from shared.repositories.storage_usage import UsageRow
from shared.repositories.users import UserRow

_NO_SUCH = "There is no such upload."


def create_upload(user_id: UUID, body: UploadCreate, key: Idempotent | None) -> tuple[Upload, PresignedPut | None]:
    """Reserve a `pending` upload and presign the PUT that fills it; a repeated request gets its first answer.

    Raises:
        ConflictError: `QUOTA_EXCEEDED`, where `details.limit` names which; `IDEMPOTENCY_CONFLICT`.
    """
    file, quota = _draft(user_id, body), _quota()
    created = Upload.of(file)
    with transaction() if key else connection() as conn:
        kept = idempotency.claim(conn, key, caller_id=user_id, body=body, answer=created)
        if kept is not None:
            return _replayed(conn, user_id, Upload.model_validate(kept))
        if not file_steps.reserve(conn, file, original_filename=body.filename, quota=quota):
            raise _over_quota(storage_usage.find(conn, user_id), quota)
    bind(upload_id=str(file.id))
    return created, _presign(file)


def _draft(user_id: UUID, body: UploadCreate) -> FileRow:
    file_id, now = ids.new(), clock.now()
    return FileRow(
        id=file_id,
        user_id=user_id,
        filename=safe_filename(body.filename),
        content_type=body.content_type,
        file_size=body.file_size,
        file_path=f"{uploads.KEY_PREFIX}{user_id}/{file_id}/{secrets.token_urlsafe(16)}",
        file_hash=None,
        declared_sha256=body.sha256,
        version_id=None,
        status="pending",
        reason=None,
        is_public=body.is_public,
        url_expires_at=now + timedelta(seconds=settings.storage().upload_url_ttl),
        status_changed_at=now,
        kept_until=None,
        uploaded_at=None,
        created_at=now,
    )


def _replayed(conn: Connection, user_id: UUID, created: Upload) -> tuple[Upload, PresignedPut | None]:
    # The URL is signed anew, and so may outlive the first.
    expires_at = clock.now() + timedelta(seconds=settings.storage().upload_url_ttl)
    file = files.update_url_expiry(conn, created.id, owner_id=user_id, url_expires_at=expires_at)
    return created, _presign(file) if file else None


def _presign(file: FileRow) -> PresignedPut:
    return storage.presign_put(
        file.file_path, size=file.file_size, content_type=file.content_type, sha256=file.declared_sha256
    )


def _quota() -> Quota:
    limits = settings.storage()
    return Quota(limits.user_quota_bytes, limits.user_quota_files, limits.max_pending_uploads)


def _over_quota(usage: UsageRow | None, quota: Quota) -> errors.ConflictError:
    count("QuotaExceeded")
    if usage is not None and usage.pending_files >= quota.pending_files:
        limit, message = "pending_uploads", f"{quota.pending_files} uploads wait for their bytes already."
    elif usage is not None and usage.files >= quota.files:
        limit, message = "files", f"You may keep {quota.files} files at most."
    else:
        limit, message = "bytes", f"Your files may take {quota.bytes} bytes at most."
    return errors.ConflictError(Code.QUOTA_EXCEEDED, message, details={"limit": limit})


def renew_url(user_id: UUID, file_id: UUID) -> PresignedPut:
    """A fresh URL for an upload that still waits for its bytes.

    Raises:
        NotFoundError: it is not the caller's.
        ConflictError: `UPLOAD_NOT_AVAILABLE`, it waits no more.
    """
    expires_at = clock.now() + timedelta(seconds=settings.storage().upload_url_ttl)
    with connection() as conn:
        file = files.update_url_expiry(conn, file_id, owner_id=user_id, url_expires_at=expires_at)
        if file is None:
            raise _not_available(_existing(files.find_owned(conn, file_id, owner_id=user_id)))
    return _presign(file)


def complete_upload(user_id: UUID, file_id: UUID) -> FileRow:
    """Have the bytes checked, if they are there; what is checked already stays as it is.

    Raises:
        NotFoundError: it is not the caller's.
        ConflictError: `UPLOAD_NOT_RECEIVED`, there are no bytes yet; `UPLOAD_NOT_AVAILABLE`, it has expired.
    """
    with connection() as conn:
        file = _existing(files.find_owned(conn, file_id, owner_id=user_id))
    if file.status == "pending":
        file = _claim(file)
    if file.status == "pending":
        raise errors.ConflictError(Code.UPLOAD_NOT_RECEIVED, "The storage has not received the file yet.")
    if file.status == "expired":
        raise _not_available(file)
    return file


def _claim(file: FileRow) -> FileRow:
    received = storage.head(file.file_path) is not None
    with connection() as conn:
        claimed = uploads.begin_scan(conn, file.id) if received else None
        if claimed is None:
            # The event of its arrival was faster, and what it found may be removed already; or somebody deleted it.
            return _existing(files.find_owned(conn, file.id, owner_id=file.user_id))
    uploads.request_check(claimed.file_path)
    return claimed


def list_uploads(wanted: FileFilter, *, limit: int, after: Position | None) -> Listing[FileRow]:
    """A part of the uploads that a filter wants."""
    with connection() as conn:
        return file_lists.list_page(conn, wanted, limit=limit, after=after)


def export_uploads(user: UserRow, export: Export, wanted: FileFilter, *, always_stored: bool) -> bytes | PresignedGet:
    """The metadata of all uploads that the filter wants, of those that there are now.

    Raises:
        ServiceUnavailableError: the storage did not take a large one.
    """
    wanted = exports.until_now(wanted)
    audit.record_export(Actor.of(user), name=export.name, file_format=export.format)
    rows = exports.all_rows(
        lambda conn, after, limit: file_lists.list_rows(conn, wanted, limit=limit, after=after), wanted.position_of
    )
    records = (Upload.of(row).model_dump(mode="json") for row in rows)
    return exports.deliver(export, records, always_stored=always_stored)


def get_upload(user_id: UUID, file_id: UUID, *, sees_all: bool) -> FileRow:
    """One upload.

    Raises:
        NotFoundError: there is none, or the caller may not see it.
    """
    with connection() as conn:
        return _existing(files.find_visible(conn, file_id, viewer_id=user_id, sees_all=sees_all))


def presign_download(user_id: UUID, file_id: UUID, *, sees_all: bool) -> PresignedGet:
    """Where to fetch the very version that was checked.

    Raises:
        NotFoundError: there is none, or the caller may not see it.
        ConflictError: `UPLOAD_NOT_AVAILABLE`.
    """
    file = get_upload(user_id, file_id, sees_all=sees_all)
    if file.status != "available" or file.version_id is None:
        raise _not_available(file)
    return storage.presign_get(
        file.file_path,
        version_id=file.version_id,
        content_type=file.content_type,
        disposition=_disposition(file.filename),
    )


def _disposition(filename: str) -> str:
    # RFC 6266 §4.3 and appendix D: a plain name for old clients, and the true one as RFC 8187 spells it.
    letters = (c for c in unicodedata.normalize("NFKD", filename) if not unicodedata.combining(c))
    plain = "".join(c if c.isascii() and c not in '"\\%' else "_" for c in letters)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"


def update_upload(
    user: UserRow, file_id: UUID, body: UploadUpdate, *, updates_all: bool, check: Callable[[FileRow], None]
) -> FileRow:
    """Change an upload's name, or who sees it; `check` looks at it before, and may raise.

    Raises:
        NotFoundError: there is none, or the caller may not know of it.
        AuthorizationError: `FORBIDDEN`, the caller may only see it.
    """
    with transaction() as conn:
        known = files.lock(conn, file_id, owner_id=None if updates_all else user.id)
        file = _update(conn, user, known, body, check) if known else None
    if file is None:
        raise _refused(user, file_id, sees_all=updates_all)
    outbox.wake()
    return file


def _update(
    conn: Connection, user: UserRow, known: FileRow, body: UploadUpdate, check: Callable[[FileRow], None]
) -> FileRow:
    check(known)
    filename = safe_filename(body.filename) if body.filename is not None else None
    file = files.update(conn, known.id, filename=filename, is_public=body.is_public)
    notices.publish_upload(conn, "upload.updated", file)
    details = {"fields": sorted(body.model_fields_set)}
    audit.record(conn, "file_updated", actor=Actor.of(user), target=("file", file.id), details=details)
    return file


def delete_upload(user: UserRow, file_id: UUID, *, deletes_all: bool) -> None:
    """Remove an upload; its object follows, even if S3 is down now.

    Raises:
        NotFoundError: there is none, or the caller may not know of it.
        AuthorizationError: `FORBIDDEN`, the caller may only see it.
    """
    with transaction() as conn:
        gone = uploads.delete(conn, [file_id], owner_id=None if deletes_all else user.id)
        _record_deletions(conn, user, gone)
    if not gone:
        raise _refused(user, file_id, sees_all=deletes_all)
    outbox.wake()


def delete_uploads(
    user: UserRow, file_ids: Sequence[UUID], *, deletes_all: bool
) -> tuple[list[UUID], list[tuple[UUID, Code]]]:
    """Remove several uploads, as many as may be; which are gone, and why the others are not, in the order asked."""
    with transaction() as conn:
        gone = uploads.delete(conn, file_ids, owner_id=None if deletes_all else user.id)
        deleted = {file.id for file in gone}
        left = [file_id for file_id in dict.fromkeys(file_ids) if file_id not in deleted]
        seen = files.filter_visible(conn, left, viewer_id=user.id) if left else set[UUID]()
        _record_deletions(conn, user, gone)
        audit.record_all(conn, "authz_fail", actor=Actor.of(user), targets=("file", seen), outcome="failure")
    if gone:
        outbox.wake()
    failed = [(file_id, Code.FORBIDDEN if file_id in seen else Code.NOT_FOUND) for file_id in left]
    return [file_id for file_id in dict.fromkeys(file_ids) if file_id in deleted], failed


def _record_deletions(conn: Connection, user: UserRow, gone: Sequence[FileRow]) -> None:
    file_ids = [file.id for file in gone]
    audit.record_all(conn, "file_deleted", actor=Actor.of(user), targets=("file", file_ids))


def rescan_upload(user: UserRow, file_id: UUID) -> FileRow:
    """Have what could not be scanned looked at again.

    Raises:
        NotFoundError: there is none.
        ConflictError: `UPLOAD_NOT_AVAILABLE`, it is anything else, or not kept any more.
    """
    with transaction() as conn:
        file = uploads.rescan(conn, file_id)
        if file is None:
            raise _not_available(_existing(files.find(conn, file_id)))
        audit.record(conn, "upload_rescanned", actor=Actor.of(user), target=("file", file_id))
    uploads.request_check(file.file_path, again=True)
    return file


def _refused(user: UserRow, file_id: UUID, *, sees_all: bool) -> errors.ReViewPointException:
    with connection() as conn:
        visible = files.find_visible(conn, file_id, viewer_id=user.id, sees_all=sees_all)
    if visible is None:
        return errors.NotFoundError(_NO_SUCH)
    audit.record_failure("authz_fail", actor=Actor.of(user), target=("file", file_id))
    return errors.AuthorizationError(Code.FORBIDDEN, "Only its owner may do this with the file.")


def _existing(file: FileRow | None) -> FileRow:
    if file is None:
        raise errors.NotFoundError(_NO_SUCH)
    return file


def _not_available(file: FileRow) -> errors.ConflictError:
    return errors.ConflictError(
        Code.UPLOAD_NOT_AVAILABLE, f"The upload is {file.status}.", details={"status": file.status}
    )
