"""Bodies of the `health` endpoints."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel


class Live(BaseModel):
    """The function runs."""

    status: Literal["ok"] = "ok"


class Check(BaseModel):
    """One thing that is needed; `disabled` where this installation has none."""

    status: Literal["ok", "fail", "disabled"]
    latency_ms: float | None = None


class DatabaseCheck(Check):
    """The database, with the schema's revision."""

    migration: str | None = None


class Checks(BaseModel):
    """Everything that is needed."""

    database: DatabaseCheck
    storage: Check
    cache: Check


class Health(BaseModel):
    """`ok` when all that is needed answers, else `fail`."""

    status: Literal["ok", "fail"]
    version: str
    timestamp: datetime
    checks: Checks
