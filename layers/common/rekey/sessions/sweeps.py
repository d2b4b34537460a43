"""How far the clean-up has come: a cursor for each segment of each table, so that the next run goes on there.

A round goes once through all segments; those that are done wait for the others. A cursor of another number of segments
means other rows, and is not followed: the segment begins anew.
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
    """One segment of one table, as far as it is swept; and what this run found there."""

    table: str
    segment: int
    last_key: Row | None = None
    finished: bool = False
    written_by: str = ""
    looked_at: int = 0
    deleted: dict[str, int] = field(default_factory=dict)
    """Rows by kind."""

    def move_to(self, last_key: Row | None) -> None:
        """What comes before this key is swept; without one, all is."""
        self.last_key, self.finished = last_key, last_key is None

    def count(self, kind: str) -> None:
        self.deleted[kind] = self.deleted.get(kind, 0) + 1


def begin_sweeps(tables: tuple[str, ...], segments: int) -> list[Sweep]:
    """All segments of all tables, each where it was left; from the beginning, if all were done."""
    wanted = [(table, segment) for table in tables for segment in range(segments)]
    cursors = store.get_many(*((settings().tokens_table, keys.cursor(*each)) for each in wanted))
    sweeps = [_found(*each, segments, cursor) for each, cursor in zip(wanted, cursors, strict=True)]
    if all(sweep.finished for sweep in sweeps):
        for sweep in sweeps:
            sweep.finished = False
    return sweeps


def _found(table: str, segment: int, segments: int, cursor: Row | None) -> Sweep:
    """Who wrote the cursor is known in any case, for it is overwritten only as it was read."""
    if not cursor:
        return Sweep(table, segment)
    if cursor["segments"] != segments:
        return Sweep(table, segment, written_by=cursor["written_by"])
    return Sweep(table, segment, cursor.get("last_key"), cursor["finished"], cursor["written_by"])


def keep_cursor(sweep: Sweep, segments: int) -> None:
    """For the next run. If another run has moved the cursor meanwhile, that one stands: a stale cursor would make this
    round skip rows, while reading rows twice does no harm.
    """
    cursor = {
        **keys.cursor(sweep.table, sweep.segment),
        "segments": segments,
        "last_key": sweep.last_key,
        "finished": sweep.finished,
        "written_by": ids.new_id(),
    }
    try:
        sdk.dynamodb().put_item(
            TableName=settings().tokens_table,
            Item=store.to_item(cursor),
            ConditionExpression="attribute_not_exists(pk) OR written_by = :seen",
            ExpressionAttributeValues=store.to_item({":seen": sweep.written_by}),
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
