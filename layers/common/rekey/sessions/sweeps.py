"""How far the clean-up has come: one row says which segments of which tables a round has left, and from where on.

A round goes once through all tables. Where nothing is left, the next begins.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from botocore.exceptions import ClientError

from rekey import ids
from rekey.accounts import keys
from rekey.aws import sdk, store
from rekey.aws.store import Row
from rekey.settings import settings


@dataclass
class Sweep:
    """One of so many segments of a table, as far as it is swept; and what this run found there."""

    table: str
    segment: int = 0
    segments: int = 1
    last_key: Row | None = None
    finished: bool = False
    looked_at: int = 0
    deleted: dict[str, int] = field(default_factory=dict)
    """Rows by kind."""

    def move_to(self, last_key: Row | None) -> None:
        """What comes before this key is swept; without one, all is."""
        self.last_key, self.finished = last_key, last_key is None

    def count(self, kind: str) -> None:
        self.deleted[kind] = self.deleted.get(kind, 0) + 1


@dataclass
class Round:
    """What the last run left, or nothing. `written_by` names that run: the row is replaced only as it was read."""

    sweeps: list[Sweep] = field(default_factory=list)
    written_by: str = ""

    def left(self) -> list[Sweep]:
        return [sweep for sweep in self.sweeps if not sweep.finished]


def find_round(tables: tuple[str, ...]) -> Round:
    """Of a table that is no longer the stack's, after a restore, nothing is left."""
    row = store.get(settings().tokens_table, keys.cleanup())
    if not row:
        return Round()
    left = (Sweep(its["table"], its["segment"], its["segments"], its.get("last_key")) for its in row["left"].values())
    return Round([sweep for sweep in left if sweep.table in tables], row["written_by"])


def keep_round(round_: Round) -> None:
    """For the next run. If another run has kept its own meanwhile, that one stands: to go on from a stale one would
    skip rows, while reading rows twice does no harm.
    """
    left = {
        f"{each.table}#{each.segment}": {
            "table": each.table,
            "segment": each.segment,
            "segments": each.segments,
            "last_key": each.last_key,
        }
        for each in round_.left()
    }
    try:
        sdk.dynamodb().put_item(
            TableName=settings().tokens_table,
            Item=store.to_item({**keys.cleanup(), "left": left, "written_by": ids.new_id()}),
            ConditionExpression="attribute_not_exists(pk) OR written_by = :seen",
            ExpressionAttributeValues=store.to_item({":seen": round_.written_by}),
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
