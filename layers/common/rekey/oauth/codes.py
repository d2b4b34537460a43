"""Authorization codes (RFC 6749 §4.1): good once, for a minute, for the application and the address they were made for.

A code that has been redeemed stays for a while, with the session that it gave: if it comes again, it was stolen on one
way or the other, and that session ends (RFC 9700 §4.5, ASVS 10.4.2).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import Any

from rekey import clock, ids
from rekey.accounts import keys
from rekey.aws import store
from rekey.aws.store import Row
from rekey.oauth import base64url
from rekey.oauth.requests import AuthorizationRequest
from rekey.sessions import tokens
from rekey.sessions.sessions import SignedIn
from rekey.sessions.tokens import CODE, Token
from rekey.settings import settings

LIFE = 60  # seconds (ASVS 10.4.3)
VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")  # RFC 7636 §4.1
REMEMBERED = 600  # seconds: an application that tries an old code again does so soon


def issue(
    signed_in: SignedIn, request: AuthorizationRequest, scopes: list[str], audience: list[str], connection: str
) -> tuple[Token, dict[str, Any]]:
    """A code and the write that keeps its digest, with all that its redemption is held to."""
    code_id, now = ids.new_id(), clock.now()
    token = tokens.issue_token(CODE, signed_in.account_id, code_id)
    row = {
        **keys.code(signed_in.account_id, code_id),
        "digest": token.digest(),
        "good_until": now + LIFE,
        "expires_at": now + LIFE + REMEMBERED,
        "client_id": request.client_id,
        "redirect_uri": request.redirect_uri,
        "code_challenge": request.code_challenge,
        "nonce": request.nonce,
        "scopes": scopes,
        "audience": audience,
        "connection": connection,
        "epoch": signed_in.session["epoch"],
        "authenticated_at": signed_in.session["authenticated_at"],
        "method": signed_in.session["method"],
    }
    return token, store.putting(settings().tokens_table, row)


def is_for(code: Row, client_id: str, redirect_uri: str, verifier: str) -> bool:
    """Whether a code was made for this application and address, and for who holds the verifier (RFC 7636 §4.6)."""
    if (code["client_id"], code["redirect_uri"]) != (client_id, redirect_uri):
        return False
    if not code["code_challenge"]:  # an application that may do without; one that sends a verifier was tampered with
        return not verifier  # RFC 9700 §2.1.1: else a downgrade goes unseen
    digest = hashlib.sha256(verifier.encode()).digest()
    presented = base64url.encode(digest)
    return bool(VERIFIER.fullmatch(verifier)) and hmac.compare_digest(presented, code["code_challenge"])


def redeeming(code: Row, session_id: str) -> dict[str, Any]:
    """The write that spends a code, and keeps which session it gave. Its condition fails for one that is spent."""
    return store.updating(
        settings().tokens_table,
        {"pk": code["pk"], "sk": code["sk"]},
        "SET session_id = :session_id",
        "digest = :digest AND good_until > :now AND attribute_not_exists(session_id)",
        session_id=session_id,
        digest=code["digest"],
        now=clock.now(),
    )


def restoring(code: Row, session_id: str) -> dict[str, Any]:
    """The write that makes a code good again that gave this session, and nobody a token of it."""
    return store.updating(
        settings().tokens_table,
        {"pk": code["pk"], "sk": code["sk"]},
        "REMOVE session_id",
        "session_id = :session_id",
        session_id=session_id,
    )
