"""Where moto is not DynamoDB enough for an instance that is used, or does much for nothing: patched on import."""

from __future__ import annotations

import copy
import json
from threading import RLock
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from moto.core.botocore_stubber import BotocoreStubber
from moto.core.exceptions import JsonRESTError
from moto.core.serialize import ResponseSerializer
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table
from moto.dynamodbstreams.models import ShardIterator
from moto.kms import models as kms_models
from moto.kms.models import KmsBackend
from moto.ses.models import ses_backends
from moto.sesv2.responses import SESV2Response

_answer = BotocoreStubber.process_request
_one_call = RLock()
_read_records = ShardIterator.get
_transact = DynamoDBBackend.transact_write_items
_pick = ResponseSerializer.get_value
_send = SESV2Response.send_email
_make_pair: Any = vars(kms_models)["generate_private_key"]
_TYPES = {"S", "N", "B", "SS", "NS", "BS", "M", "L", "NULL", "BOOL"}
_changing: set[tuple[DynamoType, DynamoType]] = set()


def _answer_alone(stubber: BotocoreStubber, request: Any) -> Any:
    """moto checks a condition and writes in two steps, and scans what others may be changing: one call at a time."""
    with _one_call:
        return _answer(stubber, request)


def _read_records_of_table(iterator: Any, limit: int = 1000) -> Any:
    """A failed transaction leaves a copy in the table's place, without its writes. An iterator must go on with that
    copy: in what was put away it would find changes that did not happen.
    """
    table = iterator.stream_shard.table.name
    iterator.stream_shard = iterator.streams_backend.dynamodb.get_table(table).stream_shard
    return _read_records(iterator, limit)


def _transact_on_rows(backend: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
    """For a roll-back moto copies each table whole, once a write: some thousand rows take longer than a call may."""
    _changing.update(map(_row, transact_items))
    try:
        _transact(backend, transact_items)
    finally:
        _changing.clear()


def _row(write: dict[str, Any]) -> tuple[DynamoType, DynamoType]:
    ((kind, request),) = write.items()
    key = request["Item"] if kind == "Put" else request["Key"]
    return DynamoType(key["pk"]), DynamoType(key["sk"])


def _copy_of_rows(table: Table, _memo: dict[int, Any]) -> Table:
    """A table to roll back to: only the rows that are about to change are copied in depth."""
    kept = copy.copy(table)
    kept.items = table.items.copy()
    for partition in {changing[0] for changing in _changing} & table.items.keys():
        kept.items[partition] = table.items[partition].copy()
    for partition, sort in _changing:
        if sort in kept.items.get(partition, ()):
            kept.items[partition][sort] = copy.deepcopy(kept.items[partition][sort])
    if table.stream_shard:
        kept.stream_shard = copy.copy(table.stream_shard)
        kept.stream_shard.items = list(table.stream_shard.items)
        kept.stream_shard.table = kept
    return kept


def _pick_of_item(serializer: ResponseSerializer, value: Any, key: str, shape: Any) -> Any:
    """In each value of an item moto looks for ten types under a dozen names each: a quarter of what a call takes."""
    if key in _TYPES and isinstance(value, dict):
        return value.get(key)
    return _pick(serializer, value, key, shape)


def _send_with_tags(response: SESV2Response) -> str:
    """SES tells the tags of a mail with what has become of it; moto forgets them."""
    answer = _send(response)
    sent = ses_backends[response.current_account][response.region].sent_messages[-1]
    sent.tags = json.loads(response.body).get("EmailTags", [])
    return answer


def _account(response: SESV2Response) -> str:
    """moto has no GetAccount. The quota is what AWS grants who leaves the sandbox."""
    sent = ses_backends[response.current_account][response.region].sent_message_count
    quota = {"Max24HourSend": 50_000, "MaxSendRate": 14, "SentLast24Hours": sent}
    return json.dumps({"SendQuota": quota, "SendingEnabled": True, "ProductionAccessEnabled": True})


def _pair(backend: KmsBackend, key_id: str) -> tuple[str, Any]:
    """KMS refuses whatever a key that is disabled, or soon deleted, is to do; moto does it."""
    key: Any = backend.describe_key(key_id)
    if key.key_state != "Enabled":
        raise JsonRESTError({"Disabled": "DisabledException"}.get(key.key_state, "KMSInvalidStateException"), key.arn)
    return key.arn, key.private_key.private_key


def _sign(backend: KmsBackend, key_id: str, message: bytes, signing_algorithm: str) -> tuple[str, bytes, str]:
    """The message is a digest, which moto would hash once more."""
    arn, pair = _pair(backend, key_id)
    return arn, pair.sign(message, PKCS1v15(), Prehashed(SHA256())), signing_algorithm


def _verify(
    backend: KmsBackend, key_id: str, message: bytes, signature: bytes, signing_algorithm: str
) -> tuple[str, bool, str]:
    """The same; and KMS answers a wrong signature by a fault."""
    arn, pair = _pair(backend, key_id)
    try:
        pair.public_key().verify(signature, message, PKCS1v15(), Prehashed(SHA256()))
    except InvalidSignature:
        raise JsonRESTError("KMSInvalidSignatureException", "") from None
    return arn, True, signing_algorithm


BotocoreStubber.process_request = _answer_alone  # type: ignore[method-assign, assignment]
SESV2Response.send_email = _send_with_tags  # type: ignore[method-assign, assignment]
SESV2Response.get_account = _account  # type: ignore[attr-defined]
ShardIterator.get = _read_records_of_table  # type: ignore[method-assign, assignment]
DynamoDBBackend.transact_write_items = _transact_on_rows  # type: ignore[method-assign, assignment]
Table.__deepcopy__ = _copy_of_rows  # type: ignore[attr-defined]
ResponseSerializer.get_value = _pick_of_item  # type: ignore[method-assign, assignment]
KmsBackend.sign = _sign  # type: ignore[method-assign, assignment]
KmsBackend.verify = _verify  # type: ignore[method-assign, assignment]
# An RSA pair takes 30 ms to make, and moto makes one of each key, of those that encrypt, too.
kms_models.generate_private_key = lambda spec: None if spec == "SYMMETRIC_DEFAULT" else _make_pair(spec)  # type: ignore[attr-defined, assignment, return-value]
