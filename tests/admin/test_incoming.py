"""Rows of an import: which make accounts, and why others do not."""

from __future__ import annotations

from typing import Any

import pytest

from rekey.credentials.passwords import NO_PASSWORD
from rekey_admin.incoming import Incoming, RefusedRowError, Trust, judge
from tests.foreign_hashes import FIREBASE, HASHES
from tests.stack import Clock

pytestmark = pytest.mark.usefixtures("frozen")

KEPT = HASHES["libxcrypt 2y"]
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
ID = "0123456789abcdef0123456789ab"


def taken(trust: Trust = Trust(verified=True), **columns: Any) -> Incoming:  # noqa: B008 - a tuple
    return judge(7, {"email": "a@example.com", **columns}, trust)


def reason(row: dict[str, Any] | None, trust: Trust = Trust(verified=True)) -> str:  # noqa: B008 - a tuple
    with pytest.raises(RefusedRowError) as refused:
        judge(7, row, trust)
    return str(refused.value)


def test_every_column(frozen: Clock) -> None:
    """Each column is in the account to be, in the form the tables have."""
    made = taken(
        email="Ada@Example.COM",
        password_hash=KEPT,
        email_verified="true",
        locale="sv",
        created_at="2020-02-03T04:05:06+01:00",
        disabled="yes",
        totp_secret="jbsw y3dp ehpk 3pxp JBSWY3DPEHPK3PXP",
        totp_enabled="1",
        totp_required="true",
        account_id=ID,
    )

    assert made[:7] == (
        7,
        "ada@example.com",
        KEPT,
        1_580_699_106,
        {"locale": "sv"},
        True,
        b"Hello!\xde\xad\xbe\xef" * 2,
    )
    assert made.account_id == ID
    assert made.totp_required
    assert made.created_at < frozen.now


@pytest.mark.parametrize("empty", [None, ""])
def test_only_the_address_is_needed(frozen: Clock, empty: Any) -> None:
    """A column that is empty is as if it were not there."""
    bare = taken(password_hash=empty, locale=empty, created_at=empty, disabled=empty, totp_secret=empty)

    assert bare == (7, "a@example.com", NO_PASSWORD, frozen.now, {}, False, None, None, False, False)


@pytest.mark.parametrize("kept", [*HASHES.values(), FIREBASE])
def test_hashes_of_every_origin_come_as_they_are(kept: str) -> None:
    """A hash that sign-in can verify is kept to the letter."""
    assert taken(password_hash=kept).password_hash == kept


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"email": ""}, "email: invalid"),
        ({"email": "nobody"}, "email: invalid"),
        ({"email": ["a@example.com"]}, "email: invalid"),
        ({"email": "a@example.com\x1b[2J"}, "email: invalid"),
        ({"email": f"{'a' * 65}@example.com"}, "email: too_long"),
        ({"pasword_hash": KEPT}, "unknown column: pasword_hash"),
        ({"x" * 99: "1"}, "unknown column: " + "x" * 40),
        ({"email_verified": "false"}, "email_verified: the address is not proven (see --unverified)"),
        ({"email_verified": "0"}, "email_verified: the address is not proven (see --unverified)"),
        ({"email_verified": False}, "email_verified: the address is not proven (see --unverified)"),
        ({"email_verified": "maybe"}, "email_verified: neither true nor false"),
        ({"disabled": 7}, "disabled: neither true nor false"),
        ({"totp_required": "new"}, "totp_required: neither true nor false"),
        ({"locale": "a b"}, "locale: not in the form that Rekey has"),
        ({"account_id": ID + "0"}, "account_id: not in the form that Rekey has"),
        ({"account_id": ID.upper()}, "account_id: not in the form that Rekey has"),
        ({"created_at": "yesterday"}, "created_at: not ISO 8601"),
        ({"created_at": 7}, "created_at: not ISO 8601"),
        ({"created_at": "1969-12-31T23:59:59Z"}, "created_at: not in the past"),
        ({"created_at": "0001-01-01T00:00:00+14:00"}, "created_at: not in the past"),
        ({"created_at": "9999-12-31T23:59:59-14:00"}, "created_at: not in the past"),
        ({"totp_secret": "1"}, "totp_secret: not base32"),
        ({"totp_secret": "\u00e5" * 16}, "totp_secret: not base32"),
        ({"totp_secret": "JBSWY3DP"}, "totp_secret: not of 80 to 512 bits"),
        ({"totp_secret": "A" * 160}, "totp_secret: not of 80 to 512 bits"),
        ({"totp_enabled": "true"}, "totp_enabled: without totp_secret the second factor would be lost"),
        ({"totp_enabled": "on"}, "totp_enabled: neither true nor false"),
    ],
)
def test_refused(columns: dict[str, Any], why: str) -> None:
    """A row that makes no account is refused for the column that is wrong."""
    assert reason({"email": "a@example.com", **columns}) == why


def test_no_row() -> None:
    """What could not be read as a row is refused as that."""
    assert reason(None).startswith("not a row")


@pytest.mark.parametrize(
    ("kept", "why"),
    [
        (KEPT.replace("$04$", "$15$"), "hash_too_costly"),
        (FIREBASE.replace("ln=14", "ln=20"), "hash_too_costly"),
        (HASHES["django pbkdf2_sha256"].replace("$1000$", "$4000001$"), "hash_too_costly"),
        (HASHES["passlib argon2id"].replace("m=1024", "m=524289"), "hash_too_costly"),
        ("5f4dcc3b5aa765d61d8327deb882cf99", "hash_unknown"),
        ("$2b$04$" + "x" * 2000, "hash_too_long"),
        ("pbkdf2_sha256$1000$salt$AAAA", "hash_malformed"),
        (["5f4dcc3b5aa765d61d8327deb882cf99"], "hash_unknown"),
    ],
)
def test_a_hash_that_cannot_be_used(kept: Any, why: str) -> None:
    """The reason says what is wrong with a hash, and has nothing of it."""
    assert reason({"email": "a@example.com", "password_hash": kept}) == f"password_hash: {why}"


@pytest.mark.parametrize(
    ("kept", "lowered"),
    [
        (HASHES["django pbkdf2_sha256"], ("$1000$", "$999$")),
        (HASHES["django pbkdf2_sha1"], ("$1000$", "$1$")),
        (HASHES["passlib pbkdf2"], ("$1000$", "$1$")),
        (HASHES["phc pbkdf2-sha512"], ("i=1000,", "i=999,")),
        (HASHES["libxcrypt 2y"], ("$04$", "$03$")),
        (HASHES["django bcrypt_sha256"], ("$04$", "$00$")),
        (HASHES["django scrypt"], ("$1024$", "$512$")),
        (HASHES["passlib scrypt"], ("ln=10", "ln=9")),
        (FIREBASE, ("ln=14", "ln=4")),
        (HASHES["django argon2"], ("m=512", "m=511")),
        (HASHES["passlib argon2i"], ("m=1024", "m=64")),
        (HASHES["passlib argon2id"], ("m=1024", "m=1023")),
    ],
)
def test_a_hash_that_hides_nothing(kept: str, lowered: tuple[str, str]) -> None:
    """Each scheme has a least cost: what is at it is taken, what is below it refused."""
    assert taken(password_hash=kept).password_hash == kept
    assert (
        reason({"email": "a@example.com", "password_hash": kept.replace(*lowered)}) == "password_hash: hash_too_cheap"
    )


@pytest.mark.parametrize("said", [{}, {"email_verified": ""}, {"email_verified": None}])
def test_a_row_that_says_nothing(said: dict[str, Any]) -> None:
    """Whether its address is proven is never guessed: the operator says it of all such rows, or the row is refused."""
    proofs = {"password_hash": KEPT, "totp_secret": SECRET, **said}

    assert reason({"email": "a@example.com", **proofs}, Trust()) == (
        "email_verified: missing (see --verified and --unverified)"
    )
    assert taken(Trust(verified=True), **proofs).password_hash == KEPT
    assert taken(Trust(verified=True, unverified=True), **proofs).password_hash == KEPT
    unproven = taken(Trust(unverified=True), **proofs)
    assert (unproven.password_hash, unproven.totp_secret) == (NO_PASSWORD, None)


def test_a_row_that_says_so_needs_no_word_of_the_operator() -> None:
    """`true` is enough, and `--verified` makes no address proven that the file says is not."""
    assert taken(Trust(), email_verified="true", password_hash=KEPT).password_hash == KEPT
    for trust in (Trust(), Trust(verified=True)):
        assert "not proven" in reason({"email": "a@example.com", "email_verified": "false"}, trust)


@pytest.mark.parametrize("trust", [Trust(unverified=True), Trust(verified=True, unverified=True)])
def test_unproven_addresses_come_without_proofs(trust: Trust) -> None:
    """`--unverified` takes them, without password and second factor; a proven one keeps both all the same."""
    proofs = {"password_hash": KEPT, "totp_secret": SECRET}
    unproven = taken(trust, email_verified="false", **proofs)
    proven = taken(trust, email_verified="true", **proofs)

    assert (unproven.password_hash, unproven.totp_secret) == (NO_PASSWORD, None)
    assert (proven.password_hash, bool(proven.totp_secret)) == (KEPT, True)


def test_unproven_rows_are_judged_whole() -> None:
    """What is dropped of an unproven row must still be right: a broken file is not taken half."""
    with pytest.raises(RefusedRowError, match="hash_unknown"):
        taken(Trust(unverified=True), email_verified="false", password_hash="x")
