"""How many calls of AWS each flow makes when it succeeds: design.md's budgets, exactly."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests import story
from tests.calls import recording
from tests.stack import Account, Stack, code_at, next_code

Flow = Callable[[Stack, Account], Callable[[], object]]


def _forgot(stack: Stack, account: Account) -> Callable[[], object]:
    return lambda: stack.call("POST /forgot", {"email": account.email})


def _reset(stack: Stack, account: Account) -> Callable[[], object]:
    stack.call("POST /forgot", {"email": account.email})
    body = {"token": stack.mailed_token(), "new_password": story.SECOND_PASSWORD}
    return lambda: stack.call("POST /reset", body)


def _revoke(scope: str) -> Flow:
    return lambda stack, account: (
        lambda: stack.call("POST /revoke-tokens", {"scope": scope}, token=account.access_token)
    )


def _revoke_one(stack: Stack, account: Account) -> Callable[[], object]:
    session_id = stack.call("GET /account", token=account.access_token).json["sessions"][0]["session_id"]
    body = {"scope": "session", "session_id": session_id}
    return lambda: stack.call("POST /revoke-tokens", body, token=account.access_token)


def _change(stack: Stack, account: Account) -> Callable[[], object]:
    body = {"current_password": account.password, "new_password": story.SECOND_PASSWORD}
    return lambda: stack.call("POST /change", body, token=account.access_token)


def _setup(stack: Stack, account: Account) -> Callable[[], object]:
    return lambda: stack.call("POST /totp/setup", {}, token=account.access_token)


def _verify(stack: Stack, account: Account) -> Callable[[], object]:
    stack.begin_totp(account)
    return lambda: stack.call("POST /totp/verify", {"code": code_at(account, 0)}, token=account.access_token)


def _disable(stack: Stack, account: Account) -> Callable[[], object]:
    stack.enable_totp(account)
    body = {"password": account.password, "code": next_code(account)}
    return lambda: stack.call("POST /totp/disable", body, token=account.access_token)


def _replace_codes(stack: Stack, account: Account) -> Callable[[], object]:
    stack.enable_totp(account)
    body = {"password": account.password, "code": next_code(account)}
    return lambda: stack.call("POST /totp/recovery-codes", body, token=account.access_token)


def _challenged(stack: Stack, account: Account) -> Callable[[], object]:
    stack.enable_totp(account)
    return lambda: stack.sign_in(account)


def _second_step(stack: Stack, account: Account) -> Callable[[], object]:
    stack.enable_totp(account)
    body = {"challenge_token": stack.challenge(account), "code": next_code(account)}
    return lambda: stack.call("POST /sign-in/totp", body)


def _admin(act: str) -> Flow:
    """A call of an admin's by the account's id; by its address it takes one more."""
    return lambda stack, account: lambda: story.administer(stack, act, {"account_id": account.account_id})


def _clear_totp(stack: Stack, account: Account) -> Callable[[], object]:
    stack.enable_totp(account)
    return _admin("clear-totp")(stack, account)


def _enable(stack: Stack, account: Account) -> Callable[[], object]:
    story.administer(stack, "disable", {"account_id": account.account_id})
    return _admin("enable")(stack, account)


def _mail_again(stack: Stack, account: Account) -> Callable[[], object]:
    story.stop_mails(stack, account.email)
    return _admin("mail-again")(stack, account)


def _verified(stack: Stack, account: Account) -> Callable[[], object]:
    stack.call("POST /email/verify", {}, token=account.access_token)
    body = {"token": stack.mailed_token()}
    return lambda: stack.call("POST /email/verify/complete", body)


BUDGETS: dict[str, tuple[int, Flow]] = {
    "authorizer": (
        1,
        lambda stack, account: lambda: stack.invoke("authorizer", story.authorizing(account.access_token)),
    ),
    "introspect": (
        1,
        lambda stack, account: (
            lambda: stack.call("POST /oauth/introspect", form={"token": account.access_token}, caller=story.SERVICE)
        ),
    ),
    "forgot": (1, _forgot),
    "reset": (2, _reset),
    "revoke all": (2, _revoke("all")),
    "revoke others": (2, _revoke("others")),
    "revoke one": (2, _revoke_one),
    "OAuth revoke": (
        2,
        lambda stack, account: lambda: stack.call("POST /oauth/revoke", form={"token": account.refresh_token}),
    ),
    "refresh": (2, lambda stack, account: lambda: stack.refresh(account.refresh_token)),
    "change": (3, _change),
    "verify-email": (
        2,
        lambda stack, account: lambda: stack.call("POST /email/verify", {}, token=account.access_token),
    ),
    "verify-email/complete": (2, _verified),
    "sign-in": (4, lambda stack, account: lambda: stack.sign_in(account)),
    "sign-in with two factors": (4, _challenged),
    "totp-setup": (3, _setup),
    "totp-verify": (4, _verify),
    "totp-recovery-codes": (4, _replace_codes),
    "totp-disable": (4, _disable),
    "sign-in/totp": (4, _second_step),
    "admin find": (5, _admin("find")),
    "admin reset-password": (3, _admin("reset-password")),
    "admin mail-again": (3, _mail_again),
    "admin force-sign-in": (2, _admin("force-sign-in")),
    "admin clear-totp": (2, _clear_totp),
    "admin unlock": (3, _admin("unlock")),
    "admin disable": (2, _admin("disable")),
    "admin enable": (2, _enable),
    # Gone in two; then a look into each of three partitions, and a batch for each that holds a row.
    "admin delete": (8, _admin("delete")),
}


@pytest.mark.parametrize(("budget", "flow"), BUDGETS.values(), ids=BUDGETS)
def test_calls(stack: Stack, account: Account, budget: int, flow: Flow) -> None:
    """A flow that succeeds makes just the calls it is allowed."""
    succeed = flow(stack, account)

    with recording() as calls:
        answer = succeed()

    assert getattr(answer, "status", 200) < 300
    assert len(calls) == budget, [call.operation for call in calls]
