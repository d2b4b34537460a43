"""EventBridge Scheduler → function, by the template's rate."""

from __future__ import annotations

import json
import re
import threading
import uuid
from datetime import UTC, datetime

from local.lambdas import Lambdas
from rekey import observability

_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}


def parse_rate(expression: str) -> int | None:
    """Seconds of `rate(15 minutes)`; None for a cron, which only AWS carries out."""
    found = re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", expression)
    return int(found[1]) * _SECONDS[found[2]] if found else None


def run(function: str, seconds: int, lambdas: Lambdas, stopping: threading.Event) -> None:
    while not stopping.wait(seconds):
        event = {
            "version": "0",
            "id": str(uuid.uuid4()),
            "detail-type": "Scheduled Event",
            "source": "aws.scheduler",
            "time": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "detail": "{}",
        }
        try:
            answer = lambdas.invoke(function, event)
            print(f"{function}: {json.dumps(answer)}", flush=True)  # nothing else tells that it ran
        except Exception as fault:  # noqa: BLE001 - the next run comes in any case
            observability.log_fault(fault, function=function)
