"""Sessions: a row each, that ends by itself, by being deleted, or by the account's token epoch rising past its own."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from typing import Any, Literal

import msgspec

from rekey import clock, ids
from rekey.accounts import applications, keys
from rekey.api.client import Client
from rekey.api.errors import AccessTokenInvalidError, InsufficientScopeError
from rekey.api.fields import AccessToken, AccountId, DeviceToken, RefreshToken, Seconds
from rekey.aws import store
from rekey.aws.store import Row
from rekey.sessions import tokens
from rekey.sessions.devices import Device
from rekey.sessions.tokens import ACCESS, ACCOUNT, REFRESH, Token
from rekey.settings import settings

DIRECT = (ACCOUNT, "openid", "email", "profile", "offline_access")  # the scopes of a sign-in to Rekey itself
LONGEST_LINE = 10_000  # generations: more than a year of refreshing each hour, or a month each five minutes


class Tokens(msgspec.Struct, kw_only=True):
    """The tokens of a session (RFC 6749 §5.1), the only plain copy."""

    access_token: AccessToken
    refresh_token: RefreshToken
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - a scheme
    expires_in: Seconds
    """Of the access token: it ends with its session, if that is sooner."""
    refresh_expires_in: Seconds
    """Of the refresh token, and so of the session, unless it is used before."""


class AccountTokens(Tokens, kw_only=True):
    """The tokens of a session and of its device, and whose they are."""

    account_id: AccountId
    device_token: DeviceToken | None
    next: Literal["totp-setup"] | None = None
    """What is left to do before applications let this account in, if anything is."""


class SignedIn(msgspec.Struct, frozen=True):
    """Who is calling: the session that the access token belongs to and its account, as they were read."""

    session: Row
    account: Row

    @property
    def account_id(self) -> str:
        return str(self.account["account_id"])

    @property
    def session_id(self) -> str:
        return str(self.session["session_id"])


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """What an access token is good for, and until when."""

    expires_at: int
    scopes: tuple[str, ...]
    audience: tuple[str, ...]
    client_id: str
    """The application's; empty where somebody signed in directly."""

    def require(self, scope: str) -> None:
        """Raises InsufficientScopeError."""
        if scope not in self.scopes:
            raise InsufficientScopeError(scope)


def issue_session(
    account: Row, client: Client, method: str, device: Device
) -> tuple[str, dict[str, Any], AccountTokens]:
    """A new session: its id, the write that makes it, and its tokens.

    `method` is how the person signed in: words of RFC 8176 (amr) where it has them, and `recovery`, `sign-up`,
    `device`.
    """
    account_id, session_id = account["account_id"], ids.new_id()
    refresh = tokens.issue_token(REFRESH, account_id, session_id)
    access = tokens.issue_token(ACCESS, account_id, session_id)
    row = row_of(
        account,
        refresh,
        client,
        device_id=device.device_id,
        method=method,
        access_digest=access.digest(),
        access_expires_at=clock.now() + settings().access_token_life,
    )
    answer = AccountTokens(
        account_id=account_id,
        device_token=str(device.token) if device.token else None,
        access_token=str(access),
        refresh_token=str(refresh),
        expires_in=settings().access_token_life,
        refresh_expires_in=row["expires_at"] - clock.now(),
    )
    return session_id, store.putting(settings().tokens_table, row), answer


def row_of(account: Row, refresh: Token, client: Client, **more: Any) -> Row:
    """A session as it begins. `more` is what it has besides: its access token, and whatever is not as here."""
    now = clock.now()
    return {
        **keys.session(account["account_id"], refresh.token_id),
        "session_id": refresh.token_id,
        "epoch": account["token_epoch"],
        "created_at": now,
        "authenticated_at": now,
        "refreshed_at": now,
        "expires_at": now + min(settings().session_idle, settings().session_life),  # no less than a token lives
        "client": client.name,
        "refresh_digest": refresh.digest(),
        "refresh_salt": secrets.token_bytes(32),
        "generation": 0,
        **more,
    }


def find_session(token: Token, *extra: tuple[str, Row]) -> tuple[SignedIn | None, list[Row | None]]:
    """The living session a token names, with its account, and any other rows wanted, in one trip.

    This does not verify the token: the caller compares its digest.
    """
    session, account, *others = store.get_many(
        (settings().tokens_table, keys.session(token.owner, token.token_id)),
        (settings().accounts_table, keys.account(token.owner)),
        *extra,
    )
    if not session or not account or not is_living(session, account):
        return None, others
    return SignedIn(session, account), others


def is_living(session: Row, account: Row) -> bool:
    """Whether a session has neither expired nor been revoked: by itself, with its application, all of the account or
    all of the stack.
    """
    return bool(
        session["expires_at"] > clock.now()
        and session["epoch"] == account["token_epoch"]
        and session["created_at"] >= settings().sessions_since
        and applications.is_connected(session, account)
    )


def require_session(bearer: str, *extra: tuple[str, Row]) -> tuple[SignedIn, list[Row | None]]:
    """Who an access token speaks for that may manage the account: what every route asks that is not an application's.

    Raises AccessTokenInvalidError, InsufficientScopeError.
    """
    signed_in, access, others = require_access(bearer, *extra)
    access.require(ACCOUNT)
    return signed_in, others


def require_access(bearer: str, *extra: tuple[str, Row]) -> tuple[SignedIn, Access, list[Row | None]]:
    """Who any access token speaks for, and what it is good for. Raises AccessTokenInvalidError."""
    token = tokens.parse_access(bearer)
    if not token:
        raise AccessTokenInvalidError
    signed_in, others = find_session(token, *extra)
    access = find_access(token, signed_in.session) if signed_in else None
    if not signed_in or not access:
        raise AccessTokenInvalidError
    return signed_in, access, others


def find_access(token: Token, session: Row) -> Access | None:
    """What an access token of a living session is good for: the newest, or the one before it, which keeps what is left
    of its life, so that requests under way keep working. None for any other, and for one that has expired.
    """
    for previous in ("", "previous_"):
        expires_at = session.get(f"{previous}access_expires_at", 0)
        if token.matches(session.get(f"{previous}access_digest")) and expires_at > clock.now():
            return Access(
                expires_at=expires_at,
                scopes=_scopes_of(token, session.get(f"{previous}access_scopes")),
                audience=tuple(session.get("audience", ())),
                client_id=session.get("client_id", ""),
            )
    return None


def _scopes_of(token: Token, kept: list[str] | None) -> tuple[str, ...]:
    """As they are kept with the token. Its prefix has the last word on `account`: a version that knows no scopes leaves
    those of the token before, when it refreshes a direct session.
    """
    is_whole = token.purpose == ACCESS
    if kept is not None and (ACCOUNT in kept) == is_whole:
        return tuple(kept)
    return DIRECT if is_whole else ()


def keeping(signed_in: SignedIn, epoch: int, forgotten: Collection[str] = (), **also: Any) -> dict[str, Any]:
    """The write that moves this session to the new epoch, which ends all the others."""
    return updating(signed_in, {"epoch": epoch, **also}, forgotten=forgotten)


def updating(signed_in: SignedIn, values: dict[str, Any], forgotten: Collection[str] = ()) -> dict[str, Any]:
    """The write that sets attributes of the session's row and removes others, unless it has been ended or moved."""
    removed = f" REMOVE {', '.join(forgotten)}" if forgotten else ""
    return store.updating(
        settings().tokens_table,
        key_of(signed_in),
        f"SET {', '.join(f'#{name} = :{name}' for name in values)}{removed}",
        "attribute_exists(pk) AND epoch = :seen",
        names=tuple(values),
        **values,
        seen=signed_in.session["epoch"],
    )


def enduring(signed_in: SignedIn) -> dict[str, Any]:
    """No write, on condition that nobody has ended this session by itself: of all, the account's epoch tells."""
    return store.checking(settings().tokens_table, key_of(signed_in), "attribute_exists(pk)")


def counting_down(signed_in: SignedIn, counter: str) -> dict[str, Any]:
    """The write that takes one from a counter of the session's row, if there is one to take."""
    return store.updating(
        settings().tokens_table, key_of(signed_in), f"ADD {counter} :less", f"{counter} > :none", less=-1, none=0
    )


def key_of(signed_in: SignedIn) -> Row:
    return keys.session(signed_in.account_id, signed_in.session_id)


def ending(account_id: str, session_id: str) -> dict[str, Any]:
    """The write that ends one session. Its condition fails where there is none to end."""
    key = keys.session(account_id, session_id)
    return store.deleting(settings().tokens_table, key, "attribute_exists(pk)")


def holds(session: Row, token: Token) -> bool:
    """Whether a token is or was one of this session's: what is asked before a stranger's word ends it."""
    digests = ("refresh_digest", "previous_refresh_digest", "access_digest", "previous_access_digest")
    return any(token.matches(session.get(digest)) for digest in digests)


def is_ancestor(session: Row, token: Token) -> bool:
    """Whether the current refresh token descends from this one. A forged token with the right ids does not.

    Each generation is one HMAC and one hash, some microseconds; the cap is for a session that is refreshed in a loop.
    """
    for _ in range(min(session["generation"], LONGEST_LINE)):
        token = tokens.derive_token(token.purpose, token, session["refresh_salt"])
        if token.matches(session["refresh_digest"]):
            return True
    return False
