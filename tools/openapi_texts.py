"""What the OpenAPI document says in words besides the docstrings of endpoints and schemas."""

from collections.abc import Mapping

DESCRIPTION = """\
Accounts, sessions and roles, and the storage of manuscripts and figures.

**Conventions.** Bodies are JSON in UTF-8. Ids are UUIDs (version 7, so that they sort by time), times are RFC 3339 in
UTC, sizes are bytes, durations are seconds. A collection answers with and without its trailing slash. Unknown query
parameters are ignored, unknown fields in a body are refused. `HEAD` answers as `GET`, without a body.

**Signing in.** `POST /api/v1/auth/login` gives an access token (one hour) and a refresh token (seven days from its last
use). Send the access token as `Authorization: Bearer <token>`; renew both with the refresh token in the same header at
`POST /api/v1/auth/refresh`.

**Uploading.** Bytes never pass through this API. `POST /api/v1/uploads` reserves a file and answers with a URL and
headers; PUT the bytes to that URL with exactly those headers, then `POST /api/v1/uploads/{upload_id}/complete`. What
arrived is checked (size, SHA-256, content) before anybody can download it: `status` goes from `pending` over `scanning`
to `available` or `rejected` (`reason` says why), or to `expired` where no bytes came. Where nothing else is set, JPEG,
PNG, PDF and plain text are taken, of up to 10 MiB.

**Errors.** Every error has one shape, `{"error": {"code", "message", "details", "timestamp", "request_id"}}`. Decide by
`code`; show `message` to people. A `VALIDATION_ERROR` names the first problem in `details.field` and `details.issue`,
and lists all of them in `details.errors`. `request_id` is that of the header `X-Request-ID`: quote it in a report.
Each operation lists what it can answer. What belongs to none has the same shape: 404 `NOT_FOUND` for a path, 405
`METHOD_NOT_ALLOWED` (with `Allow`) for a method that a path does not have, 403 `FORBIDDEN` for a request that goes
around the CloudFront distribution where there is one.

**Notices** come over a WebSocket at `/ws`, opened with the subprotocols `reviewpoint.v1` and `bearer.<access token>`.
Messages are `{"type", "id", "timestamp", "data"}`. Send `subscribe` with `{"events": [...]}` as its `data` to be told
`upload.processing`, `upload.completed`, `upload.rejected`, `upload.expired`, `upload.updated` and `upload.deleted` (each
with `{"upload_id", "filename", "status", "reason"}`), `system.notification` and `export.ready`. After an interruption
send `resume` with `{"after": <id of the last notice>}`: what was missed comes again, the same `id` at times twice.
"""

TAGS: Mapping[str, str] = {
    "auth": "Accounts are made, sessions begin, go on and end, passwords change.",
    "users": "One's own account; for admins all accounts.",
    "uploads": "Files from their reservation to their download.",
    "notifications": "What users are told over the socket.",
    "audit": "Who did what, for admins.",
    "health": "Whether the system works.",
}
"""Each group's tag, in reading order."""

MEANINGS: Mapping[str, str] = {
    "MALFORMED_REQUEST": "The body is not JSON in UTF-8, or the request cannot be read.",
    "RESET_TOKEN_INVALID": "There is no such reset token.",
    "RESET_TOKEN_EXPIRED": "The reset token's time is over.",
    "RESET_TOKEN_USED": "The reset token has been used.",
    "VERIFICATION_TOKEN_INVALID": "There is no such verification token.",
    "VERIFICATION_TOKEN_EXPIRED": "The verification token's time is over.",
    "VERIFICATION_TOKEN_USED": "The verification token has been used.",
    "AUTHENTICATION_REQUIRED": "No Bearer token was sent.",
    "INVALID_CREDENTIALS": "Unknown name or wrong password.",
    "TOKEN_INVALID": "The token is none of ours, or of the wrong kind.",
    "TOKEN_EXPIRED": "The token's time is over: renew it.",
    "TOKEN_REVOKED": "The session has ended: sign in again.",
    "FORBIDDEN": "The caller may not do this.",
    "ACCOUNT_DISABLED": "The account is disabled.",
    "EMAIL_NOT_VERIFIED": "The e-mail address has to be verified first.",
    "NOT_FOUND": "There is no such thing, or it is not the caller's to know of.",
    "METHOD_NOT_ALLOWED": "This method is not allowed here.",
    "USERNAME_TAKEN": "The username is in use, without regard to case.",
    "EMAIL_TAKEN": "The e-mail address is in use, without regard to case.",
    "UPLOAD_NOT_RECEIVED": "The storage has not received the bytes yet.",
    "UPLOAD_NOT_AVAILABLE": "The upload is in a status that does not allow this.",
    "IDEMPOTENCY_CONFLICT": "The idempotency key was used with another body.",
    "LAST_ADMIN": "The last active admin cannot be demoted, disabled or deleted.",
    "QUOTA_EXCEEDED": "The caller's quota of bytes, of files or of pending uploads is used up.",
    "PRECONDITION_FAILED": "`If-Match` names an older version.",
    "PAYLOAD_TOO_LARGE": "The body is over 64 KiB.",
    "UNSUPPORTED_MEDIA_TYPE": "The body is not sent as `application/json` in UTF-8.",
    "VALIDATION_ERROR": "A field, a parameter or their combination is wrong.",
    "RATE_LIMITED": "Too many tries: wait for `Retry-After` seconds.",
    "INTERNAL_ERROR": "A bug of ours; its log line has the same request id.",
    "SERVICE_UNAVAILABLE": "Database or storage is not reachable; nothing is half-written. Try again.",
}
"""When each error code comes."""

SECURITY: Mapping[str, str] = {
    "AccessToken": "The access token of a login; it lives for an hour.",
    "RefreshToken": "The refresh token of a login, for its renewal alone; it works once.",
}
"""What each kind of token is."""

FIELDS: Mapping[str, str] = {
    "AccountDeletion.password": "The account's password, once more.",
    "LoginRequest.password": "The account's password.",
    "LoginRequest.username": "The username, or the e-mail address; without regard to case.",
    "UserCreate.password": "As for a registration; without one its owner is mailed a link to set it.",
    "If-Match": "The `ETag` that you have read; 412 when it has changed since.",
    "If-None-Match": "The `ETag` that you have; 304 while it is still the same.",
    "access_token": "For all other requests, as `Authorization: Bearer …`.",
    "action": "What was done, of a fixed vocabulary.",
    "actor_id": "Who did it; null for somebody unknown.",
    "actor_role": "The role that they had then.",
    "all_sessions": "Whether all of the caller's sessions end, or this one alone.",
    "cache": "Valkey or Redis, where there is one.",
    "checks": "Each thing that is needed.",
    "code": "What happened, for programs.",
    "connections": "Sockets that are open.",
    "content_type": "The media type, such as `application/pdf`.",
    "created_at": "When it was made.",
    "current": "Whether it is the session of this request.",
    "current_password": "The password until now.",
    "database": "PostgreSQL.",
    "deleted": "The ids of those that are gone.",
    "details": "More for programs, where there is more to say.",
    "email": "An e-mail address of at most 254 characters; unique without regard to case.",
    "error": "What went wrong.",
    "expires_at": "Until when it works.",
    "expires_in": "How long the access token lives, in seconds.",
    "failed": "Those that are not, and why.",
    "filename": "The file's name, without a path; at most 255 characters.",
    "headers": "To be sent exactly so.",
    "id": "Its id.",
    "ids": "1 to 100 ids.",
    "ip": "The network address it came from.",
    "is_active": "Whether the account may be used; false once it is disabled.",
    "is_public": "Whether any signed-in user may see and download it.",
    "items": "The items, in the order asked for.",
    "last_used_at": "When its tokens were last renewed.",
    "latency_ms": "How long the answer took, in milliseconds.",
    "level": "How much it matters.",
    "message": "A sentence for people.",
    "method": "The HTTP method.",
    "migration": "The revision of the schema.",
    "new_password": "8 to 128 characters, hard to guess, and not the name or address.",
    "next_cursor": "The `cursor` of what follows; null at the end.",
    "notices": "Notices that are kept.",
    "occurred_at": "When it happened.",
    "outcome": "Whether it worked.",
    "password": "8 to 128 characters, hard to guess, and not the name or address.",
    "reason": "Why it was rejected; null otherwise.",
    "refresh_token": "For `POST /api/v1/auth/refresh` alone.",
    "request_id": "The request's `X-Request-ID`.",
    "role": "`user` or `admin`.",
    "sha256": "The SHA-256 of the bytes, as 64 lower-case hex digits.",
    "sort": "By age, the youngest first with `-`, or by name.",
    "status": "How it stands, by one of these words.",
    "storage": "The storage of the files.",
    "target_id": "To what it was done.",
    "target_type": "What kind of thing that is.",
    "timestamp": "When it was answered.",
    "token": "The token of the mailed link.",
    "token_type": "How the token is sent.",
    "total": "How many there are in all, to 10,000; null beyond.",
    "updated_at": "When it was last changed.",
    "upload": "Where the bytes go.",
    "url": "Signed; whoever has it may use it until `expires_at`.",
    "user_agent": "The program it came from, as it names itself.",
    "user_id": "Whose it is.",
    "username": "3 to 50 of ASCII letters, digits and `. _ -`, beginning with a letter or digit; unique without regard to case.",
    "users": "Users who have a socket open.",
    "version": "The version of the API.",
}
"""What a field or parameter holds, by its name (or its schema's and its), where the schema does not say it."""

HEADERS: Mapping[str, tuple[str, str]] = {
    "X-Request-ID": ("The caller's, if it sent a sane one, else a new one.", "string"),
    "WWW-Authenticate": ("`Bearer`, with `error` where a token was sent (RFC 6750 §3).", "string"),
    "Retry-After": ("Seconds until a new try makes sense.", "integer"),
    "RateLimit": ("What is left of the limit (draft-ietf-httpapi-ratelimit-headers).", "string"),
    "RateLimit-Policy": ("The limit: its size and window.", "string"),
    "Location": ("Where the resource is.", "string"),
    "ETag": ("The version of the resource, for `If-Match` and `If-None-Match`.", "string"),
    "Content-Disposition": ("`attachment`, with a file name (RFC 6266).", "string"),
}
"""Response headers: what they say, and their JSON type."""

HEADERS_BY_STATUS: Mapping[str, tuple[str, ...]] = {
    "303": ("Location",),
    "304": ("ETag",),
    "307": ("Location",),
    "401": ("WWW-Authenticate",),
    "429": ("Retry-After", "RateLimit", "RateLimit-Policy"),
    "503": ("Retry-After",),
}
"""What a status brings along besides `X-Request-ID`, whatever the endpoint."""
