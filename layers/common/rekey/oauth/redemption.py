"""A code becomes a session of an application (RFC 6749 §4.1.3, OpenID Connect Core §3.1.3): one read, one transaction.

A code that comes twice was stolen on one way or the other, and nobody can tell by whom: the session that it gave ends,
in whichever order they come (RFC 9700 §4.5, ASVS 10.4.2). That is also what becomes of an application that repeats a
request whose answer it never got: the person is sent through `/oauth/authorize` once more.
"""

from __future__ import annotations

from concurrent.futures import Future
from contextlib import suppress

import msgspec

from rekey import clock, ids
from rekey.accounts import applications, events, keys, required_totp
from rekey.accounts.event_types import CODE_REUSED
from rekey.api.client import Client
from rekey.api.errors import InvalidGrantError
from rekey.aws import store
from rekey.aws.store import ConditionFailedError, Row
from rekey.oauth import access_tokens, authentication, codes, id_tokens
from rekey.oauth.authentication import Claim
from rekey.sessions import sessions, tokens
from rekey.sessions.tokens import CODE, NARROW, OFFLINE, Token
from rekey.settings import settings


class Presented(msgspec.Struct, frozen=True, kw_only=True):
    """What an application brings with a code. `repr` shows none of it."""

    code: str
    redirect_uri: str
    verifier: str
    claim: Claim
    issuer: str

    def __repr__(self) -> str:
        return f"Presented({self.claim})"


class Redeemed(msgspec.Struct, kw_only=True):
    access_token: str
    refresh_token: str | None
    """Only with the scope `offline_access`: without it, the session ends with its access token."""
    refresh_expires_in: int
    id_token: str | None
    expires_in: int
    scopes: list[str]


def redeem(presented: Presented, client: Client) -> Redeemed:
    """Raises InvalidClientError, InvalidGrantError."""
    token = tokens.parse_token(CODE, presented.code)
    code, account, application = _read(token, presented.claim)
    is_code = bool(token and code and token.matches(code["digest"]))
    if is_code and account and code and "session_id" in code:  # by whomever it comes
        _end_reused(account, code, client)
        raise InvalidGrantError
    application = authentication.require(application, presented.claim)
    if not (is_code and code and account) or not _is_good(code, account, application, presented):
        raise InvalidGrantError
    return _begin_session(code, account, application, presented.issuer, client)


def _read(token: Token | None, claim: Claim) -> list[Row | None]:
    """The code, its account and the application, in one trip."""
    if not token:  # whoever it is, it is asked to prove it
        return [None, None, *store.get_many(claim.key())]
    return store.get_many(
        (settings().tokens_table, keys.code(token.owner, token.token_id)),
        (settings().accounts_table, keys.account(token.owner)),
        claim.key(),
    )


def _is_good(code: Row, account: Row, application: Row, presented: Presented) -> bool:
    """As far as can be read. Whether it is spent or has expired, and what changes meanwhile, the transaction judges."""
    return codes.is_for(
        code, application["client_id"], presented.redirect_uri, presented.verifier
    ) and not required_totp.is_lacking(account)


def _begin_session(code: Row, account: Row, application: Row, issuer: str, client: Client) -> Redeemed:
    """The ID token is signed while the transaction runs, and handed out only if it succeeds."""
    session_id = ids.new_id()
    refresh, opaque = (tokens.issue_token(kind, account["account_id"], session_id) for kind in (OFFLINE, NARROW))
    session = _new_session(code, account, application, refresh, client)
    access = access_tokens.write(application, issuer, opaque, session)
    session["access_digest"] = tokens.digest_of(access)
    signing = _signing(issuer, code, account, session, access)
    _spend(code, session, account, client)
    return Redeemed(
        access_token=access,
        refresh_token=str(refresh) if "offline_access" in session["scopes"] else None,
        refresh_expires_in=session["expires_at"] - clock.now(),
        id_token=_result(signing, code, session, account),
        expires_in=session["access_expires_at"] - clock.now(),
        scopes=session["scopes"],
    )


def _new_session(code: Row, account: Row, application: Row, refresh: Token, client: Client) -> Row:
    """As old as the sign-in that it comes of. What its registration has lost meanwhile, an application is not given."""
    scopes = [each for each in code["scopes"] if each in application["scopes"]]
    access_expires_at = clock.now() + access_tokens.life(application)
    return sessions.row_of(
        account,
        refresh,
        client,
        client_id=code["client_id"],
        connection=code["connection"],
        epoch=code["epoch"],
        scopes=scopes,
        audience=code["audience"],
        method=code["method"],
        authenticated_at=code["authenticated_at"],
        access_scopes=scopes,
        access_expires_at=access_expires_at,
        **({} if "offline_access" in scopes else {"expires_at": access_expires_at}),
    )


def _spend(code: Row, session: Row, account: Row, client: Client) -> None:
    """The code for the session, if it is good still, and nothing has ended the account's sessions meanwhile."""
    try:
        store.transact(
            codes.redeeming(code, session["session_id"]),
            store.putting(settings().tokens_table, session),
            applications.staying_connected(session),
        )
    except ConditionFailedError as failed:
        spent_for = (failed.row or {}).get("session_id")
        if spent_for == session["session_id"]:
            return  # by this very transaction, of which an answer was lost
        if failed.row and spent_for:  # another request was quicker
            _end_reused(account, failed.row, client)
        raise InvalidGrantError from None


def _signing(issuer: str, code: Row, account: Row, session: Row, access: str) -> Future[str] | None:
    if "openid" not in session["scopes"]:
        return None
    return id_tokens.begin(issuer, code["client_id"], account, session, session["scopes"], code.get("nonce"), access)


def _result(signing: Future[str] | None, code: Row, session: Row, account: Row) -> str | None:
    """The ID token. If it could not be signed, nothing is handed out: so the session ends, and the code is good again
    for the repeat that a 503 asks for, which would otherwise look like a theft.
    """
    if not signing:
        return None
    try:
        return signing.result()
    except Exception:
        undone = sessions.ending(account["account_id"], session["session_id"])
        with suppress(ConditionFailedError):  # another has come with the code meanwhile, and ended the session
            store.transact(undone, codes.restoring(code, session["session_id"]))
        raise


def _end_reused(account: Row, code: Row, client: Client) -> None:
    """The session that a code gave, and what its owner is told of it, once."""
    reused = events.recording(
        account,
        CODE_REUSED,
        email=account["email"],
        client=client,
        session_id=code["session_id"],
        client_id=code["client_id"],
    )
    try:
        store.transact(sessions.ending(account["account_id"], code["session_id"]), reused)
    except ConditionFailedError:
        return  # already ended
