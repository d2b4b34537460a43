"""Sessions: a row each, that ends by itself, by being deleted, or by the account's token epoch rising past its own."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from typing import Any, Literal

import msgspec

from rekey import clock, ids
from rekey.accounts import keys
from rekey.api.client import Client
from rekey.api.errors import AccessTokenInvalidError
from rekey.api.fields import AccessToken, AccountId, DeviceToken, RefreshToken, Seconds
from rekey.aws import store
from rekey.aws.store import Row
from rekey.sessions import tokens
from rekey.sessions.devices import Device
from rekey.sessions.tokens import ACCESS, REFRESH, Token
from rekey.settings import settings

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


def issue_session(
    account: Row, client: Client, method: str, device: Device
) -> tuple[str, dict[str, Any], AccountTokens]:
    """A new session: its id, the write that makes it, and its tokens.

    `method` is how the person signed in: words of RFC 8176 (amr) where it has them, and `recovery`, `sign-up`,
    `device`.
    """
    account_id, now = account["account_id"], clock.now()
    life = min(settings().session_idle, settings().session_life)  # no less than an access token's
    session_id = ids.new_id()
    refresh = tokens.issue_token(REFRESH, account_id, session_id)
    access = tokens.issue_token(ACCESS, account_id, session_id)
    row = {
        **keys.session(account_id, session_id),
        "session_id": session_id,
        "epoch": account["token_epoch"],
        "device_id": device.device_id,
        "created_at": now,
        "authenticated_at": now,
        "refreshed_at": now,
        "expires_at": now + life,
        "method": method,
        "client": client.name,
        "refresh_digest": refresh.digest(),
        "refresh_salt": secrets.token_bytes(32),
        "generation": 0,
        "access_digest": access.digest(),
        "access_expires_at": now + settings().access_token_life,
    }
    answer = AccountTokens(
        account_id=account_id,
        device_token=str(device.token) if device.token else None,
        access_token=str(access),
        refresh_token=str(refresh),
        expires_in=settings().access_token_life,
        refresh_expires_in=life,
    )
    return session_id, store.putting(settings().tokens_table, row), answer


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
    """Whether a session has neither expired nor been revoked, with all of the account or all of the stack."""
    return bool(
        session["expires_at"] > clock.now()
        and session["epoch"] == account["token_epoch"]
        and session["created_at"] >= settings().sessions_since
    )


def require_session(bearer: str, *extra: tuple[str, Row]) -> tuple[SignedIn, list[Row | None]]:
    """Who an access token speaks for. Raises AccessTokenInvalidError."""
    token = tokens.parse_token(ACCESS, bearer)
    if not token:
        raise AccessTokenInvalidError
    signed_in, others = find_session(token, *extra)
    if not signed_in or access_expires_at(token, signed_in.session) <= clock.now():
        raise AccessTokenInvalidError
    return signed_in, others


def access_expires_at(token: Token, session: Row) -> int:
    """When an access token ends: the newest, or the one before it, which keeps what is left of its life, so that
    requests under way keep working. 0 for any other.
    """
    if token.matches(session["access_digest"]):
        return int(session["access_expires_at"])
    if token.matches(session.get("previous_access_digest")):
        return int(session["previous_access_expires_at"])
    return 0


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
        token = tokens.derive_token(REFRESH, token, session["refresh_salt"])
        if token.matches(session["refresh_digest"]):
            return True
    return False
