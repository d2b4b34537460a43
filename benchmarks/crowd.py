"""A table with a crowd of accounts, made in the file that DynamoDB Local keeps its tables in.

Through its API a million accounts would take some ten minutes; here it takes well under one. The rows are copies of an
account's that the flows made, with ids and an address of their own.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

TABLE = "AccountsTable"
_FILE = "shared-local-instance.db"
_INDEX = f'"{TABLE}*HVI"'
Row = tuple[bytes, bytes, bytes, bytes, int, bytes]


def fill(folder: Path, count: int) -> None:
    """Add so many accounts, each with the row of its address. No engine may be running on the folder."""
    database = sqlite3.connect(folder / _FILE, isolation_level=None)
    for pragma in ("journal_mode = off", "synchronous = off", "cache_size = -1000000"):
        database.execute(f"PRAGMA {pragma}")
    account, address = (_model(database, kind) for kind in ("account", "address"))
    database.execute(f"DROP INDEX {_INDEX}")
    database.execute("BEGIN")
    digests = sorted(hashlib.sha256(str(number).encode()).hexdigest() for number in range(count))
    for model, kind in ((account, "account"), (address, "address")):
        database.executemany(f'INSERT INTO "{TABLE}" VALUES (?, ?, ?, ?, ?, ?)', _copies(model, kind, digests))
    database.execute("COMMIT")
    database.execute(f'CREATE INDEX {_INDEX} ON "{TABLE}" (hashValue)')
    database.close()


def _model(database: sqlite3.Connection, kind: str) -> tuple[str, int]:
    """The row of a kind that is there, as JSON, with `{owner}` and `{account_id}` for what differs; and its size."""
    found = database.execute(
        f'SELECT hashKey, itemSize, ObjectJSON FROM "{TABLE}" WHERE rangeKey = ?', (kind.encode(),)
    ).fetchone()
    item = json.loads(found[2])
    item["pk"]["S"] = f"{kind}#OWNER"
    item["account_id"]["S"] = "ACCOUNT"
    if "email" in item:
        item["email"]["S"] = "ACCOUNT@example.com"
    return json.dumps(item), found[1]


def _copies(model: tuple[str, int], kind: str, digests: list[str]) -> Iterator[Row]:
    text, size = model
    sort_value = hashlib.sha1(kind.encode()).digest()
    for digest in digests:
        account_id = digest[:28]
        owner = account_id if kind == "account" else digest
        key = f"{kind}#{owner}".encode()
        item = text.replace("OWNER", owner).replace("ACCOUNT", account_id).encode()
        yield key, kind.encode(), hashlib.sha1(key).digest(), sort_value, size, item
