"""A new password: what it must be (the template's rule, hard to guess, not made of the issuer's name or the account's
address, in no known breach).
"""

import re
from typing import Literal

from rekey.api.errors import PasswordCode, WeakPasswordError
from rekey.aws.store import Row
from rekey.credentials import passwords
from rekey.credentials.breached_passwords import is_breached
from rekey.credentials.password_presets import LONGEST, RULES
from rekey.settings import settings

_GUESSED_LENGTH = 72  # characters: zxcvbn's work grows with the square
_TELLING = 4  # characters: "joe" is in many a word
_ENOUGH = 8  # characters beside a part of the address, or a word of the context
# Guesses, as powers of ten (docs/decisions/0021). Random characters are estimated at one power each.
_COMMON = 6.00001  # a listed password, or one with the usual trimmings
_FLOOR = 8.2  # just above `Admin@12345`; of nine random characters, 17 in a thousand are below


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
    words = _words_of(owner["email"])
    if _contains_address(password, owner["email"]):
        broken.append("contains_address")
    elif _is_made_of(words, password):
        broken.append("context")
    elif (easy := _easy(password, words, shortest)) == "too_common" or (easy and not broken):
        broken.append(easy)  # that a short one can be guessed is said by its length
    if broken:
        raise WeakPasswordError(field, *broken)


def require_unbreached(field: str, password: str) -> None:
    """Asked last: of what is refused in any case, nothing need leave. Raises WeakPasswordError (ASVS 6.2.12)."""
    if is_breached(password):
        raise WeakPasswordError(field, "breached")


def _contains_address(password: str, email: str) -> bool:
    """Whether the address is in it, or a part of the address with too little beside it to be a password by itself."""
    folded = password.casefold()
    without = [folded.replace(word, "") for word in email.split("@") if len(word) >= _TELLING]
    return email in folded or any(len(rest) < _ENOUGH for rest in without if rest != folded)


def _words_of(email: str) -> list[str]:
    """What somebody tries first here: words of the issuer's name and of the address, the longest first."""
    words = re.findall(r"[^\W\d_]+", f"{settings().issuer} {email}".casefold())
    return sorted({word for word in words if len(word) >= _TELLING}, key=len, reverse=True)


def _is_made_of(words: list[str], password: str) -> bool:
    """Whether it has any of these words, with too little beside them to be a password by itself."""
    rest = folded = password.casefold()
    for word in words:
        rest = rest.replace(word, "")
    return rest != folded and len(rest) < _ENOUGH


def _easy(password: str, words: list[str], shortest: int) -> Literal["too_common", "too_guessable"] | None:
    """How zxcvbn's estimate refuses it. As many random characters as the rule asks for must pass whatever they are."""
    from zxcvbn_rs_py import zxcvbn  # its word lists are for this alone: no start waits for them

    guesses = zxcvbn(password[:_GUESSED_LENGTH], words).guesses_log10
    random = shortest - 0.5
    if guesses < min(_COMMON, random):
        return "too_common"
    return "too_guessable" if guesses < min(_FLOOR, random) else None
