"""What is patched of moto is still what DynamoDB does."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from rekey.aws import store
from tests.stack import Stack

KEY = {"pk": "account#1", "sk": "event#1"}
NOBODY = {"pk": "account#2", "sk": "account"}
TABLE = "EventsTable"


def test_a_failed_transaction_leaves_its_rows_as_they_were(stack: Stack) -> None:
    """Neither rows that it changed, nor rows that it made, nor the stream keep anything of it."""
    store.put(TABLE, {**KEY, "count": 1})
    assert len(stack.stream()) == 1
    update = {
        "TableName": TABLE,
        "Key": store.to_item(KEY),
        "UpdateExpression": "SET #count = :two",
        "ExpressionAttributeNames": {"#count": "count"},
        "ExpressionAttributeValues": store.to_item({":two": 2}),
    }
    beside = {"TableName": TABLE, "Item": store.to_item({**KEY, "sk": "event#2"})}
    refused = {"TableName": TABLE, "Key": store.to_item(NOBODY), "ConditionExpression": "attribute_exists(pk)"}
    writes: Any = [{"Update": update}, {"Put": beside}, {"ConditionCheck": refused}]

    with pytest.raises(ClientError):
        boto3.client("dynamodb").transact_write_items(TransactItems=writes)

    assert [store.from_item(row) for row in stack.rows(TABLE)] == [{**KEY, "count": 1}]
    assert stack.stream() == []


def _write(expression: str, value: int, condition: str = "attribute_not_exists(#count) OR #count < :value") -> None:
    boto3.client("dynamodb").update_item(
        TableName=TABLE,
        Key=store.to_item(KEY),
        UpdateExpression=expression,
        ConditionExpression=condition,
        ExpressionAttributeNames={"#count": "count"},
        ExpressionAttributeValues={":value": {"N": str(value)}},
    )


def test_an_expression_that_was_parsed_is_judged_by_its_own_values(stack: Stack) -> None:
    """The second time it is not parsed: condition and update have the values of the call, and the row as it is."""
    store.put(TABLE, {**KEY, "count": 0})
    for value in (1, 3):
        _write("SET #count = :value", value)
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        _write("SET #count = :value", 2)
    for _ in range(2):
        _write("ADD #count :value", 4, "attribute_exists(#count)")
    assert [store.from_item(row)["count"] for row in stack.rows(TABLE)] == [11]


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("SET #count = :value SET other = :value", 'The "SET" section can only be used once'),
        ("SET #count = :value, name = :value", "Attribute name is a reserved keyword"),
        ("SET #count = :value, #count = :value", "Two document paths overlap"),
    ],
)
def test_what_dynamodb_refuses_is_refused_each_time(expression: str, reason: str) -> None:
    """What is kept of an expression is nothing that was refused."""
    for _ in range(2):
        with pytest.raises(ClientError, match=reason):
            _write(expression, 1)
