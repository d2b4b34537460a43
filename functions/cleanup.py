"""Scheduled: deletes what has expired before TTL gets to it, which may take days. Nothing depends on it but the bill.

Gone are also the sessions that a raised epoch has ended, and those of an account that is no more: TTL would keep them
for a month. A run stops in time, and the next goes on where it stopped; twice, or two at once, does no harm.

A round costs half a unit of reading for each 4 KB of the tables, expired or not, a unit for each account with living
sessions, and a unit of writing for each KB deleted. TTL is free: hence once a day (docs/scale.md).

It goes through whole tables, so each call names the attributes it judges by, and its policy lets it name no others.
"""

from __future__ import annotations

import math
import random
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, wait
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from rekey import clock, observability
from rekey.aws import at_once, sdk, store
from rekey.aws.store import Row
from rekey.sessions import sweeps
from rekey.sessions.sweeps import Round, Sweep
from rekey.settings import settings

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

SEGMENTS = 8  # of each table of more than a page: more than there are threads, so that none waits for the longest
PAGE = 500  # rows
BATCH = 100  # accounts: BatchGetItem takes no more
RESERVE = 30_000  # milliseconds left at which a run ends: a call takes 12 s at worst, and to keep the round is another
SETTLED = 60  # seconds: a reader may meet a new session before its account, though one transaction wrote both
TRIES = 5  # of a page that DynamoDB throttles, beyond the SDK's own; then its segment waits for the next run
_THROTTLED = {"ThrottlingException", "ProvisionedThroughputExceededException", "RequestLimitExceeded"}
_STAYS = {"ConditionalCheckFailedException", "TransactionConflictException"}


def lambda_handler(_event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """What this round has left, some segments at once. Answers what was done, and whether the round is."""
    tables = (settings().tokens_table, settings().events_table, settings().accounts_table)
    round_ = sweeps.find_round(tables)
    begun = [] if round_.sweeps else _begin_round(round_, tables, context)
    running = _sweep_all(round_.left(), context)
    answer = _report(round_.sweeps)
    if round_.left() or not begun:
        sweeps.keep_round(round_)
    for sweeping in [*begun, *running]:
        sweeping.result()
    return answer


def _begin_round(round_: Round, tables: tuple[str, ...], context: LambdaContext) -> list[Future[None]]:
    """A table of one page is swept by one call. A longer one has segments, which begin at its beginning again."""
    wholes = [Sweep(table) for table in tables]
    running = _sweep_all(wholes, context, pages=1)
    for whole in wholes:
        segments = 0 if whole.finished else SEGMENTS
        round_.sweeps += [whole, *(Sweep(whole.table, number, segments) for number in range(segments))]
        whole.finished = True
    return running


def _sweep_all(chosen: list[Sweep], context: LambdaContext, pages: float = math.inf) -> list[Future[None]]:
    """To their end, or so many pages. All are waited for, also after a fault: Lambda would freeze the others midway."""
    running = [at_once.begin(_sweep, sweep, context, pages) for sweep in chosen]
    wait(running)
    return running


def _sweep(sweep: Sweep, context: LambdaContext, pages: float) -> None:
    """Page by page, while there is time."""
    throttled = 0
    while not sweep.finished and pages > 0 and throttled < TRIES and _has_time(context):
        try:
            _sweep_page(sweep, context)
            throttled, pages = 0, pages - 1
        except ClientError as error:
            if error.response["Error"]["Code"] not in _THROTTLED:
                raise
            throttled += 1
            time.sleep(random.uniform(0, 0.2 * 2**throttled))  # noqa: S311 - jitter, not a secret


def _has_time(context: LambdaContext) -> bool:
    return context.get_remaining_time_in_millis() >= RESERVE


def _sweep_page(sweep: Sweep, context: LambdaContext) -> None:
    """One page to its end, or, where time ends first, to be looked at again."""
    rows, last_key = _read_page(sweep)
    now = clock.now()
    for row in rows:
        if row["expires_at"] <= now:
            if not _has_time(context):
                return
            _delete(sweep, row, row["sk"].partition("#")[0], "expires_at <= :value", now)
    for row in _ended([row for row in rows if row["expires_at"] > now]):
        if not _has_time(context):
            return
        _delete(sweep, row, "ended_session", "epoch = :value", row["epoch"])
    sweep.move_to(last_key)


def _read_page(sweep: Sweep) -> tuple[list[Row], Row | None]:
    """What has expired, and the sessions that have not; and the key to go on from."""
    start: dict[str, Any] = {"ExclusiveStartKey": store.to_item(sweep.last_key)} if sweep.last_key else {}
    page = sdk.dynamodb().scan(
        TableName=sweep.table,
        Segment=sweep.segment,
        TotalSegments=sweep.segments,
        Limit=PAGE,
        **_looked_for(sweep.table),
        **start,
    )
    sweep.looked_at += page["ScannedCount"]
    last_key = page.get("LastEvaluatedKey")
    return [store.from_item(item) for item in page["Items"]], store.from_item(last_key) if last_key else None


def _looked_for(table: str) -> dict[str, Any]:
    """What has expired, and of Tokens every session, too: the filter, its values, and what is read of a row.

    Of Accounts it may delete addresses alone. The events that an earlier release left there are TTL's.
    """
    looked_for, read = "expires_at <= :now", "pk, sk, expires_at"
    values: Row = {":now": clock.now()}
    if table == settings().accounts_table:
        looked_for += " AND begins_with(pk, :address)"
        values |= {":address": "address#"}
    if table == settings().tokens_table:
        looked_for += " OR (begins_with(sk, :session) AND created_at <= :settled)"
        read += ", epoch"
        values |= {":session": "session#", ":settled": clock.now() - SETTLED}
    return {
        "Select": "SPECIFIC_ATTRIBUTES",
        "ProjectionExpression": read,
        "FilterExpression": looked_for,
        "ExpressionAttributeValues": store.to_item(values),
    }


def _ended(sessions: list[Row]) -> Iterator[Row]:
    """Those of an earlier epoch than their account's, or of no account. Sessions of one account lie side by side."""
    owners = list(dict.fromkeys(session["pk"] for session in sessions))
    epochs: dict[str, int] = {}
    for first in range(0, len(owners), BATCH):
        asked = owners[first : first + BATCH]
        wanted = ((settings().accounts_table, {"pk": pk, "sk": "account"}) for pk in asked)
        accounts = store.get_many(*wanted, only="pk, sk, token_epoch")
        epochs |= {account["pk"]: account["token_epoch"] for account in accounts if account}
    return (each for each in sessions if each["pk"] not in epochs or each["epoch"] < epochs[each["pk"]])


def _delete(sweep: Sweep, row: Row, kind: str, condition: str, value: int) -> None:
    """On condition, which a batch cannot have: since it was read, the row may have been replaced by a living one (a
    newer reset link), or lifted to the new epoch.
    """
    try:
        sdk.dynamodb().delete_item(
            TableName=sweep.table,
            Key=store.to_item({"pk": row["pk"], "sk": row["sk"]}),
            ConditionExpression=condition,
            ExpressionAttributeValues=store.to_item({":value": value}),
            ReturnValues="NONE",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] not in _STAYS:
            raise
        return
    sweep.count(kind)


def _report(chosen: list[Sweep]) -> dict[str, Any]:
    """Counts only: which rows they were is nobody's business."""
    deleted = sum((Counter(sweep.deleted) for sweep in chosen), Counter[str]())
    looked_at = sum(sweep.looked_at for sweep in chosen)
    left = sum(not sweep.finished for sweep in chosen)
    for kind, number in deleted.items():
        observability.count("RowsDeleted", number, flow="cleanup", kind=kind)
    observability.count("RowsLookedAt", looked_at, flow="cleanup")
    observability.count("SegmentsLeft", left, flow="cleanup")
    observability.count("RoundFinished", int(not left), flow="cleanup")
    answer = {"looked_at": looked_at, "deleted": dict(deleted), "segments_left": left, "finished": not left}
    observability.logger().info("cleaned", extra=answer)
    return answer
