"""What each function's database role may do, table by table. Written by `make grants` from the SQL it can reach.

No role may do more: none can read another's secrets, change the schema, or rewrite what is append-only.
"""

from collections.abc import Mapping

Grants = Mapping[str, Mapping[str, str]]
"""Function to table to privileges."""

GRANTS: Grants = {
    "archives": {
        "audit_events": "SELECT",
        "exports": "SELECT, UPDATE",
        "files": "SELECT",
        "notices": "SELECT, INSERT",
        "outbox": "SELECT, INSERT",
        "sessions": "SELECT",
        "users": "SELECT",
    },
    "audit": {
        "audit_events": "SELECT, INSERT",
        "blacklisted_tokens": "SELECT",
        "sessions": "SELECT",
        "users": "SELECT",
    },
    "auth": {
        "audit_events": "SELECT, INSERT",
        "blacklisted_tokens": "SELECT, INSERT",
        "one_time_tokens": "SELECT, UPDATE, DELETE",
        "outbox": "SELECT, INSERT",
        "rate_limits": "SELECT, INSERT, UPDATE",
        "sessions": "SELECT, INSERT, UPDATE",
        "used_password_reset_tokens": "INSERT",
        "users": "SELECT, INSERT, UPDATE",
    },
    "health": {
        "alembic_version": "SELECT",
    },
    "notifications": {
        "audit_events": "INSERT",
        "blacklisted_tokens": "SELECT",
        "notices": "SELECT, INSERT",
        "outbox": "SELECT, INSERT",
        "sessions": "SELECT",
        "users": "SELECT",
        "websocket_connections": "SELECT",
    },
    "outbox": {
        "files": "SELECT, DELETE",
        "notices": "SELECT",
        "one_time_tokens": "SELECT, INSERT, UPDATE",
        "outbox": "SELECT, INSERT, UPDATE, DELETE",
        "sessions": "SELECT",
        "used_password_reset_tokens": "SELECT, DELETE",
        "users": "SELECT, DELETE",
        "websocket_connections": "SELECT, DELETE",
    },
    "s3_events": {
        "audit_events": "INSERT",
        "files": "SELECT, UPDATE",
        "notices": "SELECT, INSERT",
        "outbox": "SELECT, INSERT",
        "storage_usage": "SELECT, UPDATE",
    },
    "sweeper": {
        "audit_events": "INSERT",
        "blacklisted_tokens": "SELECT, DELETE",
        "files": "SELECT, UPDATE",
        "idempotency_keys": "SELECT, DELETE",
        "notices": "SELECT, INSERT, DELETE",
        "one_time_tokens": "SELECT, DELETE",
        "outbox": "SELECT, INSERT",
        "rate_limits": "SELECT, DELETE",
        "sessions": "SELECT, DELETE",
        "storage_usage": "SELECT, INSERT, UPDATE",
        "sweeps": "SELECT, INSERT, UPDATE",
        "users": "SELECT",
        "websocket_connections": "SELECT, DELETE",
    },
    "uploads": {
        "audit_events": "INSERT",
        "blacklisted_tokens": "SELECT",
        "files": "SELECT, INSERT, UPDATE, DELETE",
        "idempotency_keys": "SELECT, INSERT, UPDATE",
        "notices": "SELECT, INSERT",
        "outbox": "SELECT, INSERT",
        "sessions": "SELECT",
        "storage_usage": "SELECT, INSERT, UPDATE",
        "users": "SELECT",
    },
    "users": {
        "audit_events": "INSERT",
        "blacklisted_tokens": "SELECT",
        "exports": "SELECT, INSERT, UPDATE",
        "idempotency_keys": "SELECT, INSERT, UPDATE",
        "one_time_tokens": "SELECT, DELETE",
        "outbox": "SELECT, INSERT",
        "rate_limits": "SELECT, INSERT, UPDATE",
        "sessions": "SELECT, UPDATE",
        "users": "SELECT, INSERT, UPDATE",
    },
    "websocket": {
        "blacklisted_tokens": "SELECT",
        "notices": "SELECT",
        "outbox": "SELECT, INSERT",
        "sessions": "SELECT",
        "users": "SELECT, UPDATE",
        "websocket_connections": "SELECT, INSERT, UPDATE, DELETE",
    },
}
