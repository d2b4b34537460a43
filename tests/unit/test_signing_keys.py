"""Which key signs and which are published, by the time alone; and what is read of a key."""

from __future__ import annotations

from typing import Any

import boto3
import pytest

from rekey.accounts import keys
from rekey.aws import store
from rekey.oauth import signing_keys
from rekey.settings import settings
from tests.calls import recording
from tests.stack import Clock, Stack


def keep(*every: dict[str, Any]) -> None:
    """The row as a rotation leaves it."""
    store.put(settings().accounts_table, {**keys.signing_keys(), "revision": 1, "keys": [*every]})


def published() -> list[str]:
    return [key["kid"] for key in signing_keys.published()]


@pytest.mark.usefixtures("stack")
def test_the_template_has_the_first_key() -> None:
    """Until there is a row it signs, and is published."""
    assert signing_keys.current() == settings().signing_key
    assert published() == [settings().signing_key]


@pytest.mark.usefixtures("stack")
def test_a_turn_is_made_by_time(frozen: Clock) -> None:
    """Next, current, retired, gone: to the second, and without a look at the row in between."""
    now = frozen.now
    old = {"kid": "old", "n": "…", "published_at": 0, "current_from": 0, "published_until": now + 200}
    keep(old, {"kid": "new", "n": "…", "published_at": now, "current_from": now + 100})
    assert (signing_keys.current(), published()) == ("old", ["old", "new"])

    with recording() as calls:
        frozen.advance(99)
        assert (signing_keys.current(), published()) == ("old", ["old", "new"])
        frozen.advance(1)
        assert (signing_keys.current(), published()) == ("new", ["old", "new"])
        frozen.advance(99)
        assert published() == ["old", "new"]
        frozen.advance(1)
        assert (signing_keys.current(), published()) == ("new", ["new"])

    assert not calls


@pytest.mark.usefixtures("stack")
def test_what_is_no_longer_published_signs_nothing(frozen: Clock) -> None:
    """A key that leaked is out of use though its turn came last."""
    ended = {"kid": "leaked", "n": "…", "published_at": 0, "current_from": 10, "published_until": frozen.now}
    keep({"kid": "new", "n": "…", "published_at": 0, "current_from": 0}, ended)

    assert (signing_keys.current(), published()) == ("new", ["new"])


@pytest.mark.usefixtures("stack")
def test_the_row_is_kept_for_a_while(frozen: Clock) -> None:
    """An environment reads it once in five minutes, and again when it is told to."""
    signing_keys.current()
    keep({"kid": "new", "n": "…", "published_at": 0, "current_from": 0})
    frozen.advance(signing_keys.KEPT - 1)
    assert signing_keys.current() == settings().signing_key

    frozen.advance(1)
    assert signing_keys.current() == "new"

    keep({"kid": "newer", "n": "…", "published_at": 0, "current_from": 0})
    signing_keys.forget()
    assert signing_keys.current() == "newer"


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize("spec", ["RSA_3072", "ECC_NIST_P256"])
def test_only_such_a_key_is_published(spec: Any) -> None:
    """What is no RSA key of 2048 bits is not taken for one, in part or whole."""
    made = boto3.client("kms").create_key(KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]

    with pytest.raises(signing_keys.NotAnRsaKeyError):
        signing_keys.modulus(made)


def test_the_public_half_is_the_keys_own(stack: Stack) -> None:
    """As a library of others reads it from KMS."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
    from cryptography.hazmat.primitives.serialization import load_der_public_key
    from jwt.utils import base64url_decode

    kid = stack.template.physical["SigningKey"]
    public = load_der_public_key(boto3.client("kms").get_public_key(KeyId=kid)["PublicKey"])
    assert isinstance(public, RSAPublicKey)

    told = [int.from_bytes(base64url_decode(text)) for text in (signing_keys.modulus(kid), signing_keys.E)]

    assert told == [public.public_numbers().n, public.public_numbers().e]
