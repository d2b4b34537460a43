"""What each flow costs: `python -m benchmarks.costs`. AWS calls, capacity, bytes, and from them US dollars.

Left out: data transfer, support, taxes, cold starts, free tiers, refused requests, the requests that DynamoDB itself
makes of KMS, and the rows that updates make (a limit's, an address's: some 200 bytes each).
"""

from __future__ import annotations

import tempfile
from dataclasses import asdict
from typing import Any

from benchmarks import bill, flows, prices, stage, usage
from benchmarks.bill import PARTS, TRIP, USERS
from benchmarks.prices import Price
from local.template import load_template
from tests.engine.dynamodb_local import lacking

_HEAD = ("read units", "written", "as reported", "B sent", "B received", "B logged")


def measure() -> dict[str, Any]:
    """By flow: what it uses, what follows from its events, a million's cost; and the month of 100,000 users."""
    if reason := lacking():
        return {"lacking": reason}
    with (
        stage.engine() as endpoint,
        tempfile.TemporaryFile("w", buffering=1) as log,
        stage.staged(endpoint, log) as stack,
    ):
        delivered = {each.name for each in flows.DELIVERIES}  # each after the flow that wrote its event
        order = ["cleanup", *(name for name in flows.FLOWS if name not in {"cleanup", *delivered})]  # the tables fill
        used = {name: usage.of_flow(stack, flows.FLOWS[name]) for name in order}
        outcomes = sum(1 + len(route.refuses) for route in stack.flow_routes().values())
    template = load_template()
    function = template.document["Globals"]["Function"]
    billing = bill.Billing(int(function["MemorySize"]), template.parameters["Architecture"])
    costs = {name: billing.of_flow(*each, routed=name not in flows.WITHOUT_ROUTE) for name, each in used.items()}
    schedule = template.parameters["CleanupSchedule"]
    watching = template.nested("Watching").resources("AWS::CloudWatch::Alarm")
    alarms = sum(_metrics_of(alarm) for alarm in watching.values())
    month = {
        **bill.of_mix(costs),
        **billing.of_rows(used, bill.seconds(schedule)),
        "fixed (keys, alarms, dashboard, metrics at most)": bill.fixed(alarms, outcomes),
    }
    return {
        "trip": TRIP,
        "memory": billing.memory,
        "architecture": billing.architecture,
        "mix": bill.MIX,
        "cleanup": schedule,
        "flows": {
            name: asdict(flow) | {"then": [asdict(each) for each in then], "usd_per_million": costs[name]}
            for name, (flow, then) in used.items()
        },
        "month": month,
        "prices": {name: asdict(price) for name, price in vars(prices).items() if isinstance(price, Price)},
    }


def _metrics_of(alarm: dict[str, Any]) -> int:
    """An alarm is paid for by the metrics it reads."""
    return sum("MetricStat" in each for each in alarm.get("Metrics", [])) or 1


def tables(measured: dict[str, Any]) -> str:
    if "lacking" in measured:
        return str(measured["lacking"])
    return "\n".join([*_used(measured), "", *_million(measured), "", *_monthly(measured)])


def _used(measured: dict[str, Any]) -> list[str]:
    """By flow, and in lines of their own what notify and mailer use for the events it wrote."""
    head = "".join(f"{name:>12}" for name in _HEAD)
    lines = [f"{'Used by one':28}{head}{'CPU ms':>8}{'hashes ms':>10}  AWS calls"]
    for name, flow in measured["flows"].items():
        lines.append(_line(name, flow))
        lines += [
            _line(f"  then, {'mailer' if 'SendEmail' in then['calls'] else 'notify'}", then) for then in flow["then"]
        ]
    return lines


def _line(name: str, used: dict[str, Any]) -> str:
    calls = " ".join(f"{operation}{f' x{count}' * (count > 1)}" for operation, count in used["calls"].items())
    numbers = f"{used['read_units']:12.1f}{used['write_units']:12.1f}{used['write_units_reported']:12.1f}"
    numbers += "".join(f"{used[each]:12.0f}" for each in ("sent", "received", "logged"))
    return f"{name:28}{numbers}{used['cpu'] - used['hashing']:8.1f}{used['hashing']:10.1f}  {calls}"


def _million(measured: dict[str, Any]) -> list[str]:
    place = f"{measured['memory']} MB, {measured['architecture']}, {measured['trip']:g} ms a call"
    lines = [
        f"US dollars a million, with what notify and mailer do for its events ({place})",
        f"{'':28}{'all':>9}" + "".join(f"{part:>13}" for part in PARTS),
    ]
    for name, flow in measured["flows"].items():
        usd = flow["usd_per_million"]
        lines.append(f"{name:28}{sum(usd.values()):9.2f}" + "".join(f"{usd[part]:13.2f}" for part in PARTS))
    return lines


def _monthly(measured: dict[str, Any]) -> list[str]:
    month, guarded = measured["month"], sum(measured["flows"]["authorizer"]["usd_per_million"].values())
    lines = [
        f"US dollars a month, once as many rows expire as are written, for {USERS:,} active users. Each does:",
        "  " + ", ".join(f"{name} {rate:g}" for name, rate in bill.MIX.items()),
        f"  Cleanup runs at {measured['cleanup']}. A million requests that the authorizer guards add {guarded:.2f}.",
    ]
    lines += [f"  {part:40}{usd:10.2f}" for part, usd in month.items()]
    lines.append(f"  {'Rekey':40}{sum(month.values()):10.2f}")
    for plan in prices.COGNITO:
        full, less = (prices.cognito(plan, USERS, free_tier=free) for free in (False, True))
        lines.append(f"  {f'Cognito {plan}':40}{full:10.2f}, with its free tier {less:.2f}; mails and SMS apart")
    return [*lines, f"  {prices.COGNITO_SEEN}"]


if __name__ == "__main__":
    print(tables(measure()))
