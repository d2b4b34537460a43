"""examples/guarded-api behind Rekey's authorizer: who is let in, what the API learns, and when revoking is seen."""

from __future__ import annotations

import json
from typing import Any
from urllib.error import HTTPError

import pytest

from local.guarded import GuardedApi, load_example
from local.server import Received, Sent
from local.template import REGION, ROOT, ParameterError, load_template
from rekey.sessions import tokens
from tests.calls import recording
from tests.local.conftest import Running
from tests.stack import Account, Clock, Stack


class Caller:
    """Asks the guarded API for /who."""

    def __init__(self, stack: Stack, frozen: Clock, cache: int) -> None:
        def authorize(event: dict[str, Any], _context: Any) -> Any:
            return stack.invoke("authorizer", event)

        self._api = GuardedApi(load_example(AuthorizerCache=str(cache)), authorize, lambda: frozen.now)

    def ask(self, authorization: str | None) -> Sent:
        headers = [("authorization", authorization)] if authorization is not None else []
        return self._api.answer(Received("GET", "/who", "", headers, b"", "192.0.2.1"))

    def status(self, account: Account) -> int:
        return self.ask(f"Bearer {account.access_token}").status

    def preflight(self, origin: str) -> Sent:
        asked = {"origin": origin, "access-control-request-method": "GET"}
        return self._api.answer(Received("OPTIONS", "/who", "", [*asked.items()], b"", "192.0.2.1"))


@pytest.fixture
def caller(stack: Stack, frozen: Clock) -> Caller:
    """With the authorizer asked each time, as the example has it."""
    return Caller(stack, frozen, 0)


def revoke(stack: Stack, account: Account) -> None:
    assert stack.call("POST /revoke-tokens", {"scope": "all"}, token=account.access_token).status == 204


def test_the_function_learns_who_is_calling(caller: Caller, account: Account, frozen: Clock) -> None:
    """What the authorizer found reaches the function, which looks up nothing."""
    token = tokens.parse_token("rka", account.access_token)
    assert token

    with recording() as calls:
        sent = caller.ask(f"Bearer {account.access_token}")

    assert json.loads(sent.body) == {
        "account_id": account.account_id,
        "session_id": token.token_id,
        "authenticated_at": frozen.now,
        "method": "pwd sign-up",
    }
    assert [call.operation for call in calls] == ["BatchGetItem"]


def test_revoked_is_refused_on_the_next_request(caller: Caller, stack: Stack, account: Account) -> None:
    """Without a cache there is no moment in which a revoked token still passes."""
    assert caller.status(account) == 200
    revoke(stack, account)

    assert caller.status(account) == 403


def test_with_a_cache_until_it_ends(stack: Stack, account: Account, frozen: Clock) -> None:
    """With a cache a revoked token passes for as long as the answer about it is kept, and not a second more."""
    caller = Caller(stack, frozen, 60)
    assert caller.status(account) == 200
    revoke(stack, account)

    frozen.advance(59)
    assert caller.status(account) == 200
    frozen.advance(1)
    assert caller.status(account) == 403


def test_the_cache_is_of_one_token(stack: Stack, account: Account, frozen: Clock) -> None:
    """What is kept of one token lets no other in."""
    caller = Caller(stack, frozen, 60)
    assert caller.status(account) == 200

    assert caller.ask("Bearer rka_x").status == 403


@pytest.mark.parametrize(("authorization", "status"), [(None, 401), ("", 401), ("Bearer x", 403), ("Basic YTpi", 403)])
def test_others_are_refused(caller: Caller, authorization: str | None, status: int) -> None:
    """Without the header nothing is asked; with another one the answer is no."""
    assert caller.ask(authorization).status == status


def test_both_templates_agree(stack: Stack) -> None:
    """The example uses the authorizer as it answers, through an output that Rekey has, and lets no other API ask it."""
    example = load_example()
    (api,) = example.resources("AWS::Serverless::HttpApi").values()
    (permission,) = example.resources("AWS::Lambda::Permission").values()
    guard = example.resolve(api)["Auth"]["Authorizers"]["Rekey"]

    assert load_template().document["Outputs"]["AuthorizerArn"]
    assert (guard["AuthorizerPayloadFormatVersion"], guard["EnableSimpleResponses"]) == ("2.0", True)
    assert guard["FunctionArn"] == example.parameters["AuthorizerArn"]
    assert guard["Identity"] == {"Headers": ["Authorization"], "ReauthorizeEvery": "0"}
    assert example.resolve(permission)["FunctionName"] == example.parameters["AuthorizerArn"]
    assert example.resolve(permission)["SourceArn"].endswith(":Api/authorizers/*")
    assert stack


@pytest.mark.parametrize("name", ["AuthorizerArn", "AuthorizerCache"])
def test_parameters_are_checked(name: str) -> None:
    """What is no function's ARN, or a cache of more than an hour, is refused."""
    with pytest.raises(ParameterError, match=name):
        load_example(**{name: "36000"})


def test_the_documented_question(instance: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """The call of introspection that docs/guard-an-api.md shows works as it stands, and sees a revocation."""
    document = (ROOT / "docs/guard-an-api.md").read_text()
    shown: dict[str, Any] = {}
    exec(document.partition("```python\n")[2].partition("```")[0], shown)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")
    _, token = instance.sign_up()

    def find_caller(token: str = token) -> Any:
        return shown["find_caller"](f"http://127.0.0.1:{instance.port}", REGION, token)

    assert [find_caller(""), find_caller("rka_forged")] == [None, None]
    assert find_caller()["sid"]
    assert instance.client.call("POST /revoke-tokens", {"scope": "all"}, bearer=token).status == 204
    assert find_caller() is None
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "stolen")
    with pytest.raises(HTTPError, match="403") as refused:
        find_caller()
    refused.value.close()


def test_a_browser_may_ask(caller: Caller) -> None:
    """A page's preflight has no token: it is answered without the authorizer, and lets a listed origin send one."""
    sent = caller.preflight("http://localhost:3000")

    told = dict(sent.headers)
    assert sent.status == 204
    assert told["Access-Control-Allow-Origin"] == "http://localhost:3000"
    assert (told["Access-Control-Allow-Methods"], told["Access-Control-Allow-Headers"]) == ("GET", "authorization")
    assert caller.preflight("https://elsewhere.example").headers == []


def test_an_answer_names_the_origin(stack: Stack, frozen: Clock, account: Account) -> None:
    """So the page that asked may read it."""
    api = GuardedApi(load_example(), lambda event, _: stack.invoke("authorizer", event), lambda: frozen.now)
    headers = [("authorization", f"Bearer {account.access_token}"), ("origin", "http://localhost:3000")]

    sent = api.answer(Received("GET", "/who", "", headers, b"", "192.0.2.1"))

    assert (sent.status, dict(sent.headers)["Access-Control-Allow-Origin"]) == (200, "http://localhost:3000")
