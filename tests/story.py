"""The whole story of an account, told to one stack: every function does everything it can do at least once."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from local import simulator
from rekey import clock
from rekey_admin.imports import Import, Report
from rekey_admin.incoming import judge
from rekey_admin.tables import Pool
from tests.stack import Account, Answer, Clock, Stack, code_at, next_code, wrong_code

SECOND_PASSWORD = "Another-Horse-7"
THIRD_PASSWORD = "Third-Horse-Rides-5"
WRONG_PASSWORD = "Mistaken-Horse-3"
SERVICE = "arn:aws:sts::123456789012:assumed-role/orders/i-0123456789"
ADMIN = "arn:aws:iam::123456789012:user/ada"


def tell(stack: Stack, frozen: Clock) -> Account:
    """From sign-up to cleanup; the account as it is in the end."""
    account = stack.sign_up()
    frozen.advance(60)
    stack.call("POST /sign-up", {"email": account.email})
    stack.deliver()
    _sessions(stack, frozen, account)
    _password(stack, frozen, account)
    account = _second_factor(stack, frozen, stack.sign_in_again(account))
    _mails(stack, account)
    _locks(stack, frozen, account)
    stack.deliver()
    _administration(stack, frozen)
    stack.deliver()
    import_account()
    stack.deliver()
    _clean_up(stack, frozen)
    return account


def _sessions(stack: Stack, frozen: Clock, account: Account) -> None:
    """Rotated, stolen, looked at, guarded, ended in every way."""
    stolen = stack.sign_in_again(account)
    stack.refresh(stolen.refresh_token)
    stack.refresh(stolen.refresh_token)
    frozen.advance(60)
    assert stack.refresh(stolen.refresh_token).code == "invalid_grant"
    others = [stack.sign_in_again(account) for _ in range(4)]
    assert stack.invoke("authorizer", authorizing(others[0].access_token))["isAuthorized"]
    assert not stack.invoke("authorizer", authorizing("rka_x"))["isAuthorized"]
    introspected = stack.call("POST /oauth/introspect", form={"token": others[0].access_token}, caller=SERVICE)
    assert introspected.json["active"]
    session_id = stack.call("GET /account", token=account.access_token).json["sessions"][0]["session_id"]
    revoke = "POST /revoke-tokens"
    assert stack.call(revoke, {"scope": "session", "session_id": session_id}, token=others[0].access_token).status
    assert stack.call("POST /oauth/revoke", form={"token": others[1].refresh_token}).status == 200
    assert stack.call(revoke, {"scope": "others"}, token=account.access_token).status == 204
    assert stack.call(revoke, {"scope": "all"}, token=account.access_token).status == 204
    assert stack.call("POST /sign-in", {"email": account.email, "password": WRONG_PASSWORD}).status == 401
    assert stack.call("POST /sign-in", {"email": "nobody@example.com", "password": WRONG_PASSWORD}).status == 401


def _password(stack: Stack, frozen: Clock, account: Account) -> None:
    """Changed, forgotten and reset."""
    signed_in = stack.sign_in_again(account)
    body = {"current_password": account.password, "new_password": SECOND_PASSWORD}
    assert stack.call("POST /change", body, token=signed_in.access_token).status == 204
    frozen.advance(60)
    assert stack.call("POST /forgot", {"email": account.email}).status == 202
    token = stack.mailed_token(account.email)
    assert stack.call("POST /reset", {"token": token, "new_password": THIRD_PASSWORD}).status == 204
    account.password = THIRD_PASSWORD


def _second_factor(stack: Stack, frozen: Clock, account: Account) -> Account:
    """Turned on, used both ways, its recovery codes replaced, turned off, and on again."""
    assert stack.call("POST /totp/setup", {"password": account.password}, token=account.access_token).status == 200
    stack.enable_totp(account)
    second_step = {"challenge_token": stack.challenge(account), "recovery_code": account.recovery_codes.pop()}
    assert stack.call("POST /sign-in/totp", second_step).status == 200
    frozen.advance(60)
    answer = stack.call("POST /sign-in/totp", {"challenge_token": stack.challenge(account), "code": next_code(account)})
    assert answer.status == 200
    body = {"password": account.password, "code": code_at(account, 60)}
    frozen.advance(60)
    answer = stack.call("POST /totp/recovery-codes", body, token=account.access_token)
    assert answer.status == 200
    body = {"password": account.password, "recovery_code": answer.json["recovery_codes"][0]}
    assert stack.call("POST /totp/disable", body, token=account.access_token).status == 204
    return stack.enable_totp(account)


def _mails(stack: Stack, account: Account) -> None:
    """Come back, and arrive."""
    stack.deliver()
    assert stack.invoke("feedback", simulator.sns_event("{}"))["outcomes"] == ["not_understood"]
    assert stack.invoke("feedback", simulator.sns_event(simulator.fate(account.email)))["outcomes"]
    assert stack.call("GET /account", token=account.access_token).json["delivery"]
    assert stack.call("POST /email/verify", {}, token=account.access_token).status == 202
    body = {"token": stack.mailed_token(account.email)}
    assert stack.call("POST /email/verify/complete", body).status == 204


def _locks(stack: Stack, frozen: Clock, account: Account) -> None:
    """Wrong passwords and codes everywhere one can be sent, up to the lock and its report."""
    other = stack.sign_up("bob@example.com")
    stack.begin_totp(other)
    change = {"current_password": WRONG_PASSWORD, "new_password": SECOND_PASSWORD}
    challenge = {"challenge_token": stack.challenge(account)}
    for _ in range(int(stack.template.parameters["AttemptLimit"])):
        stack.call("POST /sign-in", {"email": account.email, "password": WRONG_PASSWORD})
        stack.call("POST /sign-in/totp", {**challenge, "code": wrong_code(account)})
        stack.call("POST /change", change, token=account.access_token)
        stack.call("POST /totp/verify", {"code": wrong_code(other)}, token=other.access_token)
        stack.call("POST /totp/setup", {"password": WRONG_PASSWORD}, token=other.access_token)
    frozen.advance(int(stack.template.parameters["AttemptPeriod"]))
    disable = {"password": account.password, "code": wrong_code(account)}
    access_token = stack.refresh(account.refresh_token).json["access_token"]
    for _ in range(int(stack.template.parameters["AttemptLimit"])):
        stack.call("POST /totp/disable", disable, token=access_token)


def _administration(stack: Stack, frozen: Clock) -> None:
    """Everything an admin may do, to an account that is deleted in the end."""
    account = stack.enable_totp(stack.sign_up("carol@example.com"))
    stack.call("POST /sign-up", {"email": "dave@example.com"})
    assert administer(stack, "find", {"email": "dave@example.com"}).json["state"] == "unregistered"
    stop_mails(stack, account.email)
    for act in ("mail-again", "force-sign-in", "clear-totp", "unlock", "disable", "enable", "reset-password"):
        assert administer(stack, act, {"email": account.email}).status in {202, 204}, act
    frozen.advance(60)
    assert stack.call("POST /forgot", {"email": account.email}).status == 202
    stack.deliver()
    assert administer(stack, "find", {"email": account.email}).json["events"][0]["type"] == "password.reset_requested"
    assert administer(stack, "delete", {"account_id": account.account_id}).json["finished"]
    assert administer(stack, "find", {"account_id": account.account_id}).json["state"] == "deleted"


def administer(stack: Stack, act: str, body: dict[str, Any]) -> Answer:
    """A call of an admin's, with all that it takes besides whom it is about."""
    also = {"find": {}, "force-sign-in": {"confirm": True}, "delete": {"confirm": True}}.get(act, {})
    reason = {} if act == "find" else {"reason": "Ticket 4711"}
    return stack.call(f"POST /admin/{act}", {**reason, **also, **body}, caller=ADMIN)


def stop_mails(stack: Stack, email: str) -> list[str]:
    """A mail comes back for good. What that leads to."""
    bounce = {
        "bounceType": "Permanent",
        "bounceSubType": "General",
        "bouncedRecipients": [{"emailAddress": email}],
    }
    told = simulator.notification("Bounce", address=email, at=clock.now(), **bounce)
    outcomes: list[str] = stack.invoke("feedback", simulator.sns_event(told))["outcomes"]
    return outcomes


def import_account() -> None:
    """As `rekey-admin import` does, for each row of a file."""
    with Report(Path(os.devnull)) as report, Pool() as pool:
        Import(report, pool, ADMIN, dry=False).add([judge(1, {"email": "imported@example.com"}, unverified=False)])
        assert report.added == 1


def _clean_up(stack: Stack, frozen: Clock) -> None:
    """While sessions live, some of them revoked, and when all have expired."""
    now = frozen.now
    for seconds in (60, int(stack.template.parameters["SessionLife"])):
        frozen.advance(seconds)
        assert stack.invoke("cleanup", {}, context())["finished"]
    frozen.now = now


def authorizing(access_token: str) -> dict[str, Any]:
    """What API Gateway asks an authorizer."""
    return {"version": "2.0", "type": "REQUEST", "headers": {"authorization": f"Bearer {access_token}"}}


def context(milliseconds: int = 300_000) -> Any:
    """Lambda's context, with so much time left."""
    return SimpleNamespace(get_remaining_time_in_millis=lambda: milliseconds)
