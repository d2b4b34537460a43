"""Many rows at once, as no flow writes them: 25 at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from rekey.aws import sdk, store

_BATCH = 25  # rows of a BatchWriteItem: DynamoDB takes no more


def write_rows(rows: list[tuple[str, store.Row]], *, threads: int = 1) -> None:
    """Each with its table."""
    batches = [rows[first : first + _BATCH] for first in range(0, len(rows), _BATCH)]
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(_write_batch, batches))


def _write_batch(rows: list[tuple[str, store.Row]]) -> None:
    request: dict[str, Any] = {}
    for table, row in rows:
        request.setdefault(table, []).append({"PutRequest": {"Item": store.to_item(row)}})
    assert not sdk.dynamodb().batch_write_item(RequestItems=request)["UnprocessedItems"]
