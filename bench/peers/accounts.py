"""What `me` and `me_async` share: the check of a token, one SELECT by key, the model."""

import os
from datetime import datetime
from typing import Any
from uuid import UUID

import jwt
import psycopg
from fastapi.security import HTTPBearer
from psycopg.rows import dict_row
from pydantic import BaseModel

bearer = HTTPBearer()


class Me(BaseModel):
    """The caller's account."""

    id: UUID
    username: str
    email: str
    role: str
    created_at: datetime
    updated_at: datetime


class _Slot:
    connection: psycopg.Connection[dict[str, Any]] | None = None


def find(token: str) -> Me:
    """The account that a token names."""
    claims = jwt.decode(
        token,
        os.environ["SECRET_KEY"],
        algorithms=["HS256"],
        audience="reviewpoint-api",
        issuer="reviewpoint",
    )
    if _Slot.connection is None:
        _Slot.connection = psycopg.Connection[dict[str, Any]].connect(
            os.environ["REVIEWPOINT_DB_URL"], autocommit=True, prepare_threshold=None, row_factory=dict_row
        )
    row = _Slot.connection.execute(
        "SELECT id, username, email, role, created_at, updated_at FROM users WHERE id = %s", [claims["sub"]]
    ).fetchone()
    return Me.model_validate(row)
