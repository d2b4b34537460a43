"""Where a fault ends otherwise: the authorizer lets nobody in, and a lock is reported though one call failed."""

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from rekey.settings import settings
from tests.faults.network import CONFLICT, LOST, THROTTLED, UNPROCESSED, UNREACHED, network
from tests.stack import Account, Stack


def _ask(stack: Stack, account: Account) -> bool:
    answer = stack.invoke("authorizer", {"headers": {"authorization": f"Bearer {account.access_token}"}})
    return bool(answer["isAuthorized"])


@pytest.mark.parametrize("kind", [THROTTLED, UNREACHED, LOST, UNPROCESSED])
def test_authorizer(stack: Stack, account: Account, kind: str) -> None:
    """A fault seen once is hidden by a retry; one that lasts is raised, so that API Gateway lets nobody in."""
    with network("BatchGetItem", kind):
        assert _ask(stack, account)
    with network("BatchGetItem", kind, lasting=True), pytest.raises((ClientError, BotoCoreError)):
        _ask(stack, account)
    assert _ask(stack, account)


@pytest.mark.parametrize("kind", [THROTTLED, UNREACHED, CONFLICT])
def test_lock_is_reported(stack: Stack, account: Account, kind: str) -> None:
    """The wrong password that locks an address is answered as wrong and reported, though the first try met a fault."""
    body = {"email": account.email, "password": "Mistaken-Horse-3"}
    for _ in range(settings().attempt_limit - 1):
        stack.call("POST /sign-in", body)

    with network("TransactWriteItems", kind) as faulty:
        answer = stack.call("POST /sign-in", body)

    assert faulty.struck
    assert answer.code == "invalid_credentials"
    kinds = [row["type"]["S"] for row in stack.rows(settings().events_table)]
    assert kinds.count("sign_in.locked") == 1
