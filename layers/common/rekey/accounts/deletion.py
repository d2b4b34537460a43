"""Deleting an account: at once by one transaction, its remaining rows after that, in as many steps as it takes."""

from __future__ import annotations

from typing import Any

from rekey.accounts import accounts, addresses, events, keys
from rekey.accounts.event_types import ACCOUNT_DELETED
from rekey.api.client import Client
from rekey.api.errors import ConflictError
from rekey.aws import sdk, store
from rekey.aws.store import ConditionFailedError, Row
from rekey.settings import settings

_NEWEST = 25  # events among which that of the deletion is: hardly any can come after it
ROWS = 1000  # that one step deletes: some 40 calls, well within a function's time


def begin(account: Row, client: Client, *, admin: str, reason: str) -> Row:
    """The account and its address are gone, and the event that says so is there; it is returned. Raises ConflictError.

    From here on nothing of the account works, for each flow needs its row; and the address can be signed up with.
    """
    digest = addresses.email_digest(account["email"])
    event = events.recording(
        account,
        ACCOUNT_DELETED,
        email=account["email"],
        client=client,
        locale=account.get("locale"),  # notify finds it nowhere else
        admin=admin,
        reason=reason,
    )
    try:
        store.transact(
            accounts.deleting(account),
            accounts.releasing(digest, account["account_id"]),
            store.deleting(settings().tokens_table, keys.sign_up(digest)),
            event,
        )
    except ConditionFailedError:
        raise ConflictError from None
    return store.from_item(event["Put"]["Item"])


def find(account_id: str) -> Row | None:
    """The event that says an account was deleted, for as long as it is kept."""
    newest = store.query(settings().events_table, keys.account(account_id)["pk"], "event#", limit=_NEWEST)
    return next((event for event in newest if event["type"] == ACCOUNT_DELETED), None)


def sweep(deleted: Row) -> tuple[int, bool]:
    """Delete rows that the account has left, but for the event of its deletion: how many, and whether those were all.

    The address may be somebody's again: of its devices and events, only those before the deletion go.
    """
    address = keys.address(addresses.email_digest(deleted["email"]))["pk"]
    swept, finished = 0, True
    for table, pk, first, last in (
        (settings().tokens_table, address, "device#", f"device#{deleted['event_id']}"),
        (settings().tokens_table, deleted["pk"], "!", "~"),  # before and behind every sort key there is
        (settings().accounts_table, deleted["pk"], "!", "~"),  # events that an earlier release wrote there
        (settings().events_table, deleted["pk"], "!", "~"),
        (settings().events_table, address, "event#", deleted["sk"]),
    ):
        found, more = _keys(table, pk, first, last, limit=ROWS - swept)
        gone = [key for key in found if store.from_item(key) != {"pk": deleted["pk"], "sk": deleted["sk"]}]
        store.delete_all(table, gone)
        swept += len(gone)
        if more:
            finished = False
            break
    return swept, finished


def _keys(table: str, pk: str, first: str, last: str, *, limit: int) -> tuple[list[dict[str, Any]], bool]:
    """Keys of a partition between two sort keys, up to a limit, and whether there may be more."""
    if limit <= 0:
        return [], True
    answer = sdk.dynamodb().query(
        TableName=table,
        KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
        ExpressionAttributeValues=store.to_item({":pk": pk, ":first": first, ":last": last}),
        ProjectionExpression="pk, sk",
        ConsistentRead=True,
        Limit=limit,
    )
    return answer["Items"], "LastEvaluatedKey" in answer
