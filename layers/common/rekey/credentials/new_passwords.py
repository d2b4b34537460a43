"""A new password: what it must be (the template's rule, not common, not the account's own address, in no known breach),
and all that changes with it.
"""

from zxcvbn_rs_py import zxcvbn

from rekey.accounts import changes
from rekey.accounts.changes import Change
from rekey.api.errors import PasswordCode, WeakPasswordError
from rekey.aws.store import Row
from rekey.credentials import passwords
from rekey.credentials.breached_passwords import is_breached
from rekey.credentials.password_presets import LONGEST, RULES
from rekey.limits import allowances, attempts
from rekey.settings import settings

_GUESSED_LENGTH = 72  # characters: zxcvbn's work grows with the square
_TELLING = 4  # characters: "joe" is in many a word
_ENOUGH = 8  # characters beside a part of the address
_COMMON_SCORE = 1  # fewer than 10^6 guesses: a listed password, or one with the usual trimmings


def require_strong(field: str, password: str, owner: Row) -> None:
    """Judge a new password of an account, or of an address that is to have one.

    Raises WeakPasswordError with every part of the rule that a new password breaks (ASVS 6.2.1, 6.2.4, 6.2.11)."""
    password = passwords.normalise(password)
    shortest, rule = RULES[settings().password_rule]
    broken: list[PasswordCode] = [code for code, holds in rule.items() if not holds(password)]
    if len(password) < shortest:
        broken.append("too_short")
    if len(password) > LONGEST:
        raise WeakPasswordError(field, "too_long")
    if _contains_address(password, owner["email"]):
        broken.append("contains_address")
    elif _is_common(password):
        broken.append("too_common")
    if broken:
        raise WeakPasswordError(field, *broken)


def require_unbreached(field: str, password: str) -> None:
    """Asked last: of what is refused in any case, nothing need leave. Raises WeakPasswordError (ASVS 6.2.12)."""
    if is_breached(password):
        raise WeakPasswordError(field, "breached")


def setting(account: Row, password: str, epoch: int | None = None) -> tuple[Change, ...]:
    """The changes that set it: its hash, the end of sessions, and the wrong ones before it forgotten.

    `epoch` as in `changes.raising_epoch`.
    """
    return (
        changes.setting_password(passwords.hash_password(password), epoch),
        attempts.forgetting(account, allowances.passwords()),
    )


def _contains_address(password: str, email: str) -> bool:
    """Whether the address is in it, or a part of the address with too little beside it to be a password by itself."""
    folded = password.casefold()
    without = [folded.replace(word, "") for word in email.split("@") if len(word) >= _TELLING]
    return email in folded or any(len(rest) < _ENOUGH for rest in without if rest != folded)


def _is_common(password: str) -> bool:
    return int(zxcvbn(password[:_GUESSED_LENGTH], []).score) <= _COMMON_SCORE
