"""From what is used to what is paid: pure arithmetic."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass, field

import cleanup
from benchmarks import prices
from benchmarks.prices import MILLION

TRIP = 5.0  # milliseconds a call of AWS waits for its answer: assumed, for in a benchmark it does not leave the machine
USERS = 100_000
MONTH = 30 * 86400
# What Lambda itself logs of an invocation as JSON (start and report), and what API Gateway logs of a request: bytes.
PLATFORM_LOG, ACCESS_LOG = 700, 190
CLEANUP_TIME = 270  # seconds
CLEANUP_THREADS = 6  # on the two processors that Lambda shows (at_once.py)
PARTS = ("API Gateway", "Lambda", "DynamoDB", "KMS", "emails", "EventBridge", "SQS", "logs")
# How often an active user does what in a month: two in a hundred are new, one in five has two-factor sign-in on, and a
# page refreshes its token twice a day.
MIX = {
    "sign-up": 0.02,
    "sign-up/complete": 0.02,
    "sign-in": 0.2,
    "sign-in, known device": 3,
    "sign-in, challenged": 0.8,
    "sign-in/totp, code": 0.09,
    "sign-in/totp, code on a known device": 0.7,
    "sign-in/totp, recovery code": 0.01,
    "change": 0.02,
    "forgot": 0.1,
    "reset": 0.08,
    "totp/setup": 0.02,
    "totp/verify": 0.02,
    "totp/disable": 0.005,
    "revoke-tokens, all": 0.02,
    "oauth/revoke": 2,
    "oauth/token": 60,
    "account": 2,
}


@dataclass
class Stored:
    """A row that was put: its size in bytes, and the seconds until it expires (None: never)."""

    size: int
    life: int | None


@dataclass
class Usage:
    """Of one invocation. Times are milliseconds, all but `wall` of CPU; capacity is in DynamoDB's request units."""

    calls: dict[str, int] = field(default_factory=dict)
    read_units: float = 0
    write_units: float = 0
    write_units_reported: float = 0
    sent: float = 0
    received: float = 0
    logged: float = 0
    cpu: float = 0
    hashing: float = 0
    wall: float = 0
    stored: list[Stored] = field(default_factory=list)


@dataclass(frozen=True)
class Billing:
    """Lambda's memory in MB, and its architecture."""

    memory: int
    architecture: str

    def of_flow(self, flow: Usage, then: list[Usage], *, routed: bool) -> dict[str, float]:
        """US dollars for a million, by part: the flow's own, and notify's and mailer's for each event it wrote."""
        total = Counter(self._of_one(flow, routed=routed))
        for delivery in then:
            total.update(self._of_one(delivery, routed=False))
        return {part: total[part] * MILLION for part in PARTS}

    def _of_one(self, used: Usage, *, routed: bool) -> dict[str, float]:
        calls = Counter(used.calls)
        logged = used.logged + PLATFORM_LOG + (ACCESS_LOG if routed else 0)
        return {
            "API Gateway": prices.HTTP_API_REQUESTS.of(1 if routed else 0),
            "Lambda": self._running(used.cpu + sum(used.calls.values()) * TRIP),
            "DynamoDB": prices.DYNAMODB_READS.of(used.read_units) + prices.DYNAMODB_WRITES.of(used.write_units),
            "KMS": prices.KMS_REQUESTS.of(calls["Encrypt"] + calls["Decrypt"]),
            "emails": prices.SES_MAILS.of(calls["SendEmail"]),
            "EventBridge": prices.EVENTS.of(calls["PutEvents"]),
            # A letter is sent, and then received and deleted by Lambda. What polls empty queues is no flow's.
            "SQS": prices.SQS_REQUESTS.of(3 * calls["SendMessageBatch"]),
            "logs": prices.LOG_BYTES.of(logged),
        }

    def _running(self, milliseconds: float) -> float:
        """One invocation: Lambda rounds up to the millisecond."""
        gb_seconds = self.memory / 1024 * math.ceil(milliseconds) / 1000
        return prices.LAMBDA_REQUESTS.of(1) + prices.LAMBDA_GB_SECONDS[self.architecture].of(gb_seconds)

    def of_rows(self, used: dict[str, tuple[Usage, list[Usage]]], schedule: int) -> dict[str, float]:
        """What it costs a month to keep the rows, and to go through them for those that have expired."""
        rows, size, expiring = kept(used)
        cpu = used["cleanup"][0].cpu / sum(used["cleanup"][0].calls.values())
        per_call = max(cpu, (cpu + TRIP) / CLEANUP_THREADS)
        runs, calls = MONTH / schedule, rows / cleanup.PAGE + USERS / cleanup.BATCH
        reached = min(1.0, CLEANUP_TIME * 1000 / (calls * per_call))
        # Rows by eventually consistent reads, 8 KB a unit; the account of each user who has a session, a unit.
        reading = prices.DYNAMODB_READS.of(size / 8192 + USERS) * reached * runs
        scanning = self._running(calls * per_call * reached) * runs
        deleting = prices.DYNAMODB_WRITES.of(expiring) + self._running(per_call) * expiring
        return {
            "storage, with backups": prices.DYNAMODB_STORAGE.of(size) + prices.DYNAMODB_BACKUP.of(size),
            "cleanup, going through the tables": reading + scanning,
            "cleanup, deleting (at most)": deleting,
        }


def kept(used: dict[str, tuple[Usage, list[Usage]]]) -> tuple[float, float, float]:
    """Rows and bytes that lie in the tables at any time, and rows that expire a month, at most: none is spent early."""
    rows = size = expiring = 0.0
    for name, rate in MIX.items():
        flow, then = used[name]
        for row in [*flow.stored, *(row for each in then for row in each.stored)]:
            # A row that stays is an account's, of which each user has one.
            present = USERS if row.life is None else rate * USERS * row.life / MONTH
            rows += present
            size += present * row.size
            expiring += rate * USERS if row.life is not None else 0
    return rows, size, expiring


def of_mix(costs: dict[str, dict[str, float]]) -> dict[str, float]:
    """US dollars a month by part."""
    return {part: sum(costs[name][part] * rate * USERS / MILLION for name, rate in MIX.items()) for part in PARTS}


def fixed(alarms: int, outcomes: int) -> float:
    """A month: two keys, the metrics of alarms, the dashboard, and a metric for each outcome, if every one came up."""
    watching = prices.ALARMS.of(alarms) + prices.DASHBOARDS.of(1)
    return prices.KMS_KEY.of(2) + watching + prices.METRICS.of(outcomes)


def seconds(schedule: str) -> int:
    """Of `rate(15 minutes)`."""
    found = re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", schedule)
    if not found:
        raise ValueError(f"{schedule} is no rate")
    return int(found[1]) * {"minute": 60, "hour": 3600, "day": 86400}[found[2]]
