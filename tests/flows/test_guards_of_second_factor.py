"""What holds when the second factor, or the right to change it, ends between another request's read and its write.

Each test says what an attacker would gain by that moment, or by what else would be let through.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.calls import meanwhile
from tests.flows.test_guards_of_codes import (
    REFUSED,
    Use,
    of_either_code,
    of_every_use,
    proof_of,
    row_of,
    session_count,
    signing_in,
)
from tests.stack import WRONG_PASSWORD, Account, Clock, Stack, next_code, wrong_code


def revoke_all(stack: Stack, account: Account) -> None:
    assert stack.call("POST /revoke-tokens", {"scope": "all"}, token=account.access_token).status == 204


@of_either_code
@of_every_use
def test_a_right_code_while_all_is_revoked(stack: Stack, protected: Account, use: Use, kind: str) -> None:
    """A code would be spent for a session that is dead, or is to be: whoever holds it would be proven to be the owner
    at the moment in which its owner signs them out.
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

    def change_phones() -> None:
        assert stack.reauthenticate(protected, recovery_code=protected.recovery_codes[0]).status == 204
        assert stack.call("POST /totp/disable", token=protected.access_token).status == 204
        stack.enable_totp(protected)

    with meanwhile("TransactWriteItems", change_phones):
        assert attempt().code in {"totp_used", "access_token_invalid"}

    assert session_count(stack) == 1
    kept = signing_in(stack, protected, {"recovery_code": protected.recovery_codes[0]})
    assert kept().status == 200


def test_the_password_alone(stack: Stack, protected: Account) -> None:
    """Who has session and password, and no code, would shed the second factor. It is refused for what is missing, not
    for a wrong code, of which the session allows few; and both kinds at once, of which one might do, are refused too.
    """
    both = proof_of(protected, "code") | proof_of(protected, "recovery_code")
    for _ in range(6):
        for proof, what in (({}, "missing"), (both, "ambiguous")):
            refused = stack.reauthenticate(protected, **proof)
            assert (refused.status, refused.code) == (422, "validation_failed")
            assert refused.json["errors"] == [{"field": "code", "code": what}]

    assert stack.reauthenticate(protected, **proof_of(protected, "code")).status == 204


@pytest.mark.parametrize("wrong", ["password", "code"])
def test_guesses_of_who_is_signed_in(stack: Stack, protected: Account, frozen: Clock, wrong: str) -> None:
    """Who has found a session would guess until the password or a code is right, unheard; or lock its owner out of
    what other sessions may do, and of sign-in, were the guesses counted there.
    """
    frozen.advance(60)
    found, owners = protected, twice_proven(stack, protected, frozen)
    stack.deliver()
    mails = len(stack.inbox)
    guess = {"password": WRONG_PASSWORD} if wrong == "password" else {"code": wrong_code(protected)}
    body = {"password": protected.password, "code": next_code(protected), **guess}

    guesses = [stack.call("POST /reauthenticate", body, token=found.access_token).status for _ in range(6)]

    assert guesses == [401] * 5 + [429]
    stack.deliver()
    assert [mail["Subject"] for mail in stack.inbox[mails:]] == ["Wrong passwords while signed in"]
    frozen.advance(30)
    assert stack.reauthenticate(owners, **proof_of(protected, "code")).status == 204
    assert signing_in(stack, protected, proof_of(protected, "recovery_code"))().status == 200


def test_a_right_proof_forgets_the_wrong_ones(stack: Stack, protected: Account) -> None:
    """An owner who mistypes now and then would be locked, though a right code comes between."""
    for code in protected.recovery_codes[:2]:
        for _ in range(4):
            assert stack.reauthenticate(protected, recovery_code="0000").code == "recovery_code_invalid"
        assert stack.reauthenticate(protected, recovery_code=code).status == 204


def test_the_session_of_before(stack: Stack, account: Account) -> None:
    """A session that the password alone began would still change the password after two-factor sign-in is on."""
    found = stack.sign_in_again(account)

    stack.enable_totp(account)

    assert not stack.is_signed_in(found.access_token)
    assert stack.is_signed_in(account.access_token)


def test_turning_it_off_ends_the_other_sessions(stack: Stack, protected: Account, frozen: Clock) -> None:
    """Who had got in by a code that they watched would stay, when its owner begins anew with another phone."""
    found = twice_proven(stack, protected, frozen)

    assert stack.call("POST /totp/disable", token=protected.access_token).status == 204

    assert not stack.is_signed_in(found.access_token)
    assert stack.is_signed_in(protected.access_token)


def test_a_found_access_token_changes_no_factor(stack: Stack, account: Account, frozen: Clock) -> None:
    """Who has found an access token would set their own app up, and the owner's reset by email would ask for it."""
    frozen.advance(int(stack.template.parameters["ProofLife"]))

    assert stack.call("POST /totp/setup", token=account.access_token).code == "reauthentication_required"
    assert stack.reauthenticate(account).status == 204
    assert stack.call("POST /totp/setup", token=account.access_token).status == 200


def twice_proven(stack: Stack, account: Account, frozen: Clock) -> Account:
    """Another session, begun with password and code."""
    frozen.advance(60)
    answer = signing_in(stack, account, proof_of(account, "code"))()
    return replace(account, access_token=answer.json["access_token"], refresh_token=answer.json["refresh_token"])
