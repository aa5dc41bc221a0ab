"""HTTP shape of exports: the file itself, a redirect to it, or its URL."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Query, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from shared.aws.presigning import PresignedGet
from shared.domain.exports import MEDIA_TYPES, Export, Format


class ExportUrl(BaseModel):
    """Where to fetch the export, for a short time."""

    url: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What is asked for: the format, and whether to be sent to a large one."""

    format: Format
    redirect: bool

    def export(self, name: str, item: type[BaseModel]) -> Export:
        """The export of a list of such items; its columns are their fields."""
        return Export(name, list(item.model_fields), self.format)


async def _export_options(
    format: Annotated[Format, Query(description="What the export is written in.")] = "csv",
    redirect: Annotated[
        bool, Query(description="`false`: always answer 200 with a URL, for a page on another origin.")
    ] = True,
) -> ExportOptions:
    return ExportOptions(format, redirect)


Exporting = Annotated[ExportOptions, Depends(_export_options)]

EXPORT_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The export, as a download; with `redirect=false` its URL.",
        "content": {media_type.partition(";")[0]: {"schema": {"type": "string"}} for media_type in MEDIA_TYPES.values()}
        | {"application/json": {"schema": {}}},
        "headers": {"Content-Disposition": {"$ref": "#/components/headers/Content-Disposition"}},
    },
    303: {"description": "To the export, which is over 4 MB; the URL in `Location` lives for 60 seconds."},
}


def export_response(export: Export, delivered: bytes | PresignedGet, *, redirect: bool) -> Response | ExportUrl:
    """The answer to a request for an export."""
    if isinstance(delivered, bytes):
        headers = {"Content-Disposition": f'attachment; filename="{export.filename}"'}
        return Response(delivered, media_type=export.media_type, headers=headers)
    if redirect:
        return RedirectResponse(delivered.url, 303)
    return ExportUrl(url=delivered.url, expires_at=delivered.expires_at)
