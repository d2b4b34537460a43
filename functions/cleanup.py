"""Scheduled: deletes what has expired before TTL gets to it, which may take days. Nothing depends on it but the bill.

It stops in time, and the next run goes on where this one stopped; to run it twice does no harm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from rekey import clients, clock, observability, store
from rekey.settings import settings
from rekey.store import Row

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

RESERVE = 10_000  # milliseconds left at which a run ends: time for one more page
PAGE = 200  # rows a page looks at
_CURSOR: Row = {"pk": "cleanup", "sk": "cursor"}


def lambda_handler(_event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """The tables in turn, from where the last run stopped. Answers what was deleted, and whether it got to the end."""
    tables = [settings().tokens_table, settings().accounts_table]
    cursor = store.get(settings().tokens_table, _CURSOR) or {}
    deleted, start = 0, cursor.get("start")
    remaining = tables[tables.index(cursor["table"]) :] if cursor.get("table") in tables else tables
    for table in remaining:
        while True:
            if context.get_remaining_time_in_millis() < RESERVE:
                return _stop(deleted, {"table": table, "start": start})
            count, start = _sweep_page(table, start)
            deleted += count
            if not start:
                break
    return _stop(deleted, {})


def _sweep_page(table: str, start: Row | None) -> tuple[int, Row | None]:
    """How many rows of one page were deleted, and where the next page starts."""
    options: dict[str, Any] = {"ExclusiveStartKey": store.to_item(start)} if start else {}
    page = clients.dynamodb().scan(
        TableName=table,
        Limit=PAGE,
        ProjectionExpression="pk, sk",
        FilterExpression="expires_at <= :now",
        ExpressionAttributeValues=store.to_item({":now": clock.now()}),
        **options,
    )
    deleted = sum(_delete_if_expired(table, key) for key in page["Items"])
    last = page.get("LastEvaluatedKey")
    return deleted, store.from_item(last) if last else None


def _delete_if_expired(table: str, key: dict[str, Any]) -> int:
    """On condition: since it was read, the row may have been replaced by a living one (a newer reset link)."""
    try:
        clients.dynamodb().delete_item(
            TableName=table,
            Key=key,
            ConditionExpression="expires_at <= :now",
            ExpressionAttributeValues=store.to_item({":now": clock.now()}),
        )
    except ClientError as error:
        if error.response["Error"]["Code"] not in {"ConditionalCheckFailedException", "TransactionConflictException"}:
            raise
        return 0
    return 1


def _stop(deleted: int, cursor: Row) -> dict[str, Any]:
    store.put(settings().tokens_table, {**_CURSOR, **cursor})
    observability.count("ExpiredRowsDeleted", deleted, flow="cleanup")
    observability.logger().info("cleaned", deleted=deleted, finished=not cursor)
    return {"deleted": deleted, "finished": not cursor}
