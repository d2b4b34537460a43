"""JWTs (RFC 7519), signed by KMS with RS256. RSASSA-PKCS1-v1_5 is deterministic: the same claims are the same token."""

from __future__ import annotations

import hashlib
from typing import Any, Literal

import msgspec
from botocore.exceptions import ClientError

from rekey.aws import sdk
from rekey.oauth import base64url, signing_keys

ALGORITHM = "RS256"
_BY_KMS: Literal["RSASSA_PKCS1_V1_5_SHA_256"] = "RSASSA_PKCS1_V1_5_SHA_256"
_ENDED = {"DisabledException", "KMSInvalidStateException"}


def sign(typ: str, claims: dict[str, Any]) -> str:
    """A token signed by the current key."""
    try:
        return _signed(typ, claims)
    except ClientError as fault:
        if fault.response["Error"]["Code"] not in _ENDED:
            raise
        signing_keys.forget()  # an operator has ended the key, and the row says which one is current now
        return _signed(typ, claims)


def verify(text: str, typ: str) -> dict[str, Any] | None:
    """The claims of a token of ours, whatever its times say; None for any other.

    KMS judges the signature, by a key that is published: the layer needs no RSA of its own.
    """
    signed, _, signature = text.rpartition(".")
    try:
        header, claims = (
            msgspec.json.decode(base64url.decode(part), type=dict[str, Any]) for part in signed.split(".")
        )
        if (header.get("alg"), header.get("typ")) != (ALGORITHM, typ):
            return None
        if header.get("kid") not in [key["kid"] for key in signing_keys.published()]:
            return None
        _verify(header["kid"], signed, base64url.decode(signature))
    except ValueError:  # msgspec's and binascii's are, too
        return None
    return claims


def _signed(typ: str, claims: dict[str, Any]) -> str:
    kid = signing_keys.current()
    header = {"alg": ALGORITHM, "kid": kid, "typ": typ}
    signed = ".".join(base64url.encode(msgspec.json.encode(part)) for part in (header, claims))
    answer = sdk.kms().sign(KeyId=kid, Message=_digest(signed), MessageType="DIGEST", SigningAlgorithm=_BY_KMS)
    return f"{signed}.{base64url.encode(answer['Signature'])}"


def _verify(kid: str, signed: str, signature: bytes) -> None:
    """Raises ValueError for a signature that is not the key's, or of a key that has just been ended."""
    if len(signature) != signing_keys.MODULUS:  # KMS would call an empty one a fault of ours
        raise ValueError
    try:
        sdk.kms().verify(
            KeyId=kid, Message=_digest(signed), MessageType="DIGEST", Signature=signature, SigningAlgorithm=_BY_KMS
        )
    except ClientError as fault:
        if fault.response["Error"]["Code"] not in {"KMSInvalidSignatureException", *_ENDED}:
            raise
        raise ValueError from None


def _digest(signed: str) -> bytes:
    """What KMS is given: a message itself may have no more than 4 KiB."""
    return hashlib.sha256(signed.encode()).digest()
