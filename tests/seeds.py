"""Rows as the flows write them, put there directly: a hundred rounds need no hundred mails."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pyotp
from argon2 import PasswordHasher

import sign_up
from rekey import clock, ids
from rekey.accounts import accounts, addresses, keys
from rekey.api.client import Client
from rekey.aws import store
from rekey.aws.store import Row
from rekey.credentials import recovery_codes, totp
from rekey.limits import allowances
from rekey.oauth import clients, redemption
from rekey.oauth.authentication import Claim
from rekey.oauth.redemption import Presented, Redeemed
from rekey.sessions import devices, one_time, sessions, tokens
from rekey.sessions.sessions import AccountTokens
from rekey.sessions.tokens import Token
from rekey.settings import settings
from tests.stack import PASSWORD

CALLER = Client("192.0.2.1", "tests")
SECRET = b"12345678901234567890"  # RFC 6238 appendix B
LIFE = 600
OUTDATED = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1, hash_len=4, salt_len=8)


def new_account() -> Row:
    """An account whose password is PASSWORD, with its address."""
    digest = addresses.email_digest(email := f"{ids.new_id()}@example.com")
    account = sign_up._new_account({"email": email}, PASSWORD)
    store.transact(
        store.putting(settings().accounts_table, account), accounts.registering(digest, account["account_id"])
    )
    return account


def protect(account: Row) -> list[str]:
    """Turn two-factor sign-in on, with SECRET; the recovery codes."""
    account_id, codes = account["account_id"], recovery_codes.issue_recovery_codes()
    store.put(
        settings().accounts_table,
        {
            **account,
            "totp_secret": totp.encrypt_secret(account_id, SECRET),
            "totp_last_step": 0,
            "recovery_codes": {recovery_codes.digest(account_id, code) for code in codes},
        },
    )
    return codes


def code(seconds: int = 0) -> str:
    """The code of SECRET so many seconds from now."""
    return pyotp.TOTP(totp.as_typed(SECRET)).at(clock.now() + seconds)


def outdate(account: Row) -> None:
    """Its hash is of other parameters than those of today."""
    store.put(settings().accounts_table, {**account, "password_hash": OUTDATED.hash(PASSWORD)})


def issue_reset(account: Row) -> str:
    token = tokens.issue_token(tokens.RESET, account["account_id"], ids.new_id())
    key = keys.reset(account["account_id"])
    store.put(settings().tokens_table, {**key, "digest": token.digest(), "expires_at": clock.now() + LIFE})
    return str(token)


def issue_email_verification(account: Row) -> str:
    token = tokens.issue_token(tokens.EMAIL, account["account_id"], ids.new_id())
    key = keys.email_verification(account["account_id"])
    store.put(settings().tokens_table, one_time.row_of(key, token, LIFE, email=account["email"]))
    return str(token)


def issue_sign_up(email: str) -> str:
    digest = addresses.email_digest(email)
    token = tokens.issue_token(tokens.SIGN_UP, digest, ids.new_id())
    pending = {"email": email, "digest": token.digest(), "expires_at": clock.now() + LIFE}
    store.put(settings().tokens_table, {**keys.sign_up(digest), **pending})
    return str(token)


def issue_challenge(account: Row, device: Token | None = None) -> str:
    """On a known device, if there is one."""
    token = tokens.issue_token(tokens.CHALLENGE, account["account_id"], ids.new_id())
    known = {"device_id": device.token_id, "device_digest": device.digest()} if device else {}
    row = {"digest": token.digest(), "epoch": account["token_epoch"], "expires_at": clock.now() + LIFE, **known}
    store.put(settings().tokens_table, {**keys.challenge(account["account_id"], token.token_id), **row})
    return str(token)


def issue_session(account: Row, method: str = "pwd") -> AccountTokens:
    _, write, issued = sessions.issue_session(account, CALLER, method, devices.begin(account, CALLER))
    store.transact(write)
    return issued


def issue_access(account: Row, method: str = "pwd") -> str:
    return issue_session(account, method).access_token


REDIRECT_URI = "https://orders.example.com/signed-in"
VERIFIER = "a-verifier-of-some-forty-three-characters-0"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def register(**fields: Any) -> Row:
    """An application, registered; one that keeps no secret, unless `fields` say otherwise."""
    client = {
        "client_id": f"orders-{ids.new_id()}",
        "name": "Orders",
        "type": "spa",
        "redirect_uris": [REDIRECT_URI],
        "post_logout_redirect_uris": [],
        "scopes": ["openid", "email", "profile", "offline_access", "orders:read", "orders:write"],
        "audiences": ["https://api.example.com"],
        "first_party": False,
        "pkce": "required",
        "access_tokens": "opaque",
        "created_at": clock.now(),
        "revision": 1,
        **fields,
    }
    store.transact(clients.adding(client))
    return client


def register_confidential(**fields: Any) -> tuple[Row, str]:
    """One that keeps a secret, and the secret."""
    client_id = f"shop-{ids.new_id()}"
    secret = clients.issue_secret(client_id)
    client = register(**{"client_id": client_id, "type": "web", "secret_digest": secret.digest(), **fields})
    return client, str(secret)


def connect(account: Row, client: Row, scopes: list[str] | None = None) -> str:
    """The account is connected to the application; the connection's id."""
    row, connection = account_now(account), ids.new_id()
    connected = {"name": client["name"], "scopes": scopes or client["scopes"], "connected_at": clock.now()}
    known = {**row.get("applications", {}), client["client_id"]: {"connection": connection, **connected}}
    store.put(settings().accounts_table, {**row, "applications": known})
    return connection


def issue_code(account: Row, client: Row, scopes: list[str] | None = None, **more: Any) -> str:
    """A code for the application, to be redeemed with VERIFIER. `more` is what it holds instead."""
    account = account_now(account)
    connected = account.get("applications", {}).get(client["client_id"])
    token = tokens.issue_token(tokens.CODE, account["account_id"], ids.new_id())
    row = {
        **keys.code(token.owner, token.token_id),
        "digest": token.digest(),
        "good_until": clock.now() + 60,
        "expires_at": clock.now() + 660,
        "client_id": client["client_id"],
        "redirect_uri": REDIRECT_URI,
        "code_challenge": CHALLENGE,
        "nonce": "n-0S6_WzA2Mj",
        "scopes": scopes or client["scopes"],
        "audience": client["audiences"],
        "connection": connected["connection"] if connected else connect(account, client),
        "epoch": account["token_epoch"],
        "authenticated_at": clock.now(),
        "method": "pwd",
        **more,
    }
    store.put(settings().tokens_table, row)
    return str(token)


def redeeming(code: str, client: Row, **more: str) -> dict[str, str]:
    """The form that redeems a code of `issue_code`."""
    return {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": REDIRECT_URI,
        "client_id": client["client_id"],
        "code_verifier": VERIFIER,
        **more,
    }


def issue_granted(account: Row, client: Row, scopes: list[str] | None = None) -> Redeemed:
    """A session of an application that keeps no secret, begun as by a code."""
    presented = Presented(
        code=issue_code(account, client, scopes),
        redirect_uri=REDIRECT_URI,
        verifier=VERIFIER,
        claim=Claim(client["client_id"], None),
        issuer="https://rekey.example.com",
    )
    return redemption.redeem(presented, CALLER)


def issue_device(account: Row, **trust: Any) -> Token:
    """A device known at the account's address; its token."""
    device = devices.begin(account, CALLER, **trust)
    store.transact(*device.writes)
    assert device.token
    return device.token


def begin_enrolment(account: Row) -> None:
    account_id = account["account_id"]
    row = {"totp_secret": totp.encrypt_secret(account_id, SECRET), "epoch": account["token_epoch"]}
    store.put(settings().tokens_table, {**keys.enrolment(account_id), **row, "expires_at": clock.now() + LIFE})


def spend_attempts(key: Row, allowance: allowances.Allowance, count: int) -> None:
    for _ in range(count):
        allowances.take(settings().accounts_table, key, allowance)


def address_key(account: Row) -> Row:
    return keys.address(addresses.email_digest(account["email"]))


def account_now(account: Row) -> Row:
    row = store.get(settings().accounts_table, keys.account(account["account_id"]))
    assert row
    return row


def sessions_of(account: Row) -> list[Row]:
    return store.query(settings().tokens_table, keys.account(account["account_id"])["pk"], "session#", limit=1000)


def events_of(owner: Row) -> list[str]:
    """The kinds of the events of an account or an address, in alphabetical order."""
    return sorted(row["type"] for row in store.query(settings().events_table, owner["pk"], "event#", limit=1000))
