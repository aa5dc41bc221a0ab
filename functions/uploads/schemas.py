"""Bodies of the `uploads` endpoints."""

import unicodedata
from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, Strict, model_validator

from shared import settings
from shared.aws.presigning import PresignedGet, PresignedPut
from shared.errors import Code
from shared.http.filters import CreatedAfter, CreatedBefore, Search
from shared.http.schemas import InputModel
from shared.repositories.file_lists import FileFilter, Sort
from shared.repositories.files import FileRow, Reason, Status

# What turns the reading direction can make "fdp.exe" look like "exe.pdf".
_BIDI_CONTROLS = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def safe_filename(filename: str) -> str:
    """The name that downloads carry: what a checked name leaves without tricks and spaces around it."""
    return filename.translate(_BIDI_CONTROLS).strip()


def _check_filename(value: str) -> str:
    if "/" in value or "\\" in value:
        raise ValueError("Must be a name without a path")
    if all(character in ". " or unicodedata.category(character) in {"Cf", "Zs"} for character in value):
        raise ValueError("Must be more than dots and spaces")
    return value


def _check_content_type(value: str) -> str:
    allowed = settings.storage().allowed_file_types
    if value.lower() not in allowed:
        raise ValueError(f"Must be one of {', '.join(allowed)}")
    return value.lower()


def _check_file_size(value: int) -> int:
    limit = settings.storage().max_upload_size
    if not 1 <= value <= limit:
        raise ValueError(f"Must be from 1 to {limit} bytes")
    return value


Filename = Annotated[str, Field(min_length=1, max_length=255, examples=["paper.pdf"]), AfterValidator(_check_filename)]


class UploadCreate(InputModel):
    """What will be uploaded; the storage and the checks hold the bytes to it."""

    filename: Filename
    content_type: Annotated[str, AfterValidator(_check_content_type), Field(examples=["application/pdf"])]
    file_size: Annotated[int, AfterValidator(_check_file_size), Field(description="Bytes.", examples=[48213])]
    sha256: Annotated[
        str | None, Field(pattern=r"^[0-9a-f]{64}$", description="64 lower-case hex digits; the storage checks it.")
    ] = None
    is_public: Annotated[bool, Field(description="Whether any signed-in user may see and download it.")] = False


class UploadQuery(BaseModel):
    """Which uploads a list has, and in which order."""

    q: Search = None
    content_type: str | None = None
    status: Status | None = None
    created_after: CreatedAfter = None
    created_before: CreatedBefore = None
    sort: Sort = "-created_at"
    user_id: Annotated[UUID | None, Field(description="Those of another user; for admins.")] = None
    scope: Annotated[Literal["own", "all"], Field(description="`all`: those of all users; for admins.")] = "own"

    @property
    def is_beyond_own(self) -> bool:
        """Whether it asks for uploads of others."""
        return self.user_id is not None or self.scope == "all"

    def filter_for(self, caller_id: UUID) -> FileFilter:
        """The filter of the caller's list."""
        return FileFilter(
            owner_id=self.user_id if self.is_beyond_own else caller_id,
            q=self.q or None,
            content_type=self.content_type,
            status=self.status,
            created_after=self.created_after,
            created_before=self.created_before,
            sort=self.sort,
        )


class UploadUpdate(InputModel):
    """What changes of an upload; at least one field."""

    filename: Filename | None = None
    is_public: bool | None = None

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.filename is None and self.is_public is None:
            raise ValueError("Give a filename or is_public")
        return self


class BulkDelete(InputModel):
    """Which uploads go."""

    ids: Annotated[
        list[Annotated[UUID, Strict(strict=False)]],
        Field(min_length=1, max_length=100, examples=[["0192f1b0-7c1e-7000-8000-5a1de1f0c0de"]]),
    ]


class Upload(BaseModel):
    """A file from its reservation to its end. `sha256` is the declared one until the bytes are measured."""

    id: UUID
    user_id: UUID
    filename: str
    content_type: str
    file_size: Annotated[int, Field(description="Bytes.")]
    uploaded_at: Annotated[datetime | None, Field(description="Null until the bytes are in and measured.")]
    status: Status
    is_public: bool
    sha256: str | None
    reason: Annotated[Reason | None, Field(description="Why it was rejected.")]
    created_at: datetime

    @classmethod
    def of(cls, row: FileRow) -> "Upload":
        """The upload as clients see it."""
        return cls.model_validate(row, from_attributes=True)


class UploadUrl(BaseModel):
    """Where to send the bytes: that method, to that URL, with exactly these headers, until then."""

    method: Literal["PUT"] = "PUT"
    url: str
    headers: dict[str, str]
    expires_at: datetime

    @classmethod
    def of(cls, put: PresignedPut) -> "UploadUrl":
        """The answer that carries a presigned PUT."""
        return cls.model_validate(put, from_attributes=True)


class UploadCreated(Upload):
    """A reserved upload, and where its bytes go."""

    upload: Annotated[
        UploadUrl | None, Field(description="Null where a repeated request finds the upload no longer `pending`.")
    ]

    @classmethod
    def with_url(cls, created: Upload, put: PresignedPut | None) -> "UploadCreated":
        """The answer for a new upload, or for its request's repetition."""
        return cls.model_validate({**vars(created), "upload": put}, from_attributes=True)


class NotDeleted(BaseModel):
    """An upload that stays, and why: `FORBIDDEN` for another's that the caller may see, else `NOT_FOUND`."""

    id: UUID
    code: Literal[Code.FORBIDDEN, Code.NOT_FOUND]


class BulkDeleted(BaseModel):
    """Which uploads are gone, and which not."""

    deleted: list[UUID]
    failed: list[NotDeleted]

    @classmethod
    def of(cls, deleted: list[UUID], failed: list[tuple[UUID, Code]]) -> "BulkDeleted":
        """The answer of a bulk deletion."""
        return cls.model_validate(
            {"deleted": deleted, "failed": [{"id": file_id, "code": code} for file_id, code in failed]}
        )


class DownloadUrl(BaseModel):
    """Where to fetch the bytes, for a short time."""

    url: str
    expires_at: datetime

    @classmethod
    def of(cls, get: PresignedGet) -> "DownloadUrl":
        """The answer that carries a presigned GET."""
        return cls.model_validate(get, from_attributes=True)
