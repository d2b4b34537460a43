"""Sessions are refreshed, looked at by a service, and ended."""

from __future__ import annotations

from tests import seeds
from tests.actors import SERVICE
from tests.scenarios.scenario import Request, scenario
from tests.stack import Stack

CALLS = "BatchGetItem TransactWriteItems"


@scenario("POST /oauth/token", calls="BatchGetItem UpdateItem.tokens", answers="200", again="200")
def refresh(_: Stack) -> Request:
    return _refreshing(seeds.issue_session(seeds.new_account()).refresh_token)


@scenario("POST /oauth/token", "reuse", calls=CALLS, answers="400 invalid_grant", again="400 invalid_grant")
def reuse(stack: Stack) -> Request:
    """A refresh token that was replaced twice."""
    token = seeds.issue_session(seeds.new_account()).refresh_token
    stack.refresh(stack.refresh(token).json["refresh_token"])
    return _refreshing(token)


@scenario("POST /oauth/token", "narrowed", calls="BatchGetItem UpdateItem.tokens", answers="200", again="200")
def narrow(_: Stack) -> Request:
    return _refreshing(seeds.issue_session(seeds.new_account()).refresh_token).varied(scope="openid")


@scenario("POST /revoke-tokens", "all", calls=CALLS, answers="204", again="401 access_token_invalid")
def revoke_all(_: Stack) -> Request:
    return Request({"scope": "all"}, token=seeds.issue_access(seeds.new_account()))


@scenario("POST /revoke-tokens", "others", calls=CALLS, answers="204", again="204", repeatable=True)
def revoke_others(_: Stack) -> Request:
    return Request({"scope": "others"}, token=seeds.issue_access(seeds.new_account()))


@scenario("POST /revoke-tokens", "one", calls=CALLS, answers="204", again="404 session_not_found")
def revoke_one(_: Stack) -> Request:
    seeds.issue_session(account := seeds.new_account())
    body = {"scope": "session", "session_id": seeds.sessions_of(account)[0]["session_id"]}
    return Request(body, token=seeds.issue_access(account))


@scenario("POST /oauth/revoke", calls=CALLS, answers="200", again="200")
def revoke_by_token(_: Stack) -> Request:
    return Request(form={"token": seeds.issue_session(seeds.new_account()).refresh_token})


@scenario("POST /oauth/introspect", calls="BatchGetItem", answers="200", again="200")
def introspect(_: Stack) -> Request:
    return Request(form={"token": seeds.issue_access(seeds.new_account())}, caller=SERVICE)


def _refreshing(token: str) -> Request:
    return Request(form={"grant_type": "refresh_token", "refresh_token": token})


@scenario("POST /devices/forget", calls=CALLS, answers="204", again="404 device_not_found")
def forget_device(_: Stack) -> Request:
    device = seeds.issue_device(account := seeds.new_account())
    return Request({"device_id": device.token_id}, token=seeds.issue_access(account))
