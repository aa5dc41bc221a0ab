"""Logs and metrics: one logger, one metrics buffer, both of Powertools."""

import logging
import os
import re
import traceback
from collections.abc import Iterator
from typing import Any

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from aws_lambda_powertools.metrics import Metrics, MetricUnit

from shared import settings

SERVICE = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "reviewpoint")


_TEXT_KEYS = ("request_id", "method", "route", "status", "duration_ms", "user_id", "upload_id", "reason", "exception")


def _as_text(record: Any) -> str:
    head = (str(record.get(key, "")) for key in ("timestamp", "level", "message"))
    rest = (f"{key}={record[key]}" for key in _TEXT_KEYS if record.get(key) is not None)
    return " ".join((*head, *rest))


# What a message quotes may be a caller's: the value after a colon, an address, a token, the query of a signed URL.
_QUOTED = re.compile(r": ['\"(\[{].*")
_SECRETS = re.compile(r"[\w.+-]+@[\w.-]+|eyJ[\w-]+\.[\w.-]+|(?<=\?)\S+")


class _Formatter(LambdaPowertoolsFormatter):
    """Writes exceptions without what callers sent: where it happened, and what kind of thing."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the name is logging's
        parts = [
            "".join(traceback.format_tb(error.__traceback__)) + f"{type(error).__qualname__}: {_plain(error)}"
            for error in _chain(ei[1])
        ]
        return "\n\nthen\n\n".join(reversed(parts))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _plain(error: BaseException) -> str:
    # Only the first line: PostgreSQL's DETAIL and pydantic's list of problems hold the values themselves.
    first = str(error).partition("\n")[0]
    return _SECRETS.sub("…", _QUOTED.sub(": …", first))


def _logger() -> Logger:
    log = settings.log()
    formatter = _Formatter(
        json_serializer=_as_text if log.log_format == "text" else None,
        json_deserializer=str,  # messages are sentences, none of which is tried as JSON
        utc=True,  # keeps the lines of all functions comparable
        use_rfc3339=True,
        serialize_stacktrace=False,
        service=SERVICE,
    )
    return Logger(service=SERVICE, level=log.level, logger_formatter=formatter)


# Lambda lets libraries speak from the function's own level on: Mangum would name raw paths, botocore what it signs.
logging.getLogger().setLevel(logging.WARNING)
# No line names a thread or a process (Python's logging how-to, "Optimization").
logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False

logger = _logger()
metrics = Metrics(namespace="ReViewPoint", service=SERVICE)


_CORRELATED = ("request_id", "upload_id")


def bind(*, request_id: str | None = None, upload_id: str | None = None) -> None:
    """Put these into every further line of the invocation; what is `None` stays as it is."""
    logger.append_keys(
        **{name: value for name, value in (("request_id", request_id), ("upload_id", upload_id)) if value}
    )


def unbind() -> None:
    """Begin with something that has nothing to do with what was before."""
    logger.remove_keys(_CORRELATED)


def correlation() -> dict[str, str]:
    """What is bound now, to be sent along with work that others do."""
    keys = logger.get_current_keys()
    return {name: keys[name] for name in _CORRELATED if keys.get(name)}


def count(name: str, value: float = 1, unit: MetricUnit = MetricUnit.Count) -> None:
    """Add to a business metric; it leaves with the log when the invocation ends (CloudWatch EMF)."""
    metrics.add_metric(name=name, unit=unit, value=value)


def flush_metrics() -> None:
    """Write what `count` gathered, if it gathered anything."""
    if metrics.metric_set:
        metrics.flush_metrics()
