"""TOTP codes."""

from __future__ import annotations

import pyotp
import pytest
from botocore.exceptions import ClientError

from rekey.api.errors import TotpClockError, TotpInvalidError, TotpUsedError
from rekey.credentials import totp
from tests.stack import Clock

SECRET = b"12345678901234567890"  # RFC 6238, appendix B
NEVER = -1

# RFC 6238, appendix B, SHA-1, but for its first, which is less than ten minutes after the epoch. The codes there have
# eight digits, of which the last six are those of the six-digit code.
VECTORS = {
    1111111109: "07081804",
    1111111111: "14050471",
    1234567890: "89005924",
    2000000000: "69279037",
    20000000000: "65353130",
}


@pytest.mark.parametrize("time", VECTORS)
def test_vectors_of_the_standard(frozen: Clock, time: int) -> None:
    """The codes of RFC 6238 are right at its times, and the step they are right for is the one they are of."""
    frozen.now = time

    assert totp.verify_code(SECRET, VECTORS[time][2:], NEVER) == time // 30


@pytest.mark.parametrize("time", VECTORS)
def test_not_another_times(frozen: Clock, time: int) -> None:
    """The code of one vector is wrong at the time of any other."""
    frozen.now = time

    for other in {*VECTORS} - {time}:
        if abs(other - time) > 1000:
            with pytest.raises(TotpInvalidError):
                totp.verify_code(SECRET, VECTORS[other][2:], NEVER)


@pytest.mark.parametrize("steps", [-1, 0, 1])
@pytest.mark.parametrize("within", [0, 29])
def test_window(frozen: Clock, steps: int, within: int) -> None:
    """A code is taken one step early or late, however far into the step it is."""
    frozen.now = 1111111109 // 30 * 30 + within - steps * 30

    assert totp.verify_code(SECRET, "081804", NEVER) == 1111111109 // 30


@pytest.mark.parametrize("steps", [-20, -2, 2, 20])
def test_clock_off(frozen: Clock, steps: int) -> None:
    """A first code that is right for a far step says by how much the clock is off: ahead is more than zero."""
    frozen.now = 1111111109 - steps * 30

    with pytest.raises(TotpClockError) as refusal:
        totp.verify_first_code(SECRET, "081804")

    assert refusal.value.members() == {"clock_offset": steps * 30}


@pytest.mark.parametrize("steps", [-21, 21])
def test_too_far(frozen: Clock, steps: int) -> None:
    """Beyond ten minutes a code is merely wrong."""
    frozen.now = 1111111109 - steps * 30

    with pytest.raises(TotpInvalidError):
        totp.verify_first_code(SECRET, "081804")


@pytest.mark.parametrize("steps", [-20, -2, 2, 20])
def test_any_other_code_is_merely_wrong(frozen: Clock, steps: int) -> None:
    """Told of each code for which time it is right, a guesser would wait for that time: 41 steps in place of three."""
    frozen.now = 1111111109 - steps * 30

    with pytest.raises(TotpInvalidError):
        totp.verify_code(SECRET, "081804", NEVER)


@pytest.mark.parametrize("last", [0, 1])
def test_used(frozen: Clock, last: int) -> None:
    """The step last accepted, and any before it, is used up; the one after it is not."""
    frozen.now = 1111111109
    step = frozen.now // 30

    with pytest.raises(TotpUsedError):
        totp.verify_code(SECRET, "081804", step + last)
    assert totp.verify_code(SECRET, "081804", step - 1) == step


@pytest.mark.parametrize("code", ["", "0", "81804", "0081804", "+81804", "-81804", "0x13fbc", "\0" * 6])
def test_wrong_forms(frozen: Clock, code: str) -> None:
    """What is not the six digits is wrong."""
    frozen.now = 1111111109

    with pytest.raises(TotpInvalidError):
        totp.verify_code(SECRET, code, NEVER)


@pytest.mark.parametrize("code", ["\uff10\uff18\uff11\uff18\uff10\uff14", "٠٨١٨٠٤", "08180é"])
def test_digits_of_other_scripts(frozen: Clock, code: str) -> None:
    """Digits of other scripts are wrong, not a fault."""
    frozen.now = 1111111109

    with pytest.raises(TotpInvalidError):
        totp.verify_code(SECRET, code, NEVER)


def test_secrets() -> None:
    """A secret has 160 bits, never the same, and is typed as 32 characters of base 32 without padding."""
    assert len(totp.new_secret()) == 20
    assert totp.new_secret() != totp.new_secret()
    assert totp.as_typed(SECRET) == "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


def test_codes_are_those_of_apps() -> None:
    """A code is what an authenticator app, here pyotp, shows at that step: leading zeros too."""
    secrets = [totp.new_secret() for _ in range(20)]
    codes = [(totp.code_at(secret, step), secret, step) for secret in secrets for step in range(100)]

    assert [code for code, *_ in codes] == [
        pyotp.TOTP(totp.as_typed(secret)).generate_otp(step) for _, secret, step in codes
    ]
    assert any(code.startswith("0") for code, *_ in codes)


@pytest.mark.usefixtures("stack")
def test_encrypted_for_one_account() -> None:
    """A secret is read back for its own account, and not for another or with a changed byte."""
    kept = totp.encrypt_secret("one", SECRET)

    assert SECRET not in kept
    assert totp.decrypt_secret("one", kept) == SECRET
    with pytest.raises(ClientError):
        totp.decrypt_secret("two", kept)
    with pytest.raises(ClientError):
        totp.decrypt_secret("one", kept[:-1] + bytes([kept[-1] ^ 1]))
