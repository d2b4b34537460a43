"""The tables: rows as plain dictionaries, reads that are consistent, writes that are all or nothing."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any, cast

from botocore.exceptions import ClientError

from rekey.aws import sdk

Row = dict[str, Any]

CONFLICT_TRIES = 6
_PAGES = 5
_BATCH = 25  # rows of a BatchWriteItem: DynamoDB takes no more


class ConditionFailedError(Exception):
    """A write's condition did not hold, so nothing was written: `index` says which write, `row` what stood there."""

    def __init__(self, index: int, row: Row | None = None) -> None:
        super().__init__(index)
        self.index = index
        self.row = row


def to_item(row: Row) -> dict[str, Any]:
    """DynamoDB's wire form. Absent (None) attributes are left out. Raises TypeError for what no row holds."""
    return {name: _wired(value) for name, value in row.items() if value is not None}


def from_item(item: dict[str, Any]) -> Row:
    return {name: _plain(*wired) for name, its in item.items() for wired in its.items()}


def _wired(value: Any) -> dict[str, Any]:  # noqa: PLR0911 - a line for each type that a row may hold
    match value:
        case str():
            return {"S": value}
        case bytes():
            return {"B": value}
        case bool():  # before int, which it also is
            return {"BOOL": value}
        case int():
            return {"N": str(value)}
        case set():
            return {"BS": sorted(value)}  # of digests
        case dict():
            return {"M": to_item(value)}
        case list():
            return {"L": [*map(_wired, value)]}
    raise TypeError(type(value).__name__)


def _plain(kind: str, value: Any) -> Any:
    match kind:
        case "N":
            return int(value)
        case "BS":
            return set(value)
        case "M":
            return from_item(value)
        case "L":
            return [_plain(*wired) for each in value for wired in each.items()]
    return value


def get(table: str, key: Row) -> Row | None:
    item = sdk.dynamodb().get_item(TableName=table, Key=to_item(key), ConsistentRead=True).get("Item")
    return from_item(item) if item else None


def get_many(*wanted: tuple[str, Row], only: str | None = None) -> list[Row | None]:
    """Rows of any tables by key, in one trip, in the order asked for. `only` names attributes, pk and sk among them.

    DynamoDB may answer a part of a batch under load; the rest is asked for again, then given up as a fault.
    """
    request: dict[str, Any] = {}
    projection = {"ProjectionExpression": only} if only else {}
    for table, key in wanted:
        request.setdefault(table, {"ConsistentRead": True, "Keys": [], **projection})["Keys"].append(to_item(key))
    found: dict[tuple[str, str, str], Row] = {}
    for attempt in range(CONFLICT_TRIES):
        _back_off(attempt)
        answer = sdk.dynamodb().batch_get_item(RequestItems=request)
        for table, items in answer["Responses"].items():
            for row in map(from_item, items):
                found[table, row["pk"], row["sk"]] = row
        request = answer.get("UnprocessedKeys", {})
        if not request:
            return [found.get((table, key["pk"], key["sk"])) for table, key in wanted]
    raise ClientError({"Error": {"Code": "ThrottlingException"}}, "BatchGetItem")


def delete_all(table: str, items: list[dict[str, Any]]) -> None:
    """Delete rows by their keys, in wire form, whatever stands there. What a batch leaves undone is asked again."""
    for begin in range(0, len(items), _BATCH):
        request: Any = {table: [{"DeleteRequest": {"Key": key}} for key in items[begin : begin + _BATCH]]}
        for attempt in range(CONFLICT_TRIES):
            _back_off(attempt)
            request = sdk.dynamodb().batch_write_item(RequestItems=request).get("UnprocessedItems")
            if not request:
                break
        else:
            raise ClientError({"Error": {"Code": "ThrottlingException"}}, "BatchWriteItem")


def query(  # noqa: PLR0913 - what a query has
    table: str, pk: str, prefix: str, *, limit: int, after: Row | None = None, only: str | None = None, **values: Any
) -> list[Row]:
    """The newest rows of a partition whose sort key begins with the prefix: ids sort by time.

    `after` is the key of the row read last, whether or not it is still there. `only` is a filter; it is looked for over
    a few pages of 1 MB, no more, however many rows it leaves out.
    """
    request: dict[str, Any] = {
        "TableName": table,
        "KeyConditionExpression": "pk = :pk AND begins_with(sk, :prefix)",
        "ExpressionAttributeValues": to_item(
            {":pk": pk, ":prefix": prefix, **{f":{name}": value for name, value in values.items()}}
        ),
        "ScanIndexForward": False,
    }
    if after:
        request["ExclusiveStartKey"] = to_item(after)
    request |= {"FilterExpression": only} if only else {"Limit": limit}
    rows: list[Row] = []
    for _ in range(_PAGES):
        answer = sdk.dynamodb().query(**request)
        rows += [from_item(item) for item in answer["Items"]]
        if len(rows) >= limit or "LastEvaluatedKey" not in answer:
            break
        request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
    return rows[:limit]


def put(table: str, row: Row) -> None:
    _write(sdk.dynamodb().put_item, TableName=table, Item=to_item(row))


def update(write: dict[str, Any]) -> Row:
    """Carry out one update, as `updating` makes it, and return the whole row as it then is.

    Raises ConditionFailedError with the row as it was.
    """
    try:
        answer = _write(sdk.dynamodb().update_item, **write["Update"], ReturnValues="ALL_NEW")
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        raise ConditionFailedError(0, _row_found(cast("Any", error.response))) from None
    return from_item(answer["Attributes"])


def putting(table: str, row: Row) -> dict[str, Any]:
    """A put of a new row, for `transact`."""
    return {"Put": {"TableName": table, "Item": to_item(row), "ConditionExpression": "attribute_not_exists(pk)"}}


def updating(
    table: str, key: Row, expression: str, condition: str, *, names: tuple[str, ...] = (), **values: Any
) -> dict[str, Any]:
    """An update for `transact` or `update`; `values` are named in the expressions as `:name`.

    `names` are members whose names DynamoDB reserves: in the expressions they are `#name`.
    """
    write: dict[str, Any] = {
        "TableName": table,
        "Key": to_item(key),
        "UpdateExpression": expression,
        "ConditionExpression": condition,
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    if names:
        write["ExpressionAttributeNames"] = {f"#{name}": name for name in names}
    if values:
        write["ExpressionAttributeValues"] = to_item({f":{name}": value for name, value in values.items()})
    return {"Update": write}


def checking(
    table: str, key: Row, condition: str, *, names: dict[str, str] | None = None, **values: Any
) -> dict[str, Any]:
    """A condition on a row that `transact` leaves as it is. `names` are those that DynamoDB reserves, or that are
    nobody's to choose: in the condition, `#name`.
    """
    check: dict[str, Any] = {"TableName": table, "Key": to_item(key), "ConditionExpression": condition}
    if names:
        check["ExpressionAttributeNames"] = {f"#{name}": meant for name, meant in names.items()}
    if values:
        check["ExpressionAttributeValues"] = to_item({f":{name}": value for name, value in values.items()})
    return {"ConditionCheck": check}


def deleting(table: str, key: Row, condition: str | None = None, **values: Any) -> dict[str, Any]:
    """A delete for `transact`."""
    write: dict[str, Any] = {"TableName": table, "Key": to_item(key)}
    if condition:
        write["ConditionExpression"] = condition
    if values:  # DynamoDB refuses an empty map
        write["ExpressionAttributeValues"] = to_item({f":{name}": value for name, value in values.items()})
    return {"Delete": write}


def transact(*writes: dict[str, Any]) -> None:
    """All of the writes or none. Raises ConditionFailedError for the first condition that does not hold.

    Idempotent under the SDK's own retries: botocore gives each call one client token.
    """
    try:
        _write(sdk.dynamodb().transact_write_items, TransactItems=writes)
    except ClientError as error:
        codes = _cancellation_codes(error)
        if "ConditionalCheckFailed" not in codes:
            raise
        index = codes.index("ConditionalCheckFailed")
        raise ConditionFailedError(
            index, _row_found(cast("Any", error.response)["CancellationReasons"][index])
        ) from None


def _write(operation: Callable[..., Any], **request: Any) -> Any:
    """A write that meets a transaction on the same row is refused by DynamoDB, and not tried again by the SDK.

    Nothing of it was written, so here it is, with a client token of its own.
    """
    for attempt in range(1, CONFLICT_TRIES):
        try:
            return operation(**request)
        except ClientError as error:
            if not _is_conflict(error):
                raise
        _back_off(attempt)
    return operation(**request)


def _is_conflict(error: ClientError) -> bool:
    codes = _cancellation_codes(error)
    if codes:
        return not {"ConditionalCheckFailed", "ValidationError"}.intersection(codes)
    return error.response["Error"]["Code"] == "TransactionConflictException"


def _cancellation_codes(error: ClientError) -> list[str]:
    return [reason["Code"] for reason in cast("Any", error.response).get("CancellationReasons", [])]


def _row_found(refusal: dict[str, Any]) -> Row | None:
    """What an update that was refused says stood there."""
    return from_item(refusal["Item"]) if refusal.get("Item") else None


def _back_off(attempt: int) -> None:
    if attempt:
        time.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311 - full jitter, not a secret
