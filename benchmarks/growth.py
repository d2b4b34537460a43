"""What stays the same as numbers grow: `python -m benchmarks.growth`. Revoking 1, 100 and 10,000 sessions; signing in
with 1 and 1,000,000 accounts in the table (ACCOUNTS=…).
"""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import crowd, flows, stage, usage
from benchmarks.bill import Usage
from benchmarks.stage import Stage
from rekey.aws import sdk, store
from rekey.sessions import devices, sessions
from rekey.settings import settings
from tests import seeds
from tests.engine.dynamodb_local import lacking
from tests.stack import PASSWORD

SESSIONS = (1, 100, 10_000)
ROUNDS = 2  # the sizes take turns
WARM_UP = 30
_BATCH = 25  # rows in one BatchWriteItem
_ROOM = 3_000_000_000  # bytes that a million accounts need, twice over
_MEMORY = Path("/dev/shm")


def measure() -> dict[str, Any]:
    if reason := lacking():
        return {"lacking": reason}
    with stage.engine() as endpoint:
        revoking = stage.apart(measure_revoking, endpoint)
    return {"sessions": revoking, "accounts": _signing_in(int(os.environ.get("ACCOUNTS") or 1_000_000))}


def measure_revoking(endpoint: str) -> dict[str, Any]:
    """By number of sessions."""
    with Path(os.devnull).open("w", buffering=1) as log, stage.staged(endpoint, log) as stack:
        with stage.seeding():
            prepared = {count: partial(_revoking, *_with_sessions(count)) for count in SESSIONS}
        flows.run_block(stack, "revoke-tokens, all", WARM_UP)
        taken: dict[int, list[Usage]] = {count: [] for count in SESSIONS}
        for _ in range(ROUNDS):
            for count, prepare in prepared.items():
                taken[count].append(usage.of_one(stack, prepare)[0])
        return {str(count): _middle(each) for count, each in taken.items()}


def _with_sessions(count: int) -> tuple[store.Row, str]:
    """An account with so many sessions, and an access token of one."""
    account = seeds.new_account()
    writes, issued = [], []
    for _ in range(count):
        _, write, tokens = sessions.issue_session(account, seeds.CALLER, "pwd", devices.begin(account, seeds.CALLER))
        writes.append({"PutRequest": {"Item": write["Put"]["Item"]}})
        issued.append(tokens.access_token)
    for start in range(0, count, _BATCH):
        request: Any = {settings().tokens_table: writes[start : start + _BATCH]}
        assert not sdk.dynamodb().batch_write_item(RequestItems=request)["UnprocessedItems"]
    return account, issued[0]


def _revoking(account: store.Row, access: str, stack: Stage) -> flows.Attempt:
    """With the account as it was before, all its sessions live again."""
    store.put(settings().accounts_table, account)
    return partial(stack.call, "POST /revoke-tokens", {"scope": "all"}, token=access)


def _signing_in(count: int) -> dict[str, Any]:
    """By number of accounts. Two engines, so that the sizes take turns."""
    roomy = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM
    with tempfile.TemporaryDirectory(dir=_MEMORY if roomy else None) as scratch:
        few, many = Path(scratch) / "few", Path(scratch) / "many"
        few.mkdir()
        with stage.engine(few) as endpoint:
            email = stage.apart(make_account, endpoint)
        shutil.copytree(few, many)
        crowd.fill(many, count - 1)
        taken: dict[str, list[Usage]] = {"1": [], str(count): []}
        with stage.engine(few) as of_few, stage.engine(many) as of_many:
            for _ in range(ROUNDS):
                for size, endpoint in zip(taken, (of_few, of_many), strict=True):
                    taken[size].append(stage.apart(measure_sign_in, endpoint, email))
        return {size: _middle(each) for size, each in taken.items()}


def make_account(endpoint: str) -> str:
    """Its address. It signs in once, so that its address's row is as it will be."""
    with Path(os.devnull).open("w", buffering=1) as log, stage.staged(endpoint, log):
        return str(seeds.new_account()["email"])


def measure_sign_in(endpoint: str, email: str) -> Usage:
    with Path(os.devnull).open("w", buffering=1) as log, stage.staged(endpoint, log) as stack:
        attempt = partial(stack.call, "POST /sign-in", {"email": email, "password": PASSWORD})
        for _ in range(WARM_UP):
            assert flows.has_succeeded(attempt())
        return usage.of_one(stack, lambda _stack: attempt)[0]


def _middle(taken: list[Usage]) -> dict[str, Any]:
    """Calls and capacity are those of every round, or it is an error; of clocks the median."""
    first = taken[0]
    assert all((each.calls, each.write_units, each.read_units) == _counts(first) for each in taken)
    return {
        **asdict(first),
        "cpu": statistics.median(each.cpu - each.hashing for each in taken),
        "wall": statistics.median(each.wall - each.hashing for each in taken),
    }


def _counts(used: Usage) -> tuple[dict[str, int], float, float]:
    return used.calls, used.write_units, used.read_units


def tables(measured: dict[str, Any]) -> str:
    if "lacking" in measured:
        return str(measured["lacking"])
    lines = []
    for title, by in (("Revoking all sessions", "sessions"), ("Signing in, the tables in files", "accounts")):
        lines += [
            f"{title}, by number of {by} (times less the hash; x is to the first)",
            f"{by:>12}{'AWS calls':>11}{'read units':>12}{'written':>9}{'CPU ms':>9}{'x':>6}{'wall ms':>9}{'x':>6}",
        ]
        sizes = measured[by]
        first = next(iter(sizes.values()))
        for size, used in sizes.items():
            clocks = "".join(f"{used[each]:9.1f}{used[each] / first[each]:6.2f}" for each in ("cpu", "wall"))
            units = f"{used['read_units']:12.1f}{used['write_units']:9.1f}"
            lines.append(f"{int(size):12,}{sum(used['calls'].values()):11}{units}{clocks}")
        same = len({str((used["calls"], used["read_units"], used["write_units"])) for used in sizes.values()}) == 1
        lines += [f"The same calls and capacity: {'yes' if same else 'NO'}", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    print(tables(measure()))
