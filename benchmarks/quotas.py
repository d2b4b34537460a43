"""What so many sign-ins a second ask of AWS, against the quota an account begins with: by hand, from round figures."""

from __future__ import annotations

from typing import Any

from benchmarks.touches import Flow
from local.template import load_template
from rekey.aws import sdk

RATES = (1_000, 100_000)  # sign-ins a second
WITH_TOTP = 0.2  # of the sign-ins
MAILED = 0.01  # mails for each sign-in: forgotten passwords, new people, notices

# Milliseconds, round: `make bench` says what they are on one machine.
HASH, TRIP = 25, 5
SIGN_IN, CODE, PUBLISH = HASH + 3 * TRIP, 4 * TRIP, 2 * TRIP

# AWS's defaults, as docs/scale.md names their pages; where a region has more, the least.
API, LAMBDA, PER_ENVIRONMENT = 10_000, 1_000, 10
NEW_TABLE, TABLE = 4_000, 40_000
KMS, EVENTS, MAILS = 10_000, 400, 14
FULL_ROW, ATTACK = 1_000, 10_000


def needs(flows: dict[str, Flow], rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One row a quota: what it is, its default, and what each rate needs of it. `rows` are those of the partitions."""
    at = [_needs(flows, rate, rows) for rate in RATES]
    return [
        {"quota": name, "default": default, "needs": [each[name][0] for each in at]}
        for name, (_, default) in at[0].items()
    ]


def _needs(flows: dict[str, Flow], rate: int, rows: list[dict[str, Any]]) -> dict[str, tuple[float, int]]:
    mixed = {"sign-in": rate * (1 - WITH_TOTP), "challenge": rate * WITH_TOTP, "code": rate * WITH_TOTP}
    requests = sum(mixed.values())
    events = sum(flows[flow].events * each for flow, each in mixed.items())
    kms = sum(flows[flow].kms * each for flow, each in mixed.items())
    busy = (rate * SIGN_IN + mixed["code"] * CODE) / 1000
    tables = {row["table"]: row for row in rows if row["rate"] == rate and row["traffic"] == "nothing else"}
    writes = {name: row["writes"] for name, row in tables.items()}
    return {
        "API Gateway: requests/s, the throttle in template.yaml": (requests, throttle()),
        "API Gateway: requests/s of a region": (requests, API),
        "Lambda: environments, at 10 requests/s each": (max(busy, requests / PER_ENVIRONMENT), LAMBDA),
        "Lambda: environments, while a flood meets a full row": (busy + waiting(), LAMBDA),
        "DynamoDB: writes/s of Accounts, when new": (writes["AccountsTable"], NEW_TABLE),
        "DynamoDB: writes/s of Accounts": (writes["AccountsTable"], TABLE),
        "DynamoDB: writes/s of Tokens": (writes["TokensTable"], TABLE),
        "DynamoDB: writes/s of Events": (writes["EventsTable"], TABLE),
        "KMS: operations/s": (kms, KMS),
        "EventBridge: PutEvents/s": (events, EVENTS),
        "SES: emails/s": (rate * MAILED, MAILS),
        "Lambda: environments of notify": (events * PUBLISH / 1000, LAMBDA),
    }


def throttle() -> int:
    """What the API lets through in a second, as it is deployed by default."""
    template = load_template()
    api = template.resources("AWS::Serverless::HttpApi")["Api"]
    return int(template.resolve(api["DefaultRouteSettings"])["ThrottlingRateLimit"])


def waiting() -> float:
    """Environments that only wait to try again: DynamoDB throttled them, and the SDK waits half of 1 s, 2 s, … each."""
    tries: int = sdk.CONFIG.retries["total_max_attempts"]  # type: ignore[attr-defined]
    return (ATTACK - FULL_ROW) * sum(0.5 * (1 << attempt) for attempt in range(tries - 1))


def table(rows: list[dict[str, Any]]) -> str:
    """The quotas in the order in which they fail."""
    lines = [f"| quota | default | {' | '.join(f'at {rate:,}' for rate in RATES)} |", "|---|--:|--:|--:|"]
    for row in sorted(rows, key=lambda row: row["needs"][0] / row["default"], reverse=True):
        cells = [f"{need:,.0f} ({need / row['default']:.2f}x)" for need in row["needs"]]
        lines.append(f"| {row['quota']} | {row['default']:,} | {' | '.join(cells)} |")
    return "\n".join(lines)
