"""Which rows a sign-in reads and writes, and in how many units: recorded from the flows, so as not to drift."""

from __future__ import annotations

import io
import math
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from benchmarks.capacity import size
from benchmarks.stage import Stage, staged
from rekey import ids, settings
from rekey.accounts import addresses
from rekey.aws.store import Row
from tests import seeds
from tests.calls import Call, recording
from tests.stack import PASSWORD, Answer

WRONG = "Mistaken-Horse-3"
CLIENT, REFUSED = "198.51.100.7", "198.51.100.8"


@dataclass(frozen=True)
class Touch:
    """A row as one flow uses it; in its key, `{account}`, `{address}` and `{client}` stand for whose it is."""

    table: str
    pk: str
    sk: str
    writes: int = 0
    reads: int = 0


@dataclass(frozen=True)
class Flow:
    """One request: the rows it touches, and its calls of KMS."""

    touches: tuple[Touch, ...]
    kms: int

    @property
    def events(self) -> int:
        """Security events it leaves for notify."""
        return sum(touch.sk.startswith("event#") for touch in self.touches)


def record() -> dict[str, Flow]:
    """Each way a sign-in may go, done once."""
    with staged(None, io.StringIO()) as stage:
        known, locked, protected = (seeds.new_account() for _ in range(3))
        seeds.protect(protected)
        for _ in range(settings.settings().attempt_limit):
            _sign_in(stage, locked["email"], WRONG)
        stranger = f"{ids.new_id()}@example.com"
        flows = {
            "sign-in": _recorded(stage, known, lambda: _sign_in(stage, known["email"])),
            "challenge": _recorded(stage, protected, lambda: _sign_in(stage, protected["email"])),
            "code": _recorded(stage, protected, _code(stage, protected)),
            "guess, locked": _recorded(stage, locked, lambda: _sign_in(stage, locked["email"], WRONG)),
            "guess, unknown": _recorded(stage, {"email": stranger}, lambda: _sign_in(stage, stranger)),
        }
        with _one_attempt_a_client():
            _sign_in(stage, stranger, client=REFUSED)
            refused = _recorded(stage, known, lambda: _sign_in(stage, known["email"], WRONG, client=REFUSED))
    return flows | {"guess, client refused": refused}


def _sign_in(stage: Stage, email: str, password: str = PASSWORD, client: str = CLIENT) -> Answer:
    return stage.call("POST /sign-in", {"email": email, "password": password}, ip=client)


def _code(stage: Stage, account: Row) -> Callable[[], Answer]:
    token = _sign_in(stage, account["email"]).json["challenge_token"]
    code = seeds.code()
    return lambda: stage.call("POST /sign-in/totp", {"challenge_token": token, "code": code}, ip=CLIENT)


@contextmanager
def _one_attempt_a_client() -> Iterator[None]:
    before = os.environ["CLIENT_ATTEMPT_LIMIT"]
    for limit in ("1", before):
        os.environ["CLIENT_ATTEMPT_LIMIT"] = limit
        settings.settings.cache_clear()
        if limit == "1":
            yield


def _recorded(stage: Stage, person: Row, act: Callable[[], Answer]) -> Flow:
    before = _sizes(stage)
    with recording() as calls:
        act()
    sizes = before | _sizes(stage)
    names = {
        addresses.email_digest(person["email"]): "{address}",
        CLIENT: "{client}",
        REFUSED: "{client}",
        person.get("account_id", "no account"): "{account}",
    }
    touches = [touch for call in calls for touch in touches_of(call, names, sizes)]
    kms = sum(call.operation in {"Encrypt", "Decrypt"} for call in calls)
    return Flow(tuple(sorted(touches, key=repr)), kms)


def _sizes(stage: Stage) -> dict[tuple[str, str], int]:
    rows = [row for table in ("AccountsTable", "EventsTable", "TokensTable") for row in stage.rows(table)]
    return {(row["pk"]["S"], row["sk"]["S"]): size(row) for row in rows}


def touches_of(call: Call, names: dict[str, str], sizes: dict[tuple[str, str], int]) -> Iterator[Touch]:
    """What a call costs: a write, a unit a KB, twice that in a transaction; a consistent read, a unit 4 KB."""
    for table, key, cost, is_read in _keys_of(call.operation, call.params):
        pk, sk = key["pk"]["S"], key["sk"]["S"]
        kilobytes = sizes.get((pk, sk), 1) / 1024
        units = cost * math.ceil(kilobytes / 4 if is_read else kilobytes)
        for known, name in names.items():
            pk = pk.replace(known, name)
        sk = re.sub(r"[0-9a-f]{28}", "{id}", sk)
        yield Touch(table, pk, sk, reads=units) if is_read else Touch(table, pk, sk, writes=units)


def _keys_of(operation: str, params: dict[str, Any]) -> Iterator[tuple[str, Any, int, bool]]:
    """Table, key, units a step of size, and whether it is a read."""
    match operation:
        case "TransactWriteItems":
            for item in params["TransactItems"]:
                for write in item.values():
                    yield write["TableName"], write.get("Key") or write["Item"], 2, False
        case "BatchGetItem":
            for table, wanted in params["RequestItems"].items():
                for key in wanted["Keys"]:
                    yield table, key, 1, True
        case "GetItem":
            yield params["TableName"], params["Key"], 1, True
        case "PutItem" | "UpdateItem" | "DeleteItem":
            yield params["TableName"], params.get("Key") or params["Item"], 1, False
        case "Encrypt" | "Decrypt":
            return
        case _:
            raise NotImplementedError(operation)
