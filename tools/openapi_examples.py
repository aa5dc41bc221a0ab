"""Examples of what the API answers, for the OpenAPI document; a test holds each to what its handler gives."""

from collections.abc import Mapping
from typing import Any

from shared.domain.exports import MEDIA_TYPES, Export, deliver

_USER_ID = "0198b2a4-5c3e-7d10-9a6b-2f4e8c1d7a90"
_UPLOAD_ID = "0198b2a6-91f7-7c42-8e05-6b3d9f2a1c84"
_SESSION_ID = "0198b2a5-0d4a-7b8f-a1c6-5e7f3b9d2c10"
_SHA256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
_STORAGE = "https://uploads.s3.eu-central-1.amazonaws.com"
_OBJECT = f"{_STORAGE}/uploads/{_USER_ID}/{_UPLOAD_ID}/k2v8"

_ME = {
    "id": _USER_ID,
    "username": "ada",
    "email": "ada@example.org",
    "role": "user",
    "created_at": "2026-07-22T20:41:07.482915Z",
    "updated_at": "2026-07-22T20:41:07.482915Z",
}
_USER = {
    **{name: _ME[name] for name in ("id", "username", "email", "role")},
    "is_active": True,
    **{name: _ME[name] for name in ("created_at", "updated_at")},
}
_UPLOAD = {
    "id": _UPLOAD_ID,
    "user_id": _USER_ID,
    "filename": "paper.pdf",
    "content_type": "application/pdf",
    "file_size": 48213,
    "uploaded_at": "2026-07-22T20:52:04.118302Z",
    "status": "available",
    "is_public": False,
    "sha256": _SHA256,
    "reason": None,
    "created_at": "2026-07-22T20:52:02.903417Z",
}
_PENDING = {**_UPLOAD, "status": "pending", "uploaded_at": None, "sha256": None}
_SCANNING = {**_PENDING, "status": "scanning"}
_UPLOAD_URL = {
    "method": "PUT",
    "url": f"{_OBJECT}?X-Amz-Signature=…",
    "headers": {"Content-Type": "application/pdf", "If-None-Match": "*"},
    "expires_at": "2026-07-22T21:07:02Z",
}
_DOWNLOAD_URL = {"url": f"{_OBJECT}?X-Amz-Signature=…", "expires_at": "2026-07-22T20:53:02.903417Z"}

BY_SCHEMA: Mapping[str, Any] = {
    "Registered": {name: value for name, value in _ME.items() if name != "updated_at"},
    "Tokens": {"access_token": "eyJ…", "refresh_token": "eyJ…", "token_type": "bearer", "expires_in": 3600},
    "Me": _ME,
    "User": _USER,
    "Session": {
        "id": _SESSION_ID,
        "created_at": "2026-07-22T20:41:30.117604Z",
        "last_used_at": "2026-07-22T21:40:12.550871Z",
        "user_agent": _BROWSER,
        "ip": "203.0.113.7",
        "current": True,
    },
    "SignIn": {
        "occurred_at": "2026-07-22T20:41:30.117604Z",
        "outcome": "success",
        "ip": "203.0.113.7",
        "user_agent": _BROWSER,
    },
    "OwnExport": {
        "status": "ready",
        "expires_at": "2026-07-29T20:52:02.903417Z",
        "url": f"{_STORAGE}/exports/k2v8.zip?X-Amz-Signature=…",
    },
    "Upload": _UPLOAD,
    "UploadCreated": {**_PENDING, "upload": _UPLOAD_URL},
    "UploadUrl": _UPLOAD_URL,
    "DownloadUrl": _DOWNLOAD_URL,
    "ExportUrl": {**_DOWNLOAD_URL, "url": f"{_STORAGE}/exports/k2v8.csv?X-Amz-Signature=…"},
    "BulkDeleted": {"deleted": [_UPLOAD_ID], "failed": [{"id": _SESSION_ID, "code": "NOT_FOUND"}]},
    "BroadcastAccepted": {
        "id": "0198b2b0-3e1c-7f55-b2d8-7a9c4e6f1b03",
        "message": "Maintenance tonight from 22:00 UTC.",
        "level": "info",
        "created_at": "2026-07-22T20:52:02.903417Z",
    },
    "Stats": {"connections": 12, "users": 9, "notices": 143},
    "AuditEvent": {
        "id": "0198b2a5-0d51-7e3a-8c47-1b5d9e2f6a08",
        "occurred_at": "2026-07-22T20:41:30.117604Z",
        "action": "authn_login_success",
        "actor_id": _USER_ID,
        "actor_role": "user",
        "target_type": None,
        "target_id": None,
        "outcome": "success",
        "ip": "203.0.113.7",
        "user_agent": _BROWSER,
        "request_id": "0198b2a5-0d3f-7a61-9d28-4c8e6b1f5a72",
        "details": {},
    },
    "Health": {
        "status": "ok",
        "version": "0.1.0",
        "timestamp": "2026-07-22T20:52:02.903417Z",
        "checks": {
            "database": {"status": "ok", "latency_ms": 1.8, "migration": "0001"},
            "storage": {"status": "ok", "latency_ms": 6.2},
            "cache": {"status": "disabled", "latency_ms": None},
        },
    },
    "Live": {"status": "ok"},
}
"""By the schema's name; a page's is made of its item's."""

BY_OPERATION: Mapping[str, Any] = {
    "complete_upload": _SCANNING,
    "rescan_upload": _SCANNING,
    "log_out": {"message": "Signed out."},
    "change_password": {"message": "Your password was changed. All other sessions have ended."},
    "request_password_reset": {
        "message": "If there is an account with this address, a mail with a link is on its way."
    },
    "reset_password": {"message": "Your password was set. Sign in with it."},
    "verify_email": {"message": "Your e-mail address is verified."},
    "request_verification": {"message": "If this address is to be verified, a mail with a link is on its way."},
    "request_export": {"message": "Your data is being packed. We tell you when it is there."},
    "send_password_reset": {"message": "A mail with a link is on its way."},
}
"""Where the schema alone does not say it."""


def answer_example(operation_id: str, schema: str) -> Any:
    """What the operation answers, if all goes well.

    Raises:
        KeyError: nobody wrote an example.
    """
    if operation_id in BY_OPERATION:
        return BY_OPERATION[operation_id]
    if schema.startswith("Page_"):
        return {"items": [BY_SCHEMA[schema.removeprefix("Page_").removesuffix("_")]], "next_cursor": None, "total": 1}
    return BY_SCHEMA[schema]


def export_examples(item: str) -> dict[str, Any]:
    """An export of one such item, by media type."""
    record = BY_SCHEMA[item]
    made = {
        media_type.partition(";")[0]: deliver(Export(item, list(record), format_), [record], always_stored=False)
        for format_, media_type in MEDIA_TYPES.items()
        if format_ != "json"
    }
    return {media_type: content.decode() for media_type, content in made.items() if isinstance(content, bytes)}
