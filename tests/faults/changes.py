"""What a request has changed, row by row: by this is judged whether it was done, or done by half."""

from __future__ import annotations

from collections import Counter
from typing import Any

from rekey.aws import store
from rekey.settings import settings
from tests.stack import Stack

Rows = dict[tuple[str, str, str], dict[str, Any]]


def all_rows(stack: Stack) -> Rows:
    """All tables, without what merely counts attempts: an attempt whose answer was lost has been made."""
    rows: Rows = {}
    tables = {
        "accounts": settings().accounts_table,
        "events": settings().events_table,
        "tokens": settings().tokens_table,
    }
    for name, table in tables.items():
        for row in map(store.from_item, stack.rows(table)):
            kept = _uncounted(row)
            if set(kept) > {"pk", "sk"}:
                rows[name, row["pk"], row["sk"]] = kept
    return rows


def _uncounted(row: dict[str, Any]) -> dict[str, Any]:
    lapsing = {"expires_at"} if row["sk"] in {"address", "limit"} else set()  # counting sets when it is forgotten
    return {name: value for name, value in row.items() if "_attempt" not in name and name not in lapsing}


def changes(before: Rows, after: Rows) -> Counter[str]:
    """`accounts account: password_hash, token_epoch`, `+ events event password.reset`, `- tokens reset`."""
    return Counter(
        _change(key, before.get(key, {}), after.get(key, {}))
        for key in before.keys() | after.keys()
        if before.get(key) != after.get(key)
    )


def _change(key: tuple[str, str, str], before: dict[str, Any], after: dict[str, Any]) -> str:
    table, _, sort_key = key
    row = f"{table} {sort_key.partition('#')[0]} {(before | after).get('type', '')}".strip()
    if not before or not after:
        return f"{'-' if before else '+'} {row}"
    changed = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    return f"{row}: {', '.join(changed)}"
