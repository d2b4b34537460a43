"""The demo account: what events/*.json speak for. Its secrets are printed in this file, so it belongs in no real table.

`AWS_PORT=4566 python -m local.demo_account` puts it into the tables of the instance that `AWS_PORT=4566 make run` runs,
and anew each time: what an event has spent (a link, a password, a session) is as it was.
"""

from __future__ import annotations

import os

from local import aws, demo_clients
from local.template import Template, load_template
from rekey import clock
from rekey.accounts import accounts, addresses, keys
from rekey.aws import sdk, store
from rekey.aws.store import Row
from rekey.credentials import passwords, recovery_codes, totp
from rekey.sessions import one_time
from rekey.sessions.tokens import ACCESS, CHALLENGE, DEVICE, REFRESH, RESET, Token
from rekey.settings import settings

EMAIL = "demo@example.com"
PASSWORD = "Correct-Horse-9"
ACCOUNT_ID = "0194d3a0c0000000000000000001"
# A second account has two-factor sign-in on: what one account has, the other must lack for its events to work.
PROTECTED_EMAIL = "demo-2fa@example.com"
PROTECTED_ID = "0194d3a0c0000000000000000002"
TOTP_SECRET = b"rekey-demo-secret-20"
RECOVERY_CODE, OTHER_RECOVERY_CODE = "demo-demo-demo-demo-demo-demo", "deed-deed-deed-deed-deed-deed"

_SESSION_ID = "0194d3a0c0000000000000000003"
_RESET_ID = "0194d3a0c0000000000000000004"
DEVICE_ID = "0194d3a0c0000000000000000005"
_CHALLENGE_ID = "0194d3a0c0000000000000000006"
_FAR = 253402300799  # the end of the year 9999


def _token(purpose: str, owner: str, token_id: str) -> Token:
    return Token(purpose, owner, token_id, f"{purpose}-demo-no-secret".ljust(43, "-"))


ACCESS_TOKEN = _token(ACCESS, ACCOUNT_ID, _SESSION_ID)
REFRESH_TOKEN = _token(REFRESH, ACCOUNT_ID, _SESSION_ID)
PROTECTED_ACCESS_TOKEN = _token(ACCESS, PROTECTED_ID, _SESSION_ID)
CHALLENGE_TOKEN = _token(CHALLENGE, PROTECTED_ID, _CHALLENGE_ID)
RESET_TOKEN = _token(RESET, ACCOUNT_ID, _RESET_ID)
DEVICE_TOKEN = _token(DEVICE, addresses.email_digest(EMAIL), DEVICE_ID)


def seed(template: Template) -> None:
    """Put the demo account into the tables; the template's physical names must be known."""
    os.environ |= template.environment()
    password_hash = passwords.hash_password(PASSWORD)
    secret = totp.encrypt_secret(PROTECTED_ID, TOTP_SECRET)
    second_factor = {
        "totp_secret": secret,
        "totp_last_step": 0,
        "totp_enabled_at": clock.now(),
        "recovery_codes": {recovery_codes.digest(PROTECTED_ID, code) for code in (RECOVERY_CODE, OTHER_RECOVERY_CODE)},
    }
    demo_clients.seed()
    connected = {"name": "Demo site", "connection": _SESSION_ID, "scopes": ["openid"], "connected_at": clock.now()}
    _put_account(ACCOUNT_ID, EMAIL, {"password_hash": password_hash, "applications": {"demo-web": connected}})
    _put_account(PROTECTED_ID, PROTECTED_EMAIL, {"password_hash": password_hash, **second_factor})
    _put_session(ACCESS_TOKEN, REFRESH_TOKEN)
    _put_session(PROTECTED_ACCESS_TOKEN, _token(REFRESH, PROTECTED_ID, _SESSION_ID))
    _put_device()
    store.transact(one_time.voiding(keys.device(DEVICE_TOKEN.owner, _RESET_ID)))  # the link, if it was spent before
    pending = {"totp_secret": totp.encrypt_secret(ACCOUNT_ID, TOTP_SECRET), "epoch": 1, "expires_at": _FAR}
    tokens_table = settings().tokens_table
    store.put(tokens_table, {**keys.enrolment(ACCOUNT_ID), **pending})
    challenge = {"digest": CHALLENGE_TOKEN.digest(), "epoch": 1, "expires_at": _FAR}
    store.put(tokens_table, {**keys.challenge(PROTECTED_ID, _CHALLENGE_ID), **challenge})
    store.put(tokens_table, {**keys.reset(ACCOUNT_ID), "digest": RESET_TOKEN.digest(), "expires_at": _FAR})


def _put_device() -> None:
    now = clock.now()
    device = {
        "digest": DEVICE_TOKEN.digest(),
        "device_id": DEVICE_ID,
        "account_id": ACCOUNT_ID,
        "client": "demo",
        "created_at": now,
        "last_used_at": now,
        "expires_at": _FAR,
    }
    store.put(settings().tokens_table, {**keys.device(DEVICE_TOKEN.owner, DEVICE_ID), **device})


def _put_account(account_id: str, email: str, more: Row) -> None:
    account = {"account_id": account_id, "email": email, "token_epoch": 1, "created_at": clock.now(), **more}
    store.put(settings().accounts_table, {**keys.account(account_id), **account})
    address = {**keys.address(addresses.email_digest(email)), "account_id": account_id, "kept_until": accounts.KEPT}
    store.put(settings().accounts_table, address)


def _put_session(access: Token, refresh: Token) -> None:
    now = clock.now()
    session = {
        "session_id": access.token_id,
        "epoch": 1,
        "created_at": now,
        "authenticated_at": now,
        "refreshed_at": now,
        "expires_at": _FAR,
        "method": "pwd otp",  # what a second factor guards takes one
        "client": "demo",
        "refresh_digest": refresh.digest(),
        "refresh_salt": bytes(32),
        "generation": 0,
        "access_digest": access.digest(),
        "access_expires_at": _FAR,
    }
    store.put(settings().tokens_table, {**keys.session(access.owner, access.token_id), **session})


def find_template(port: int) -> Template:
    """The template as the instance with its AWS on this port has it: its keys bear names of their own."""
    aws.point_at(port)
    template = load_template()
    made = [key["KeyId"] for key in sdk.kms().list_keys()["Keys"]]
    template.physical |= dict(zip(template.keys(), made, strict=False))  # in that order; turns of the keys make more
    return template


if __name__ == "__main__":
    seed(find_template(int(os.environ["AWS_PORT"])))
