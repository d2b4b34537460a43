"""The keys that a turn makes in KMS. A tag that they are born with says whose they are.

By it a key is found again that was made and not yet entered in the row, because something broke in between; IAM holds
functions to keys that have it.
"""

from __future__ import annotations

from botocore.exceptions import ClientError

from rekey.aws import sdk
from rekey.settings import settings

TAG = "rekey-signs-for"  # the value is the stack's id: a later stack of the same name is another one
PENDING = 30  # days in which KMS would still give a key back, for nothing


def find_spare(entered: list[str]) -> list[str]:
    """The ids of those that sign for this stack and stand in no row: made, and waiting to be used."""
    answer = sdk.tagging().get_resources(
        TagFilters=[{"Key": TAG, "Values": [settings().stack_id]}], ResourceTypeFilters=["kms:key"]
    )
    made = sorted(each["ResourceARN"].rpartition("/")[2] for each in answer["ResourceTagMappingList"])
    return [kid for kid in made if kid not in entered and _is_enabled(kid)]


def make() -> str:
    """The id of a new key."""
    answer = sdk.kms().create_key(
        KeySpec="RSA_2048",
        KeyUsage="SIGN_VERIFY",
        Description="Signs ID tokens and access tokens of applications",
        Tags=[{"TagKey": TAG, "TagValue": settings().stack_id}],
    )
    return answer["KeyMetadata"]["KeyId"]


def end(kid: str) -> None:
    """Nobody signs with it any more, and it costs nothing; of the template's own, CloudFormation keeps the key.

    Done again, it changes nothing.
    """
    try:
        if kid == settings().signing_key:
            sdk.kms().disable_key(KeyId=kid)
        else:
            sdk.kms().schedule_key_deletion(KeyId=kid, PendingWindowInDays=PENDING)
    except ClientError as fault:
        if fault.response["Error"]["Code"] not in {"KMSInvalidStateException", "NotFoundException"}:
            raise


def _is_enabled(kid: str) -> bool:
    return sdk.kms().describe_key(KeyId=kid)["KeyMetadata"]["KeyState"] == "Enabled"
