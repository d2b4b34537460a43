"""Sign up, sign in, refresh: with what openapi-python-client makes of docs/openapi.json."""

from __future__ import annotations

import json
import sys
import time

import httpx
from rekey_client import AuthenticatedClient, Client
from rekey_client.api.account import get_account
from rekey_client.api.sign_up_and_sign_in import sign_in, sign_up, sign_up_complete
from rekey_client.api.tokens import oauth_token
from rekey_client.api.two_factor_sign_in import totp_setup
from rekey_client.models import (
    AccountState,
    AccountTokens,
    ActiveToken,
    CompleteRequest,
    Enrolment,
    GrantedTokens,
    InactiveToken,
    Problem,
    SignedUp,
    SignInRequest,
    SignUpRequest,
    TokenRequestByRefreshToken,
    TokenRequestByRefreshTokenGrantType,
)


def mailed_token(origin: str, email: str) -> str:
    for _ in range(300):
        for mail in httpx.get(f"{origin}/_local/inbox.json").json():
            if mail["to"] == email:
                return str(mail["links"][0].partition("#token=")[2])
        time.sleep(0.1)
    raise TimeoutError


def subject(token: ActiveToken | InactiveToken) -> str | None:
    """Both answers of introspection have a model."""
    return token.sub if isinstance(token, ActiveToken) else None


def main(origin: str, email: str, password: str) -> dict[str, object]:
    rekey = Client(origin)
    sign_up.sync_detailed(client=rekey, body=SignUpRequest(email))
    made = sign_up_complete.sync(client=rekey, body=CompleteRequest(mailed_token(origin, email), password))
    assert isinstance(made, SignedUp)
    refused = sign_in.sync(client=rekey, body=SignInRequest(email, f"{password}?"))
    assert isinstance(refused, Problem)
    signed_in = sign_in.sync(client=rekey, body=SignInRequest(email, password))
    assert isinstance(signed_in, AccountTokens)
    kind = TokenRequestByRefreshTokenGrantType("refresh_token")
    body = TokenRequestByRefreshToken(grant_type=kind, refresh_token=signed_in.refresh_token)
    tokens = oauth_token.sync(client=rekey, body=body)
    assert isinstance(tokens, GrantedTokens)
    person = AuthenticatedClient(origin, tokens.access_token)
    account = get_account.sync(client=person)
    assert isinstance(account, AccountState)
    enrolment = totp_setup.sync(client=person)
    assert isinstance(enrolment, Enrolment)
    return {"next": made.next_, "code": refused.code, "email": account.email, "digits": len(enrolment.secret)}


if __name__ == "__main__":
    print(json.dumps(main(*sys.argv[1:])))  # noqa: T201 - the test reads it
