"""Applications get tokens, replace them, ask about them and give them back."""

from __future__ import annotations

from rekey.oauth import signing_keys
from tests import seeds
from tests.scenarios.scenario import Request, scenario
from tests.stack import Answer, Stack

CALLS = "BatchGetItem TransactWriteItems"


@scenario(
    "POST /oauth/token",
    "code",
    calls="BatchGetItem TransactWriteItems+Sign",
    answers="200",
    again="400 invalid_grant",
    ends_again=True,
)
def redeem(_: Stack) -> Request:
    account, client = seeds.new_account(), seeds.register()
    signing_keys.current()  # as a function has it that is warm
    return Request(form=seeds.redeeming(seeds.issue_code(account, client), client))


@scenario(
    "POST /oauth/token",
    "code, without openid",
    calls=CALLS,
    answers="200",
    again="400 invalid_grant",
    ends_again=True,
)
def redeem_without_id_token(_: Stack) -> Request:
    account, client = seeds.new_account(), seeds.register()
    return Request(form=seeds.redeeming(seeds.issue_code(account, client, ["orders:read"]), client))


@scenario(
    "POST /oauth/token",
    "code for a JWT",
    calls="BatchGetItem Sign TransactWriteItems+Sign#2",
    answers="200",
    again="400 invalid_grant",
    ends_again=True,
)
def redeem_for_jwt(_: Stack) -> Request:
    account, client = seeds.new_account(), seeds.register(access_tokens="jwt")
    signing_keys.current()
    return Request(form=seeds.redeeming(seeds.issue_code(account, client), client))


@scenario("POST /oauth/token", "code twice", calls=CALLS, answers="400 invalid_grant", again="400 invalid_grant")
def redeem_twice(stack: Stack) -> Request:
    right = redeem.prepare(stack)
    assert right.send(stack, "POST /oauth/token").status == 200
    return right


@scenario("POST /oauth/token", "application", calls="BatchGetItem UpdateItem.tokens", answers="200", again="200")
def refresh(stack: Stack) -> Request:
    """Of an application that keeps a secret."""
    (client, secret), account = seeds.register_confidential(), seeds.new_account()
    tokens = redeemed(stack, seeds.redeeming(seeds.issue_code(account, client), client, client_secret=secret)).json
    return Request(
        form={
            "grant_type": "refresh_token",
            "refresh_token": tokens["refresh_token"],
            "client_id": client["client_id"],
            "client_secret": secret,
        }
    )


@scenario(
    "POST /oauth/token", "application, JWT", calls="BatchGetItem Sign UpdateItem.tokens", answers="200", again="200"
)
def refresh_jwt(stack: Stack) -> Request:
    account, client = seeds.new_account(), seeds.register(access_tokens="jwt")
    tokens = redeemed(stack, seeds.redeeming(seeds.issue_code(account, client), client)).json
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    return Request(form={**form, "client_id": client["client_id"]})


@scenario("POST /oauth/revoke", "application", calls=CALLS, answers="200", again="200")
def revoke(stack: Stack) -> Request:
    account, client = seeds.new_account(), seeds.register()
    tokens = redeemed(stack, seeds.redeeming(seeds.issue_code(account, client), client)).json
    return Request(form={"token": tokens["refresh_token"], "client_id": client["client_id"]})


@scenario("POST /oauth/introspect/client", calls="BatchGetItem", answers="200", again="200")
def introspect(stack: Stack) -> Request:
    """An API that is registered for the audience of an application's token."""
    account, client = seeds.new_account(), seeds.register()
    api, secret = seeds.register_confidential(type="service", redirect_uris=[])
    tokens = redeemed(stack, seeds.redeeming(seeds.issue_code(account, client), client)).json
    return Request(form={"token": tokens["access_token"], "client_id": api["client_id"], "client_secret": secret})


@scenario("GET /oauth/userinfo", calls="BatchGetItem", answers="200", again="200")
def userinfo(_: Stack) -> Request:
    return Request(token=seeds.issue_granted(seeds.new_account(), seeds.register()).access_token)


@scenario("POST /oauth/userinfo", "by POST", calls="BatchGetItem", answers="200", again="200")
def userinfo_by_post(stack: Stack) -> Request:
    return userinfo.prepare(stack)


def redeemed(stack: Stack, form: dict[str, str]) -> Answer:
    answer = stack.call("POST /oauth/token", form=form)
    assert answer.status == 200, answer.text
    return answer
