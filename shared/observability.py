"""Logs and metrics: one logger, one metrics buffer, both of Powertools."""

import os
from typing import Any

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import Metrics, MetricUnit

from shared import settings

SERVICE = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "reviewpoint")


_TEXT_KEYS = ("request_id", "method", "route", "status", "duration_ms", "user_id", "upload_id", "reason", "exception")


def _as_text(record: Any) -> str:
    head = (str(record.get(key, "")) for key in ("timestamp", "level", "message"))
    rest = (f"{key}={record[key]}" for key in _TEXT_KEYS if record.get(key) is not None)
    return " ".join((*head, *rest))


def _logger() -> Logger:
    log = settings.log()
    serializer = _as_text if log.log_format == "text" else None
    # UTC keeps the lines of all functions comparable.
    return Logger(service=SERVICE, level=log.level, utc=True, use_rfc3339=True, json_serializer=serializer)


logger = _logger()
metrics = Metrics(namespace="ReViewPoint", service=SERVICE)


def count(name: str, value: float = 1, unit: MetricUnit = MetricUnit.Count) -> None:
    """Add to a business metric; it leaves with the log when the invocation ends (CloudWatch EMF)."""
    metrics.add_metric(name=name, unit=unit, value=value)


def flush_metrics() -> None:
    """Write what `count` gathered, if it gathered anything."""
    if metrics.metric_set:
        metrics.flush_metrics()
