"""Devices: by what a complete sign-in leaves, a browser or a program is known at the next one (docs/decisions/0023).

A known device has attempts of its own at its address, so no stranger can lock its owner out. Its row is at the address,
and its token names the address: it is found before it is known whose account that is.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection
from typing import Any

import msgspec

from rekey import clock, ids
from rekey.accounts import addresses, changes, keys
from rekey.accounts.changes import Change
from rekey.api.client import Client
from rekey.api.cookies import DEVICE_LIFE
from rekey.aws import store
from rekey.aws.store import Row
from rekey.sessions import one_time, tokens
from rekey.sessions.tokens import DEVICE, RESET, Token
from rekey.settings import settings

MOST = 20  # that an account has
LINK_LIFE = 3600  # seconds that a reset link, once spent, stands for a device
_SHOWN = 50  # two sign-ins at once may leave one more than is listed
_DAY = 86400  # seconds; after so many the account's list is told of another use


class Device(msgspec.Struct, frozen=True, kw_only=True):
    """The device that somebody signs in on, as the sign-in leaves it."""

    device_id: str
    token: Token | None
    """None if it was known before, and its token was not sent this time."""
    is_known: bool
    writes: tuple[dict[str, Any], ...]
    listed: dict[str, int] | None
    """What the account's list of devices becomes, if it changes: when each was last known to be used."""

    @property
    def kind(self) -> str:
        """As the event of the sign-in has it."""
        return "known" if self.is_known else "new"

    def changes(self) -> list[Change]:
        """What becomes of the account's row."""
        return [changes.listing_devices(self.listed)] if self.listed else []


def find_token(text: str | None, email_digest: str) -> Token | None:
    """The token of a device of this address, or of a reset link, which may stand for one. It asks no database."""
    if not text:
        return None
    token = tokens.parse_token(DEVICE, text)
    if token:
        return token if token.owner == email_digest else None
    return tokens.parse_token(RESET, text)


def is_good(row: Row | None, digest: bytes) -> bool:
    """Whether the row is that of a device that is still known."""
    return row is not None and hmac.compare_digest(row["digest"], digest) and bool(row["expires_at"] > clock.now())


def is_trusted(row: Row, account: Row, longest: int) -> bool:
    """Whether no second factor is asked for there: its owner wished so, and no epoch has begun since.

    Nor for more than `longest` days from now: to lower `DeviceTrust` ends what was given for longer, and 0 ends all.
    """
    now = clock.now()
    is_now = now < row.get("trusted_until", 0) <= now + longest * _DAY
    return bool(is_now and row["trust_epoch"] == account["token_epoch"])


def use(account: Row, row: Row, token: Token | None, forgotten: Collection[str], **trust: Any) -> Device:
    """A known device is used: it stays known for another year, and its failures, named by `forgotten`, are forgotten.

    The account's list hears of it once a day, so that what is not used goes first when there are too many.
    """
    now, listed = clock.now(), account.get("devices", {})
    values = {"last_used_at": now, "expires_at": now + DEVICE_LIFE, **trust}
    writes = (updating(row, forgotten, **values),)
    is_news = listed.get(row["device_id"], 0) <= now - _DAY
    listed = {**listed, row["device_id"]: now} if is_news else None
    return Device(device_id=row["device_id"], token=token, is_known=True, writes=writes, listed=listed)


def begin(account: Row, client: Client, link: Row | None = None, **trust: Any) -> Device:
    """A new device, in place of what was used least recently where there would be too many; and of the reset link that
    stood for it, if one did.
    """
    now, device_id, digest = clock.now(), ids.new_id(), addresses.email_digest(account["email"])
    token = tokens.issue_token(DEVICE, digest, device_id)
    row = {
        **one_time.row_of(keys.device(digest, device_id), token, DEVICE_LIFE),
        "device_id": device_id,
        "account_id": account["account_id"],
        "client": client.name,
        "created_at": now,
        "last_used_at": now,
        **trust,
    }
    listed = account.get("devices", {})
    stays = sorted(listed, key=listed.__getitem__, reverse=True)[: MOST - 1]
    gone = [keys.device(digest, each) for each in listed if each not in stays]
    gone += [{"pk": link["pk"], "sk": link["sk"]}] if link else []
    writes = (store.putting(settings().tokens_table, row), *map(one_time.voiding, gone))
    listed = {**{each: listed[each] for each in stays}, device_id: now}
    return Device(device_id=device_id, token=token, is_known=False, writes=writes, listed=listed)


def updating(row: Row, forgotten: Collection[str], **values: Any) -> dict[str, Any]:
    """The write that sets attributes of a device's row and removes others, unless the device has been forgotten."""
    setting = f"SET {', '.join(f'{name} = :{name}' for name in values)} " if values else ""
    return store.updating(
        settings().tokens_table,
        {"pk": row["pk"], "sk": row["sk"]},
        f"{setting}REMOVE {', '.join(forgotten)}",
        "digest = :seen",
        seen=row["digest"],
        **values,
    )


def forgetting(account: Row, device_id: str) -> dict[str, Any]:
    """The write by which a device is known no longer. Its condition fails where it is not the account's."""
    key = keys.device(addresses.email_digest(account["email"]), device_id)
    return store.deleting(settings().tokens_table, key, "account_id = :account_id", account_id=account["account_id"])


def find_all(account: Row) -> list[Row]:
    """Those of an account that are known, the newest first."""
    return store.query(
        settings().tokens_table,
        keys.address(addresses.email_digest(account["email"]))["pk"],
        "device#",
        limit=_SHOWN,
        only="account_id = :account_id AND expires_at > :now",
        account_id=account["account_id"],
        now=clock.now(),
    )


def standing_for(link: Token, account: Row) -> dict[str, Any]:
    """The write by which a reset link, being spent, stands for a device at the next sign-in: strangers may have used up
    the attempts of the address.
    """
    key = keys.device(addresses.email_digest(account["email"]), link.token_id)
    detail = {"device_id": link.token_id, "account_id": account["account_id"], "link": True}
    return store.putting(settings().tokens_table, one_time.row_of(key, link, LINK_LIFE, **detail))
