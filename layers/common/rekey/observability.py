"""One logger, one metric.

What is logged is named field by field: never an event, a body, a row or an exception's text.
"""

from __future__ import annotations

import traceback
from functools import cache

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric
from aws_lambda_powertools.metrics.functions import is_metrics_disabled


@cache
def logger() -> Logger:
    """Structured, in UTC, at the level POWERTOOLS_LOG_LEVEL sets."""
    return Logger(utc=True)


def count_outcome(flow: str, reason: str) -> None:
    """One metric a request, by flow and outcome: `ok` or the code of the refusal. From it the whole funnel is drawn."""
    count("Outcome", 1, flow=flow, reason=reason)


def count(name: str, value: int, **dimensions: str) -> None:
    """A CloudWatch metric, as a line of the log (EMF): no call, no wait."""
    if is_metrics_disabled():  # POWERTOOLS_METRICS_DISABLED, which Metrics heeds and single_metric does not
        return
    with single_metric(name=name, unit=MetricUnit.Count, value=value, default_dimensions=dimensions):
        pass


def log_fault(error: BaseException, **fields: str) -> None:
    """Where and of what kind a fault was; its text is left out, for it may quote what the caller sent."""
    frames = traceback.extract_tb(error.__traceback__)
    where = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames[-4:]]
    response = getattr(error, "response", {})
    code = response.get("Error", {}).get("Code") if isinstance(response, dict) else None
    logger().error("fault", extra={"error": type(error).__name__, "aws_code": code, "where": where, **fields})
