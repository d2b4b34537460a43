"""The flows, each with the AWS calls of its happy path: to add one is to add a line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pyotp
from argon2 import PasswordHasher

from rekey import clock, ids
from rekey.aws import store
from rekey.credentials import totp
from rekey.settings import settings
from tests import story
from tests.engine import seeds
from tests.stack import PASSWORD, Answer, Stack
from tests.story import SERVICE

Attempt = Callable[[], Answer]
NEW_PASSWORD = "Another-Horse-10"
OUTDATED = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1, hash_len=4, salt_len=8)


@dataclass(frozen=True)
class Flow:
    """What is asked for, and what is answered: at first, and when it is asked again though it was done."""

    name: str
    calls: str
    prepare: Callable[[Stack], Attempt]
    answers: str
    again: str
    repeatable: bool = False  # done again, it happens again: each sign-in makes a session


def _post(stack: Stack, path: str, body: Any, access: str | None = None) -> Attempt:
    return partial(stack.call, f"POST {path}", body, token=access)


def _ask_for_mail(stack: Stack, path: str) -> Attempt:
    return _post(stack, path, {"email": f"{ids.new_id()}@example.com"})


def _complete(stack: Stack) -> Attempt:
    token = seeds.issue_sign_up(f"{ids.new_id()}@example.com")
    return _post(stack, "/sign-up/complete", {"token": token, "password": PASSWORD})


def _sign_in(stack: Stack, *, protected: bool = False, outdated: bool = False) -> Attempt:
    account = seeds.new_account()
    if protected:
        seeds.protect(account)
    if outdated:
        store.put(settings().accounts_table, {**account, "password_hash": OUTDATED.hash(PASSWORD)})
    return _post(stack, "/sign-in", {"email": account["email"], "password": PASSWORD})


def _second_factor(stack: Stack, *, recovery: bool) -> Attempt:
    account = seeds.new_account()
    proof = _protect(account, recovery=recovery)
    return _post(stack, "/sign-in/totp", {"challenge_token": seeds.issue_challenge(account), **proof})


def _protect(account: store.Row, *, recovery: bool) -> dict[str, str]:
    codes = seeds.protect(account)
    return {"recovery_code": codes[0]} if recovery else {"code": _code()}


def _code() -> str:
    return pyotp.TOTP(totp.as_typed(seeds.SECRET)).at(clock.now())


def _change(stack: Stack) -> Attempt:
    access = seeds.issue_session(seeds.new_account()).access_token
    return _post(stack, "/change", {"current_password": PASSWORD, "new_password": NEW_PASSWORD}, access)


def _reset(stack: Stack) -> Attempt:
    return _post(stack, "/reset", {"token": seeds.issue_reset(seeds.new_account()), "new_password": NEW_PASSWORD})


def _verify_email(stack: Stack) -> Attempt:
    return _post(stack, "/email/verify", {}, seeds.issue_session(seeds.new_account()).access_token)


def _email_verified(stack: Stack) -> Attempt:
    return _post(stack, "/email/verify/complete", {"token": seeds.issue_email_verification(seeds.new_account())})


def _totp_setup(stack: Stack, **body: str) -> Attempt:
    return _post(stack, "/totp/setup", body, seeds.issue_session(seeds.new_account()).access_token)


def _totp_verify(stack: Stack) -> Attempt:
    account = seeds.new_account()
    seeds.begin_enrolment(account)
    return _post(stack, "/totp/verify", {"code": _code()}, seeds.issue_session(account).access_token)


def _totp_proven(stack: Stack, path: str, *, recovery: bool) -> Attempt:
    account = seeds.new_account()
    body = {"password": PASSWORD, **_protect(account, recovery=recovery)}
    return _post(stack, path, body, seeds.issue_session(account).access_token)


def _revoke(stack: Stack, scope: str) -> Attempt:
    return _post(stack, "/revoke-tokens", {"scope": scope}, seeds.issue_session(seeds.new_account()).access_token)


def _revoke_one(stack: Stack) -> Attempt:
    account = seeds.new_account()
    seeds.issue_session(account)
    body = {"scope": "session", "session_id": seeds.sessions_of(account)[0]["session_id"]}
    return _post(stack, "/revoke-tokens", body, seeds.issue_session(account).access_token)


def _oauth_revoke(stack: Stack) -> Attempt:
    token = seeds.issue_session(seeds.new_account()).refresh_token
    return partial(stack.call, "POST /oauth/revoke", form={"token": token})


def _introspect(stack: Stack) -> Attempt:
    token = seeds.issue_session(seeds.new_account()).access_token
    return partial(stack.call, "POST /oauth/introspect", form={"token": token}, caller=SERVICE)


def _refresh(stack: Stack, token: str = "") -> Attempt:
    token = token or seeds.issue_session(seeds.new_account()).refresh_token
    return partial(stack.call, "POST /oauth/token", form={"grant_type": "refresh_token", "refresh_token": token})


def _reuse(stack: Stack) -> Attempt:
    """A refresh token that was replaced twice."""
    attempt = _refresh(stack)
    _refresh(stack, attempt().json["refresh_token"])()
    return attempt


def _account(stack: Stack) -> Attempt:
    return partial(stack.call, "GET /account", token=seeds.issue_session(seeds.new_account()).access_token)


def _admin(
    stack: Stack, act: str, *, protected: bool = False, disabled: bool = False, stopped: bool = False
) -> Attempt:
    account = seeds.new_account()
    if protected:
        seeds.protect(account)
    if disabled:
        story.administer(stack, "disable", {"account_id": account["account_id"]})
    if stopped:
        story.stop_mails(stack, account["email"])
    return partial(story.administer, stack, act, {"account_id": account["account_id"]})


_SIGN_IN = "UpdateItem.accounts UpdateItem.tokens GetItem.accounts TransactWriteItems"
_SESSION = "BatchGetItem TransactWriteItems"
_PROVEN = "BatchGetItem UpdateItem.accounts TransactWriteItems"
_CODE = "BatchGetItem UpdateItem.accounts Decrypt TransactWriteItems"
_SETUP = "BatchGetItem Encrypt PutItem.tokens"
_SETUP_AGAIN = "BatchGetItem UpdateItem.accounts Encrypt PutItem.tokens"
_REPLACE = partial(_totp_proven, path="/totp/recovery-codes", recovery=False)
_DISABLE = partial(_totp_proven, path="/totp/disable", recovery=False)
_LOOK = "BatchGetItem Query.tokens GetItem.accounts Query.accounts Query.accounts#2"
_FIND = "GetItem.accounts GetItem.accounts#2 Query.tokens Query.accounts Query.accounts#2"
_CHANGED = "GetItem.accounts TransactWriteItems"
_LOOKED_AND_CHANGED = "GetItem.accounts GetItem.accounts#2 TransactWriteItems"
_DELETED = "GetItem.accounts TransactWriteItems Query.tokens Query.accounts Query.accounts#2"

FLOWS = (
    Flow("sign-up", "TransactWriteItems", partial(_ask_for_mail, path="/sign-up"), "202", "202"),
    Flow("complete", "GetItem.tokens TransactWriteItems", _complete, "201", "400 token_invalid"),
    Flow("sign-in", _SIGN_IN, _sign_in, "200", "200", repeatable=True),
    Flow("rehash", _SIGN_IN, partial(_sign_in, outdated=True), "200", "200", repeatable=True),
    Flow("challenge", _SIGN_IN, partial(_sign_in, protected=True), "200", "200", repeatable=True),
    Flow("code", _CODE, partial(_second_factor, recovery=False), "200", "401 challenge_invalid"),
    Flow("recovery-code", _PROVEN, partial(_second_factor, recovery=True), "200", "401 challenge_invalid"),
    Flow("change", _PROVEN, _change, "204", "401 invalid_credentials"),
    Flow("forgot", "TransactWriteItems", partial(_ask_for_mail, path="/forgot"), "202", "202"),
    Flow("reset", _SESSION, _reset, "204", "400 token_invalid"),
    Flow("verify-email", _SESSION, _verify_email, "202", "429 too_many_requests"),
    Flow("email-verified", "GetItem.tokens TransactWriteItems", _email_verified, "204", "400 token_invalid"),
    Flow("setup", _SETUP, _totp_setup, "200", "200"),
    Flow("setup-with-password", _SETUP_AGAIN, partial(_totp_setup, password=PASSWORD), "200", "200"),
    Flow("verify", _CODE, _totp_verify, "200", "409 totp_already_enabled"),
    Flow("replace-codes", _CODE, _REPLACE, "200", "401 totp_used"),
    Flow("replace-codes-by-one", _PROVEN, partial(_REPLACE, recovery=True), "200", "401 recovery_code_invalid"),
    Flow("disable", _CODE, _DISABLE, "204", "409 totp_not_enabled"),
    Flow("disable-by-recovery-code", _PROVEN, partial(_DISABLE, recovery=True), "204", "409 totp_not_enabled"),
    Flow("revoke-all", _SESSION, partial(_revoke, scope="all"), "204", "401 token_invalid"),
    Flow("revoke-others", _SESSION, partial(_revoke, scope="others"), "204", "204", repeatable=True),
    Flow("revoke-one", _SESSION, _revoke_one, "204", "404 session_not_found"),
    Flow("oauth-revoke", _SESSION, _oauth_revoke, "200", "200"),
    Flow("refresh", "BatchGetItem UpdateItem.tokens", _refresh, "200", "200"),
    Flow("reuse", _SESSION, _reuse, "400 invalid_grant", "400 invalid_grant"),
    Flow("introspect", "BatchGetItem", _introspect, "200", "200"),
    Flow("account", _LOOK, _account, "200", "200"),
    Flow("admin-find", _FIND, partial(_admin, act="find"), "200", "200"),
    Flow("admin-reset", _LOOKED_AND_CHANGED, partial(_admin, act="reset-password"), "202", "429 too_many_requests"),
    Flow(
        "admin-mail",
        _LOOKED_AND_CHANGED,
        partial(_admin, act="mail-again", stopped=True),
        "204",
        "409 mail_not_stopped",
    ),
    Flow("admin-force", _CHANGED, partial(_admin, act="force-sign-in"), "204", "204", repeatable=True),
    Flow("admin-clear", _CHANGED, partial(_admin, act="clear-totp", protected=True), "204", "409 totp_not_enabled"),
    Flow("admin-unlock", _LOOKED_AND_CHANGED, partial(_admin, act="unlock"), "204", "204", repeatable=True),
    Flow("admin-disable", _CHANGED, partial(_admin, act="disable"), "204", "403 account_disabled"),
    Flow("admin-enable", _CHANGED, partial(_admin, act="enable", disabled=True), "204", "409 account_not_disabled"),
    Flow("admin-delete", _DELETED, partial(_admin, act="delete"), "200", "200"),
)
