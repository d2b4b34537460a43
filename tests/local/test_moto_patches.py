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
