"""What IAM is asked for a call: an action, on what, and what the request says under the condition keys.

The keys are those of the Service Authorization Reference, and their values what "Using IAM policy conditions for
fine-grained access control" of DynamoDB's guide says: a name in any expression counts, also where it only decides.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from local.template import ACCOUNT, REGION
from rekey.oauth import made_keys
from rekey.settings import settings

_OF_TRANSACTIONS = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}
_ANY_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/*"
_READING = {"GetItem", "BatchGetItem", "Query", "Scan"}
_NO_NAMES = {
    *("AND", "OR", "NOT", "IN", "BETWEEN", "SET", "REMOVE", "ADD", "DELETE"),
    *("attribute_exists", "attribute_not_exists", "begins_with", "contains", "size", "if_not_exists"),
}
Context = frozenset[tuple[str, frozenset[str]]]


class Need(NamedTuple):
    action: str
    resource: str
    context: Context = frozenset()

    def says(self, key: str) -> frozenset[str]:
        """Nothing, where the request has nothing of it."""
        return dict(self.context).get(key, frozenset())


def needs(operation: str, params: dict[str, Any]) -> set[Need]:  # noqa: C901, PLR0911 - a case a kind of call
    """One for each action and resource, as the template names it; for each row of a transaction."""
    match operation:
        case "TransactWriteItems":
            items = [next(iter(item.items())) for item in params["TransactItems"]]
            return {of_table(_OF_TRANSACTIONS[kind], write) for kind, write in items}
        case "BatchGetItem":
            asked = params["RequestItems"].items()
            return {of_table(operation, {"TableName": table, **of_it}) for table, of_it in asked}
        case "BatchWriteItem":
            written = {
                table: [each["DeleteRequest"]["Key"] for each in rows] for table, rows in params["RequestItems"].items()
            }
            return {of_table(operation, {"TableName": table, "Keys": rows}) for table, rows in written.items()}
        case "Encrypt" | "Decrypt":
            return {Need(f"kms:{operation}", "arn:TotpKey")}
        case "CreateKey":
            given = {f"aws:RequestTag/{tag['TagKey']}": {tag["TagValue"]} for tag in params["Tags"]}
            made = _context({"kms:KeySpec": {params["KeySpec"]}, "kms:KeyUsage": {params["KeyUsage"]}, **given})
            return {Need("kms:CreateKey", "*", made), Need("kms:TagResource", _ANY_KEY, _context(given))}
        case "Sign" | "Verify" | "GetPublicKey" | "DescribeKey" | "EnableKey" | "DisableKey" | "ScheduleKeyDeletion":
            if params["KeyId"] == settings().signing_key:
                return {Need(f"kms:{operation}", "arn:SigningKey")}
            return {Need(f"kms:{operation}", _ANY_KEY, _of_made_key())}
        case "GetResources":
            return {Need("tag:GetResources", "*")}
        case "SendEmail":  # of raw content, which SES authorises as the older call
            used = ("identity/*", f"configuration-set/{params['ConfigurationSetName']}")
            sender = _context({"ses:FromAddress": {params["FromEmailAddress"]}})
            return {Need("ses:SendRawEmail", f"arn:aws:ses:{REGION}:{ACCOUNT}:{each}", sender) for each in used}
        case "PutEvents":
            return {Need("events:PutEvents", f"arn:{entry['EventBusName']}") for entry in params["Entries"]}
        case "SendMessage" | "SendMessageBatch":  # IAM knows one action for both
            return {Need("sqs:SendMessage", f"arn:{params['QueueUrl'].rpartition('/')[2]}")}
        case "GetAccount":
            return {Need("ses:GetAccount", "*")}
    return {of_table(operation, params)}


def _of_made_key() -> Context:
    """As IAM sees a key that a turn of the signing keys has made."""
    tag = {f"aws:ResourceTag/{made_keys.TAG}": {settings().stack_id}}
    return _context({"kms:KeySpec": {"RSA_2048"}, "kms:KeyUsage": {"SIGN_VERIFY"}, **tag})


def of_table(operation: str, params: dict[str, Any]) -> Need:
    """A scan has no leading keys. Whatever reads has Select, whatever writes one row ReturnValues, also unsaid."""
    said = {"dynamodb:Attributes": _attributes(params)}
    if operation != "Scan":
        said["dynamodb:LeadingKeys"] = _leading_keys(params)
    if operation in _READING:
        all_or_some = "SPECIFIC_ATTRIBUTES" if "ProjectionExpression" in params else "ALL_ATTRIBUTES"
        said["dynamodb:Select"] = {params.get("Select", all_or_some)}
    elif operation != "BatchWriteItem":
        said["dynamodb:ReturnValues"] = {params.get("ReturnValues", "NONE")}
    return Need(f"dynamodb:{operation}", f"arn:{params['TableName']}", _context(said))


def _leading_keys(params: dict[str, Any]) -> set[str]:
    if "KeyConditionExpression" in params:
        return {params["ExpressionAttributeValues"][":pk"]["S"]}
    return {row["pk"]["S"] for row in _rows(params)}


def _attributes(params: dict[str, Any]) -> set[str]:
    names = {name for row in _rows(params) for name in row}
    for parameter, expression in params.items():
        if parameter.endswith("Expression"):
            paths = re.findall(r"(?<![\w:.#])#?[A-Za-z_]\w*", expression)
            names |= {params.get("ExpressionAttributeNames", {}).get(path, path) for path in paths} - _NO_NAMES
    return names


def _rows(params: dict[str, Any]) -> list[dict[str, Any]]:
    """Of a batch, or of one: keys, or a whole row that is put."""
    return params.get("Keys") or [params[name] for name in ("Item", "Key") if name in params]


def _context(said: dict[str, set[str]]) -> Context:
    return frozenset((key, frozenset(values)) for key, values in said.items())
