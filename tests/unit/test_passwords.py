"""The rules a password must meet, and the hash it is kept as."""

from __future__ import annotations

import time
import unicodedata
from typing import Any

import pytest
from argon2 import PasswordHasher

from local.template import load_template
from rekey.api.errors import WeakPasswordError
from rekey.credentials import new_passwords, password_presets, passwords
from tests import stack
from tests.stack import forget_caches

STRONG = {"sales-connect": "Correct-Horse-9", "commerce": "vY7kqz", "nist": "correct horse battery"}


def configure(monkeypatch: pytest.MonkeyPatch, **parameters: str) -> None:
    for name, value in load_template(parameters).environment().items():
        monkeypatch.setenv(name, value)
    forget_caches()


@pytest.fixture(autouse=True)
def rule(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    chosen = str(getattr(request, "param", "nist"))
    configure(monkeypatch, PasswordRule=chosen)
    return chosen


def broken(password: str, email: str = "alice@example.com") -> set[str]:
    """What a password breaks of the rule."""
    try:
        new_passwords.require_strong("password", password, {"email": email})
    except WeakPasswordError as refusal:
        return {error["code"] for error in refusal.errors if error["field"] == "password"}
    return set()


@pytest.mark.parametrize(
    ("rule", "password", "codes"),
    [
        ("sales-connect", "Correct-Horse-9", set()),
        ("sales-connect", "Cq-7vbKm", {"too_short"}),
        ("sales-connect", "Cq-7vbKmz", set()),
        ("sales-connect", "correct-horse-9", {"needs_uppercase"}),
        ("sales-connect", "CORRECT-HORSE-9", {"needs_lowercase"}),
        ("sales-connect", "Correct-Horse-Nine", {"needs_digit"}),
        ("sales-connect", "CorrectHorse93Battery", {"needs_special"}),
        ("sales-connect", "Correct_Horse93", set()),
        ("sales-connect", "Correct Horse93", {"needs_special"}),
        ("sales-connect", "Ångström-Ünïcode-٣", set()),
        ("sales-connect", "kpqvz", {"too_short", "needs_uppercase", "needs_digit", "needs_special"}),
        ("commerce", "vY7kqz", set()),
        ("commerce", "vY7kq", {"too_short"}),
        ("commerce", "vY7 kqzw", {"has_whitespace"}),
        ("commerce", "vY7\u00a0kqzw", {"has_whitespace"}),
        ("commerce", "vY7\tkqzw", {"has_whitespace"}),
        ("nist", "correct horse battery", set()),
        ("nist", "correct horse ", {"too_short"}),
        ("nist", "correct horse b", set()),
    ],
    indirect=["rule"],
)
def test_rules(rule: str, password: str, codes: set[str]) -> None:
    """Each preset refuses what breaks it, naming every part that is broken, and takes the rest."""
    assert rule in password_presets.RULES
    assert broken(password) - {"too_common"} == codes


@pytest.mark.parametrize(
    ("rule", "password"),
    [
        ("sales-connect", "Password1!"),
        ("sales-connect", "P@ssw0rd123"),
        ("sales-connect", "Welcome123!"),
        ("sales-connect", "Qwerty123!"),
        ("commerce", "123456"),
        ("commerce", "letmein"),
        ("commerce", "monkey1"),
        ("nist", "passwordpassword"),
        ("nist", "111111111111111"),
        ("nist", "qwertyuiopasdfg"),
        ("nist", "aaaaaaaaaaaaaaaaaaaa"),
    ],
    indirect=["rule"],
)
def test_common(rule: str, password: str) -> None:
    """Every preset refuses listed passwords, also with the usual trimmings or repeated."""
    assert broken(password) == {"too_common"}, rule


@pytest.mark.parametrize("rule", ["sales-connect"], indirect=True)
@pytest.mark.parametrize(
    "password", ["Summer2026!", "Admin@12345", "Welcome-2026", "Qwerty-12345", "ILoveYou-1234", "Stockholm-2026"]
)
def test_too_guessable(rule: str, password: str) -> None:
    """What meets the rule as people meet rules is refused by its estimate, without a look-up of breaches."""
    assert broken(password) == {"too_guessable"}, rule


@pytest.mark.parametrize("rule", ["sales-connect"], indirect=True)
@pytest.mark.parametrize(
    "password",
    [
        stack.PASSWORD,
        stack.SECOND_PASSWORD,
        stack.THIRD_PASSWORD,
        stack.WRONG_PASSWORD,
        "Brave-New-Otter-42",
        "k7#Qm2!xA",
        "correct Horse battery 1!",
    ],
)
def test_not_too_guessable(rule: str, password: str) -> None:
    """A few words, or as many random characters as the rule asks for, pass the estimate."""
    assert broken(password) == set(), rule


@pytest.mark.parametrize(
    ("rule", "password"), [("commerce", "vY7kqz"), ("sales-connect", "Zq7!mLp0w")], indirect=["rule"]
)
def test_random_characters_of_the_least_length(rule: str, password: str) -> None:
    """No rule asks for a length and then refuses whatever has it."""
    assert broken(password) == set(), rule


@pytest.mark.parametrize("rule", password_presets.RULES, indirect=True)
@pytest.mark.parametrize("password", ["Rekey-Rekey1", "reKEY-2026!", "ACME!reKey_1", "!Rekey-example9"])
def test_words_of_the_context(rule: str, password: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The issuer's name and words of the address and its domain are no password, with too little beside them."""
    configure(monkeypatch, PasswordRule=rule, Issuer="Rekey by ACME")

    assert "context" in broken(password, "alice.b@mail.example.com")


@pytest.mark.parametrize("email", ["kurt.lindqvist@example.com", "k@lindqvist.example.com", "LINDQVIST77@example.com"])
def test_a_word_of_the_address(email: str) -> None:
    """Each word counts, not the half of the address alone."""
    assert broken("Lindqvist-20267", email.lower()) & {"context", "contains_address"}


def test_words_of_the_context_in_a_long_password() -> None:
    """In what would be a password without them they do no harm; nor does a part of another word."""
    assert broken("correct horse battery rekey") == set()
    assert broken("Rek-key-Otter-Brave-42") == set()


@pytest.mark.parametrize("length", [72, 128, 256])
@pytest.mark.parametrize("text", ["aB3$xyzqkW", "password1!", "1a"])
def test_no_long_estimate(text: str, length: int) -> None:
    """The longest password that is taken keeps nothing busy: its time is that of its beginning."""
    broken("to read the lists")
    began = time.process_time()
    broken((text * 30)[:length])

    assert time.process_time() - began < 0.2


@pytest.mark.parametrize("rule", password_presets.RULES, indirect=True)
@pytest.mark.parametrize(
    "password",
    ["{strong}alice@example.com", "ALICE@EXAMPLE.COM{strong}", "Alice-9", "9!exAmple.com", "Alice!example.com"],
)
def test_own_address(rule: str, password: str) -> None:
    """Every preset refuses the account's own address with anything beside it, or either half of it with too little."""
    assert "contains_address" in broken(password.format(strong=STRONG[rule].replace(" ", "")))


def test_half_the_address_in_a_long_password() -> None:
    """A name in what would be a password without it does no harm."""
    assert broken("correct horse battery alice") == set()


def test_short_names() -> None:
    """A name of three letters is in too many words to be refused."""
    assert broken("blissful enjoying it", "joy@example.com") == set()


@pytest.mark.parametrize("character", ["v", "é", "漢", "\U0001f40e", "\u202e", "\0", "\u200d"])
def test_long_and_of_any_characters(character: str) -> None:
    """At least 128 characters of any kind are taken, up to 256, and what is longer is refused, not cut."""
    for length in (128 - 21, 256 - 21):
        assert broken("correct horse battery" + character * length) == set()
    assert broken("correct horse battery" + character * (257 - 21)) == {"too_long"}


@pytest.mark.parametrize("character", ["v", "漢", "\U0001f40e", "\0"])
@pytest.mark.usefixtures("cheap_hashes")
def test_never_truncated(character: str) -> None:
    """Of two long passwords that differ in the last character alone, one does not pass for the other."""
    kept = passwords.hash_password(character * 199 + "1")

    assert passwords.matches(kept, character * 199 + "1")
    assert not passwords.matches(kept, character * 199 + "2")
    assert not passwords.matches(kept, character * 199)


@pytest.mark.parametrize("password", ["Ångström", "한국어", "ﬁ\u0301"])
@pytest.mark.usefixtures("cheap_hashes")
def test_composed_and_decomposed(password: str) -> None:
    """The same characters, composed on one keyboard and decomposed on another, are the same password."""
    kept = passwords.hash_password(unicodedata.normalize("NFD", password))

    assert passwords.matches(kept, unicodedata.normalize("NFC", password))
    assert passwords.matches(kept, unicodedata.normalize("NFD", password))


@pytest.mark.usefixtures("cheap_hashes")
def test_compatible_characters_differ() -> None:
    """NFC and not NFKC: a ligature is not its letters, so no entropy is lost."""
    assert not passwords.matches(passwords.hash_password("ﬁne"), "fine")


def test_length_is_counted_after_normalising() -> None:
    """Fifteen characters are not twenty because of how they were typed."""
    assert "too_short" in broken(unicodedata.normalize("NFD", "ångström één"))


def test_parameters_of_the_template() -> None:
    """A hash is made with the template's own parameters, OWASP's floor, and a salt of 128 bits."""
    kept = passwords.hash_password("correct horse battery")

    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert len(kept.split("$")[4]) == 22
    assert passwords.matches(kept, "correct horse battery")
    assert not passwords.matches(kept, "correct horse batterz")
    assert not passwords.needs_rehash(kept)


def test_rehash_when_parameters_rise(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hash of lower parameters still verifies, and says that it should be made anew."""
    kept = passwords.hash_password("correct horse battery")

    configure(monkeypatch, Argon2Iterations="3")

    assert passwords.needs_rehash(kept)
    assert passwords.matches(kept, "correct horse battery")
    assert "t=3" in passwords.hash_password("correct horse battery")


@pytest.mark.usefixtures("cheap_hashes")
def test_no_hash_matches_nothing() -> None:
    """Where there is no account there is no right password, not even the decoy's own."""
    assert not passwords.matches(None, "anything")
    assert not passwords.matches(None, "no account has this hash")


@pytest.mark.parametrize("kept", ["", "x", "$argon2id$", "$2b$12$abcdefghijklmnopqrstuv"])
@pytest.mark.usefixtures("cheap_hashes")
def test_a_broken_hash_matches_nothing(kept: str) -> None:
    """It fails closed on a hash that is none."""
    assert not passwords.matches(kept, "anything")


class Counting(PasswordHasher):
    """Counts how often Argon2 does its work."""

    work = 0

    def hash(self, *args: Any, **kwargs: Any) -> str:
        Counting.work += 1
        return super().hash(*args, **kwargs)

    def verify(self, *args: Any, **kwargs: Any) -> Any:
        Counting.work += 1
        return super().verify(*args, **kwargs)


def work_of(kept: str | None) -> int:
    """How many hashes it takes to judge a password against one that is kept."""
    before = Counting.work
    passwords.matches(kept, "wrong")
    return Counting.work - before


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> str:
    """A hash, made while each is counted."""
    hasher = Counting(memory_cost=8, time_cost=1, parallelism=1)
    monkeypatch.setattr(passwords, "hasher", lambda: hasher)
    return passwords.hash_password("right")


def test_unknown_costs_the_same(counted: str) -> None:
    """An unknown address costs one hash, as a known one does."""
    work_of(None)

    assert work_of(None) == work_of(counted) == 1


def test_unknown_costs_the_same_in_a_new_environment(counted: str) -> None:
    """The first request of an execution environment is no exception."""
    assert work_of(None) == work_of(counted)
