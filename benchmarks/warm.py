"""CPU and wall of a warm invocation of every flow: `python -m benchmarks.warm [--profile "sign-in"]`.

The handlers run here as Lambda would invoke them; AWS is in other processes. The CPU time of an invocation's hashes is
taken inside it and subtracted: a hash measured at another moment differs by more than all the rest takes.

Neither pyperf nor pytest-benchmark fits: they repeat one call in fresh processes or in a row, while most flows spend
their state and need new rows before each call, and neither can subtract a part of what it times.
"""

from __future__ import annotations

import os
import statistics
from argparse import ArgumentParser
from collections import defaultdict
from functools import partial
from pathlib import Path
from typing import Any

import boto3

from benchmarks import flows, profiles, stage
from benchmarks.stage import DYNAMODB_LOCAL, MOTO, Stage, Timing
from rekey.accounts import keys
from rekey.aws.store import to_item
from rekey.settings import settings
from tests import seeds
from tests.engine.dynamodb_local import lacking

BLOCKS = 4  # the flows take turns, block by block, so that a noisy machine is noisy for all; one more is the warm-up
BLOCK = 10
GET_ITEM = "boto3 GetItem"
BUDGETS = defaultdict(lambda: 4.0, {"sign-in": 3.5, "cleanup": 8.0})  # of CPU beyond the hashes, in GetItems


def measure() -> dict[str, Any]:
    """The flows against DynamoDB Local, and against moto."""
    measured: dict[str, Any] = {}
    if reason := lacking():
        measured["lacking"] = reason
    else:
        with stage.engine() as endpoint:
            measured[DYNAMODB_LOCAL] = stage.apart(measure_at, endpoint)
    measured[MOTO] = stage.apart(measure_at, None)
    return measured


def measure_at(endpoint: str | None) -> dict[str, Any]:
    """By flow: medians in milliseconds."""
    timings: dict[str, list[Timing]] = defaultdict(list)
    with Path(os.devnull).open("w", buffering=1) as log, stage.staged(endpoint, log) as stack:
        # First, while the tables are empty and it has nothing to do; the engine must be warm for it, too.
        flows.run_block(stack, "cleanup", BLOCKS * 2 * BLOCK)
        cleanup = flows.run_block(stack, "cleanup", BLOCKS * BLOCK)
        names = [name for name in flows.FLOWS if name != "cleanup"]
        for name in names:
            flows.run_block(stack, name, BLOCK)
        for _ in range(BLOCKS):
            timings[GET_ITEM] += _get_items(stack)
            for name in names:
                timings[name] += flows.run_block(stack, name, BLOCK)
        timings["cleanup"] = cleanup
    return {name: _medians(taken) for name, taken in timings.items()}


def _get_items(stack: Stage) -> list[Timing]:
    """The yardstick: one consistent read by a client as it comes."""
    with stage.seeding():
        account = seeds.new_account()
    client, key = boto3.client("dynamodb"), to_item(keys.account(account["account_id"]))
    read = partial(client.get_item, TableName=settings().accounts_table, Key=key, ConsistentRead=True)
    read()
    taken = []
    for _ in range(BLOCK):
        stack.timed(read)
        taken.append(stack.last)
    return taken


def _medians(taken: list[Timing]) -> dict[str, Any]:
    return {
        "beyond_hashes": statistics.median(each.cpu - each.hashing for each in taken),
        "wall": statistics.median(each.wall for each in taken),
        "wall_beyond_hashes": statistics.median(each.wall - each.hashing for each in taken),
        "hashing": statistics.median(each.hashing for each in taken),
        "hashes": taken[0].hashes,
        "invocations": len(taken),
    }


def tables(measured: dict[str, Any]) -> str:
    lines = [measured["lacking"]] if "lacking" in measured else []
    for place in (DYNAMODB_LOCAL, MOTO):
        if place in measured:
            lines += _table(place, measured[place])
    return "\n".join(lines)


def _table(place: str, measured: dict[str, Any]) -> list[str]:
    yardstick = measured[GET_ITEM]["beyond_hashes"]
    head = f"{'':40}{'CPU less hashes':>16}{'x ' + GET_ITEM:>16}{'budget':>8}{'hashes':>8}{'CPU of them':>13}"
    lines = [
        f"Warm invocations against {place}: milliseconds, medians of {measured['sign-in']['invocations']}",
        f"{head}{'wall':>8}{'wall less hashes':>18}",
    ]
    for name, taken in measured.items():
        cpu, budget = taken["beyond_hashes"], "" if name == GET_ITEM else f"{BUDGETS[name]:g}"
        over = "!" if budget and cpu / yardstick > BUDGETS[name] else ""
        lines.append(
            f"{name:40}{cpu:16.2f}{cpu / yardstick:16.1f}{budget + over:>8}{taken['hashes']:8}{taken['hashing']:13.1f}"
            f"{taken['wall']:8.1f}{taken['wall_beyond_hashes']:18.1f}"
        )
    return [*lines, ""]


def main() -> None:
    arguments = ArgumentParser(description=__doc__.partition("\n")[0])
    arguments.add_argument("--profile", metavar="FLOW", choices=flows.FLOWS, help="where its time goes, by component")
    chosen = arguments.parse_args()
    print(profiles.of_flow(chosen.profile) if chosen.profile else tables(measure()))


if __name__ == "__main__":
    main()
