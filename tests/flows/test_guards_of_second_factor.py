"""What holds when the second factor, or the right to change it, ends between another request's read and its write.

Each test says what an attacker would gain by that moment, or by what else would be let through.
"""

from __future__ import annotations

import pytest

from tests.calls import meanwhile
from tests.flows.test_guards_of_codes import (
    REFUSED,
    Use,
    disabling,
    of_either_code,
    of_every_use,
    proof_of,
    replacing_codes,
    row_of,
    session_count,
    signing_in,
)
from tests.stack import Account, Clock, Stack, next_code, wrong_code


def revoke_all(stack: Stack, account: Account) -> None:
    assert stack.call("POST /revoke-tokens", {"scope": "all"}, token=account.access_token).status == 204


@of_either_code
@of_every_use
def test_a_right_code_while_all_is_revoked(stack: Stack, protected: Account, use: Use, kind: str) -> None:
    """Whoever holds a session would turn the second factor off, or take recovery codes that let them in for ever, at
    the moment in which its owner signs them out; and a code would be spent for a sign-in that is dead.
    """
    attempt = use(stack, protected, proof_of(protected, kind))
    before = row_of(stack)

    with meanwhile("TransactWriteItems", lambda: revoke_all(stack, protected)):
        assert attempt().code == REFUSED[kind]

    after = row_of(stack)
    for kept in ("totp_secret", "totp_last_step", "recovery_codes"):
        assert after[kept] == before[kept]
    assert session_count(stack) == 1


@of_either_code
@of_every_use
def test_a_right_code_after_all_is_revoked(stack: Stack, protected: Account, use: Use, kind: str) -> None:
    """The same, where the session was read before its end and the account is read after it."""
    attempt = use(stack, protected, proof_of(protected, kind))

    with meanwhile("UpdateItem", lambda: revoke_all(stack, protected)):
        answer = attempt()

    assert "totp_secret" in row_of(stack)
    assert "recovery_codes" not in answer.text
    assert not stack.is_signed_in((answer.json if answer.text else {}).get("access_token", "rka_none"))


@of_every_use
def test_a_code_of_a_secret_that_is_replaced(stack: Stack, protected: Account, frozen: Clock, use: Use) -> None:
    """Who has the old phone would do all that the new one does, at the moment in which its owner changes phones."""
    frozen.advance(60)
    attempt = use(stack, protected, {"code": next_code(protected)})
    turn_off = disabling(stack, protected, {"recovery_code": protected.recovery_codes[0]})

    def change_phones() -> None:
        assert turn_off().status == 204
        stack.enable_totp(protected)

    with meanwhile("TransactWriteItems", change_phones):
        assert attempt().code == "totp_used"

    assert session_count(stack) == 1
    kept = signing_in(stack, protected, {"recovery_code": protected.recovery_codes[0]})
    assert kept().status == 200


@pytest.mark.parametrize("use", [replacing_codes, disabling], ids=["replacing_codes", "disabling"])
def test_the_password_alone(stack: Stack, protected: Account, use: Use) -> None:
    """Who has session and password, and no code, would shed the second factor. It is refused for what is missing, not
    for a wrong code, of which the account allows few; and both kinds at once, of which one might do, are refused too.
    """
    both = proof_of(protected, "code") | proof_of(protected, "recovery_code")
    for _ in range(6):
        for proof, what in (({}, "missing"), (both, "ambiguous")):
            refused = use(stack, protected, proof)()
            assert (refused.status, refused.code) == (422, "validation_failed")
            assert refused.json["errors"] == [{"field": "code", "code": what}]

    assert use(stack, protected, proof_of(protected, "code"))().status < 300


@pytest.mark.parametrize("use", [replacing_codes, disabling], ids=["replacing_codes", "disabling"])
def test_wrong_codes_of_who_is_signed_in(stack: Stack, protected: Account, use: Use) -> None:
    """Who has session and password would guess codes until one is right, unheard; or lock the owner's code at sign-in,
    were they counted there.
    """
    stack.deliver()
    mails = len(stack.inbox)
    wrong = {"code": wrong_code(protected)}

    assert [use(stack, protected, wrong)().status for _ in range(6)] == [401] * 5 + [429]

    stack.deliver()
    assert [mail["Subject"] for mail in stack.inbox[mails:]] == ["Sign-in is temporarily locked"]
    assert signing_in(stack, protected, proof_of(protected, "code"))().status == 200


def test_a_right_code_forgets_the_wrong_ones(stack: Stack, protected: Account) -> None:
    """An owner who mistypes now and then would be locked, though a right code comes between: here it proves both."""
    for _ in range(2):
        for use in [replacing_codes, signing_in] * 4:
            assert use(stack, protected, {"recovery_code": "0000"})().code == "recovery_code_invalid"
        answer = replacing_codes(stack, protected, proof_of(protected, "recovery_code"))()
        protected.recovery_codes = answer.json["recovery_codes"]
