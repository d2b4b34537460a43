"""Refusals: of what stands between an application and a code, and of applications that are not connected."""

from __future__ import annotations

from rekey.accounts import keys
from rekey.api import errors
from rekey.aws import store
from rekey.oauth import connections
from rekey.settings import settings
from tests import seeds
from tests.applications import AUTHORIZE, own, spa
from tests.calls import meanwhile, watching
from tests.flows.refusals import refusing
from tests.scenarios.authorize import SCOPES, allowing, asking
from tests.stack import Answer, Clock, Stack, deployed_with

WITHDRAW = "POST /applications/withdraw"


def _asked(stack: Stack, **fields: object) -> Answer:
    return stack.call(AUTHORIZE, asking(own(stack), **fields), token=seeds.issue_access(seeds.new_account()))


@refusing(AUTHORIZE, errors.ClientUnknownError)
def nobodys(stack: Stack, _: Clock) -> Answer:
    return _asked(stack, client_id="nobody")


@refusing(AUTHORIZE, errors.RedirectUriInvalidError)
def elsewhere(stack: Stack, _: Clock) -> Answer:
    return _asked(stack, redirect_uri="https://shop.example.com/elsewhere")


@refusing(AUTHORIZE, errors.SignInRequiredError)
def signed_out(stack: Stack, _: Clock) -> Answer:
    return stack.call(AUTHORIZE, asking(own(stack)))


@refusing(AUTHORIZE, errors.TotpRequiredError)
def without_what_is_required(stack: Stack, _: Clock) -> Answer:
    with deployed_with(REQUIRE_TOTP="all"):
        return _asked(stack)


@refusing(AUTHORIZE, errors.SecondFactorRequiredError)
def without_what_is_asked_for(stack: Stack, _: Clock) -> Answer:
    return _asked(stack, acr_values="urn:rekey:acr:two-factors")


@refusing(AUTHORIZE, errors.ConsentRequiredError)
def without_consent(stack: Stack, _: Clock) -> Answer:
    return stack.call(AUTHORIZE, asking(spa(stack)), token=seeds.issue_access(seeds.new_account()))


@refusing(AUTHORIZE, errors.TooManyApplicationsError)
def one_too_many(stack: Stack, _: Clock) -> Answer:
    account = seeds.new_account()
    kept = {"name": "Shop", "connection": "0" * 28, "scopes": SCOPES, "connected_at": account["created_at"]}
    full = {f"shop-{number}": kept for number in range(connections.MOST)}
    store.put(settings().accounts_table, {**account, **keys.account(account["account_id"]), "applications": full})
    return stack.call(AUTHORIZE, asking(own(stack)), token=seeds.issue_access(account))


@refusing(AUTHORIZE, errors.ConflictError)
def while_others_are_connected(stack: Stack, _: Clock) -> Answer:
    client, token = own(stack), seeds.issue_access(seeds.new_account())
    others = [own(stack), own(stack)]

    def connect_another(_operation: str, params: dict[str, object]) -> None:
        if others and client["client_id"] in str(params):
            stack.call(AUTHORIZE, asking(others.pop()), token=token)

    with watching("TransactWriteItems", connect_another):
        return stack.call(AUTHORIZE, asking(client), token=token)


@refusing(WITHDRAW, errors.ApplicationNotFoundError)
def not_connected(stack: Stack, _: Clock) -> Answer:
    return stack.call(WITHDRAW, {"client_id": "nobody"}, token=seeds.issue_access(seeds.new_account()))


@refusing(WITHDRAW, errors.ConflictError)
def withdrawn_meanwhile(stack: Stack, _: Clock) -> Answer:
    client, token = spa(stack), seeds.issue_access(seeds.new_account())
    stack.call(AUTHORIZE, allowing(client), token=token)
    body = {"client_id": client["client_id"]}
    with meanwhile("TransactWriteItems", lambda: stack.call(WITHDRAW, body, token=token)):
        return stack.call(WITHDRAW, body, token=token)
