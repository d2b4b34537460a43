"""The keys that sign for applications: which one signs now, and which ones are published to judge by.

KMS holds their private halves. One row says from when each is published, from when it signs, and until when it stays
published. Functions judge by the time alone, so what one of them has kept for a while is as true as the row
(docs/decisions/0028).
"""

from __future__ import annotations

from functools import cache
from typing import Any

from rekey import clock
from rekey.accounts import keys
from rekey.aws import sdk, store
from rekey.aws.store import Row
from rekey.oauth import base64url
from rekey.settings import settings

KEPT = 300  # seconds that an environment keeps the row
CACHED = 600  # seconds that caches of HTTP may keep what is published
E = "AQAB"  # 65537, in base64url: the exponent of every key of KMS

# Around the modulus of an RSA key of 2048 bits, in the DER of its SubjectPublicKeyInfo (RFC 3279 §2.3.1).
_BEFORE = bytes.fromhex("30820122300d06092a864886f70d01010105000382010f003082010a0282010100")
_AFTER = bytes.fromhex("0203010001")
MODULUS = 256  # bytes, as many as a signature has


class NotAnRsaKeyError(Exception):
    """A key is none of RSA with 2048 bits and the usual exponent."""


def current() -> str:
    """The id of the key that signs now."""
    return str(current_of(_keys())["kid"])


def published() -> list[Row]:
    """The keys that tokens may be judged by now."""
    return published_of(_keys())


def forget() -> None:
    """Have the row read again: an operator has just ended a key."""
    _kept.cache_clear()


def current_of(every: list[Row]) -> Row:
    """Of those that may sign, the one whose turn came last."""
    signing = [key for key in published_of(every) if key["current_from"] <= clock.now()]
    return max(signing, key=lambda key: key["current_from"])


def published_of(every: list[Row]) -> list[Row]:
    return [key for key in every if "published_until" not in key or clock.now() < key["published_until"]]


def read() -> Row:
    """The row: `keys` and its `revision`. As long as there is none, the template's key is the only one."""
    row = store.get(settings().accounts_table, keys.signing_keys())
    return row or {"revision": 0, "keys": [{"kid": settings().signing_key, "published_at": 0, "current_from": 0}]}


def replacing(seen: Row, every: list[Row]) -> dict[str, Any]:
    """The write that lays down what comes after what was read. Its condition fails if another has come first."""
    return store.updating(
        settings().accounts_table,
        keys.signing_keys(),
        "SET #keys = :keys, revision = :next",
        "attribute_not_exists(revision) OR revision = :seen" if not seen["revision"] else "revision = :seen",
        names=("keys",),
        keys=every,
        next=seen["revision"] + 1,
        seen=seen["revision"],
    )


@cache
def modulus(kid: str) -> str:
    """The public half, in base64url (RFC 7518 §6.3.1.1): all there is to it, as the exponent is always the same.

    Raises NotAnRsaKeyError.
    """
    der = sdk.kms().get_public_key(KeyId=kid)["PublicKey"]
    n = der[len(_BEFORE) : -len(_AFTER)]
    if len(n) != MODULUS or der != _BEFORE + n + _AFTER:
        raise NotAnRsaKeyError(kid)
    return base64url.encode(n)


def _keys() -> list[Row]:
    kept = _kept()
    if clock.now() >= kept.get("until", 0):
        kept |= {"until": clock.now() + KEPT, "keys": read()["keys"]}
    return list(kept["keys"])


@cache
def _kept() -> dict[str, Any]:
    """What was read last, and until when it is kept."""
    return {}
