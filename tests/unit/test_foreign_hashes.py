"""Hashes that other systems made: they verify as at their origin, and none can starve a function."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
import unicodedata
from typing import Any

import bcrypt
import pytest
from argon2 import low_level

from local.template import ROOT, load_template
from rekey.credentials import foreign_hashes, passwords
from tests.foreign_hashes import (
    COMPOSED,
    FIREBASE,
    FIREBASE_PASSWORD,
    HASHES,
    LONG,
    OF_COMPOSED,
    OF_DECOMPOSED,
    OF_LONG,
    PASSWORD,
)

pytestmark = pytest.mark.usefixtures("cheap_hashes")

SALT, DIGEST, LONG_DIGEST = (base64.b64encode(bytes(size)).decode().rstrip("=") for size in (16, 32, 64))
BCRYPT = "$2b$04$abcdefghijklmnopqrstuujychUoFq1HmwNaY42DDiLkvQ.Isqfzy"


@pytest.mark.parametrize("kept", HASHES.values(), ids=HASHES)
def test_as_at_its_origin(kept: str) -> None:
    """A hash that its origin's code made takes its password and no other, and wants to be made anew."""
    assert passwords.matches(kept, PASSWORD)
    assert not passwords.matches(kept, PASSWORD + "0")
    assert not passwords.matches(kept, "")
    assert passwords.needs_rehash(kept)


def test_firebase() -> None:
    """The example that Firebase publishes verifies, in both alphabets of base64, and not with another signer key."""
    for kept in (FIREBASE, FIREBASE.replace("+", "-").replace("/", "_")):
        assert passwords.matches(kept, FIREBASE_PASSWORD)
        assert not passwords.matches(kept, "user2password")
    assert not passwords.matches(FIREBASE.replace("$jxspr8", "$jxspr9"), FIREBASE_PASSWORD)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_normalised_or_as_typed(form: Any) -> None:
    """A password outside ASCII is taken as we normalise it, and as it was typed at an origin that does not."""
    assert passwords.matches(OF_COMPOSED, unicodedata.normalize(form, COMPOSED))
    assert passwords.matches(OF_DECOMPOSED, unicodedata.normalize("NFD", COMPOSED))


def test_longer_than_bcrypt_reads() -> None:
    """More than 72 bytes are dropped as bcrypt's origins do, in the midst of a character too; a NUL raises nothing."""
    assert passwords.matches(OF_LONG, LONG)
    assert passwords.matches(OF_LONG, LONG[:36] + "x")
    assert not passwords.matches(OF_LONG, LONG[:35])
    assert not passwords.matches(OF_LONG, "\0" + LONG)


COSTLY = [
    f"$argon2id$v=19$m=524289,t=1,p=1${SALT}${DIGEST}",
    f"$argon2i$v=19$m=1048576,t=1,p=1${SALT}${DIGEST}",
    f"argon2$argon2d$v=19$m=4294967295,t=9,p=1${SALT}${DIGEST}",
    f"$argon2id$m=524288,t=5,p=1${SALT}${DIGEST}",
    f"$argon2id$v=19$m=64,t=1,p=17${SALT}${DIGEST}",
    BCRYPT.replace("$04$", "$15$"),
    BCRYPT.replace("$04$", "$99$"),
    "bcrypt_sha256$" + BCRYPT.replace("$04$", "$31$"),
    f"pbkdf2_sha256$4000001$salt${DIGEST}",
    f"$pbkdf2-sha512$4000001${SALT}${DIGEST}",
    f"$pbkdf2$i=2000001${SALT}${DIGEST}",
    f"$pbkdf2-sha256$4000${SALT}${DIGEST}".replace("4000", "9" * 400),
    f"scrypt$262144$salt$8$1${DIGEST}",
    f"scrypt$131072$salt$8$3${DIGEST}",
    f"$scrypt$ln=14,r=65,p=1${SALT}${DIGEST}",
    f"$scrypt$ln=63,r=8,p=1${SALT}${DIGEST}",
    f"$scrypt$ln=999999999,r=8,p=1${SALT}${DIGEST}",
    FIREBASE.replace("ln=14", "ln=18"),
]
BROKEN = [
    "",
    "x",
    "$",
    "$argon2id$",
    f"$argon2id$v=20$m=64,t=1,p=1${SALT}${DIGEST}",
    f"$argon2id$v=19$m=0,t=0,p=0${SALT}${DIGEST}",
    f"$argon2id$v=19$m=64,t=1,p=1$A${DIGEST}",
    BCRYPT[:-1],
    BCRYPT + "x",
    BCRYPT.replace("$2b$", "$2x$"),
    BCRYPT.replace("$04$", "$03$"),
    BCRYPT[:-32] + "\n" * 32,
    "pbkdf2_sha256$1000$salt$",
    "pbkdf2_sha256$1000$salt$AAAA",
    f"pbkdf2_sha256$0$salt${DIGEST}",
    f"pbkdf2_md5$1000$salt${DIGEST}",
    f"$pbkdf2-sha256$1000$A${DIGEST}",
    f"$pbkdf2-sha256$-1${SALT}${DIGEST}",
    f"scrypt$15$salt$8$1${DIGEST}",
    f"scrypt$1$salt$8$1${DIGEST}",
    f"scrypt$16$salt$0$1${DIGEST}",
    f"scrypt$65536$salt$1$1${DIGEST}",
    f"$scrypt$ln=4,r=8,p=0${SALT}${DIGEST}",
    f"$scrypt$ln=٤,r=8,p=1${SALT}${DIGEST}",
    FIREBASE.replace("$Bw==", "$B"),
    "md5$salt$5f4dcc3b5aa765d61d8327deb882cf99",
    "5f4dcc3b5aa765d61d8327deb882cf99",
    f"pbkdf2_sha256$1000${'s' * 1024}${DIGEST}",
]


@pytest.mark.parametrize("kept", COSTLY)
def test_too_costly_is_never_computed(kept: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hash beyond the limits is refused before any work is done on it."""
    for module, name in (
        (hashlib, "scrypt"),
        (hashlib, "pbkdf2_hmac"),
        (bcrypt, "checkpw"),
        (low_level, "verify_secret"),
    ):
        monkeypatch.setattr(module, name, _worked)

    with pytest.raises(foreign_hashes.UnusableHashError, match="hash_too_costly"):
        foreign_hashes.parse(kept)
    assert not passwords.matches(kept, PASSWORD)


def _worked(*_: Any, **__: Any) -> None:
    raise AssertionError("it was computed")


@pytest.mark.parametrize("kept", BROKEN)
def test_broken_matches_nothing(kept: str) -> None:
    """What is no hash, or half of one, takes no password, not even the empty one, and raises nothing."""
    assert not passwords.matches(kept, PASSWORD)
    assert not passwords.matches(kept, "")


@pytest.mark.parametrize(
    "kept",
    [
        f"$argon2id$v=19$m=262144,t=3,p=1${SALT}${DIGEST}",
        f"$argon2id$v=19$m=524288,t=4,p=4${SALT}${DIGEST}",
        f"argon2$argon2id$v=19$m=102400,t=2,p=8${SALT}${DIGEST}",
        BCRYPT.replace("$04$", "$14$"),
        f"pbkdf2_sha256$1500000$salt${DIGEST}",
        f"$pbkdf2-sha512$i=210000,l=64${SALT}${LONG_DIGEST}",
        f"$scrypt$ln=17,r=8,p=1${SALT}${DIGEST}",
        f"scrypt$16384$salt$8$5${DIGEST}",
        FIREBASE,
    ],
)
def test_what_is_in_use_is_taken(kept: str) -> None:
    """The limits leave room for what the origins, OWASP and libsodium choose today."""
    assert callable(foreign_hashes.parse(kept).verify)


@pytest.mark.parametrize("kept", [passwords.NO_PASSWORD, COSTLY[0], BROKEN[-1]])
def test_no_judgement_costs_ours(kept: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no password can match, the work of our own hash is done, as for an unknown address."""
    judged: list[str] = []
    verify = type(passwords.hasher()).verify

    def count(self: Any, password_hash: str, password: bytes) -> Any:
        judged.append(password_hash)
        return verify(self, password_hash, password)

    monkeypatch.setattr(type(passwords.hasher()), "verify", count)

    assert not passwords.matches(kept, PASSWORD)
    assert judged == [passwords._decoy()]


def test_an_unusable_hash_is_logged_without_it(caplog: pytest.LogCaptureFixture) -> None:
    """The log says why a hash cannot be used, and nothing of it or of the password."""
    passwords.matches(COSTLY[0], PASSWORD)

    logged = str([vars(record) for record in caplog.records])
    assert "hash_too_costly" in logged
    assert DIGEST not in logged
    assert PASSWORD not in logged


def loaded_by(kept: str) -> set[str]:
    """Which of the modules that only foreign hashes need a fresh interpreter has loaded to verify one."""
    code = f"import sys; from rekey.credentials import passwords; passwords.matches({kept!r}, 'x'); print(*sys.modules)"
    environment = {"PYTHONPATH": "layers/common", **load_template({}).environment()}
    run = subprocess.run([sys.executable, "-c", code], env=environment, cwd=ROOT, capture_output=True, check=True)
    return {"rekey.credentials.foreign_hashes", "bcrypt", "Crypto"} & set(run.stdout.decode().split())


@pytest.mark.parametrize(
    ("kept", "loaded"),
    [
        (f"$argon2id$v=19$m=19456,t=2,p=1${SALT}${DIGEST}", set()),
        (BCRYPT, {"rekey.credentials.foreign_hashes", "bcrypt"}),
        (HASHES["django scrypt"], {"rekey.credentials.foreign_hashes"}),
        (FIREBASE, {"rekey.credentials.foreign_hashes", "Crypto"}),
    ],
    ids=["ours", "bcrypt", "scrypt", "firebase"],
)
def test_loaded_when_met(kept: str, loaded: set[str]) -> None:
    """A library of a foreign scheme is loaded when such a hash is met, never for one of ours."""
    assert loaded_by(kept) == loaded
