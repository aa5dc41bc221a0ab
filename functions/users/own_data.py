"""The archive of one's own data: asked for here, made by `archives`."""

from uuid import UUID

from shared.aws import export_storage
from shared.aws.presigning import PresignedGet
from shared.db import connection, transaction
from shared.domain import archives, audit, outbox
from shared.domain.audit import Actor
from shared.repositories import exports
from shared.repositories import outbox as outbox_rows
from shared.repositories.exports import ExportRow
from shared.repositories.users import UserRow


def request_export(user: UserRow) -> None:
    """Have an archive of the user's own data made, unless one is being made already; a notice and a mail tell of it."""
    with transaction() as conn:
        export_id = exports.begin(conn, user.id)
        if export_id is not None:
            outbox_rows.insert(conn, "make_archive", {"export_id": str(export_id)})
            details = {"of": "own-data", "format": "zip"}
            audit.record(conn, "export_created", actor=Actor.of(user), target=("user", user.id), details=details)
    outbox.wake()


def find_export(user_id: UUID) -> tuple[ExportRow | None, PresignedGet | None]:
    """How the user's last archive stands, and where to fetch it once it is there."""
    with connection() as conn:
        export = exports.find_of(conn, user_id)
    if export is None or export.status != "ready":
        return export, None
    return export, export_storage.presign_get(archives.key_of(user_id, export.id), filename="reviewpoint-data.zip")
