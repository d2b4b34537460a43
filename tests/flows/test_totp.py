"""POST /totp/setup, /totp/verify, /totp/recovery-codes and /totp/disable."""

from __future__ import annotations

import urllib.parse
import xml.etree.ElementTree as ET

import pytest

from tests.calls import meanwhile
from tests.stack import Account, Answer, Clock, Stack, code_at, next_code, text_of


def verify(stack: Stack, account: Account, code: str) -> str:
    return stack.call("POST /totp/verify", {"code": code}, token=account.access_token).code


def test_set_up(stack: Stack, account: Account) -> None:
    """The secret comes as a URI, as a key to type, and as a picture of the URI."""
    enrolment = stack.call("POST /totp/setup", token=account.access_token).json

    assert enrolment["secret_grouped"].replace(" ", "") == enrolment["secret"]
    assert enrolment["secret"] in enrolment["otpauth_uri"]
    assert ET.fromstring(enrolment["qr_svg"]).tag == "{http://www.w3.org/2000/svg}svg"
    assert enrolment["expires_in"] == 600


@pytest.mark.parametrize("parameters", [{"Issuer": "Acme & Söhne"}])
def test_uri(stack: Stack) -> None:
    """The otpauth URI names issuer and account, escaped, and holds the secret."""
    account = stack.sign_up("a+b@example.com")
    enrolment = stack.call("POST /totp/setup", token=account.access_token).json
    uri = urllib.parse.urlsplit(enrolment["otpauth_uri"])

    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert urllib.parse.unquote(uri.path) == "/Acme & Söhne:a+b@example.com"
    assert urllib.parse.parse_qs(uri.query) == {"secret": [enrolment["secret"]], "issuer": ["Acme & Söhne"]}


def test_nothing_is_on_before_the_first_code(stack: Stack, account: Account) -> None:
    """A set-up that is not completed does not lock its owner out."""
    stack.begin_totp(account)

    assert "challenge" not in stack.sign_in(account).json


def test_newer_set_up_replaces_the_older(stack: Stack, account: Account) -> None:
    """Codes of a secret that was replaced do not turn it on; those of the newest do."""
    stack.begin_totp(account)
    older = code_at(account, 0)
    stack.begin_totp(account)

    assert verify(stack, account, older) == "totp_invalid"
    assert verify(stack, account, code_at(account, 0)) == ""


def test_code_with_a_space(stack: Stack, account: Account) -> None:
    """A code is taken as apps show it, in two groups."""
    code = code_at(stack.begin_totp(account), 0)

    assert verify(stack, account, f"{code[:3]} {code[3:]}") == ""


def test_digits_of_another_script(stack: Stack, protected: Account) -> None:
    """Any text in place of a code is a wrong code, and pays for its attempt."""
    for code in ("١٢٣٤٥٦", "é", "\0", "9" * 5000):
        body = {"challenge_token": stack.challenge(protected), "code": code}
        assert stack.call("POST /sign-in/totp", body).code in {"totp_invalid", "validation_failed"}


def test_two_completions_at_once(stack: Stack, account: Account) -> None:
    """Of two first codes at once one turns it on: nobody holds recovery codes that do not work."""
    stack.begin_totp(account)
    code = code_at(account, 0)
    done = []
    with meanwhile("TransactWriteItems", lambda: done.append(verify(stack, account, code))):
        refused = verify(stack, account, code)

    assert (done, refused) == ([""], "enrolment_not_found")


def test_disable(stack: Stack, protected: Account, frozen: Clock) -> None:
    """Proven again by password and code, a session turns it off; the password alone signs in, the secret is gone."""
    frozen.advance(600)
    assert stack.reauthenticate(protected, code=next_code(protected)).status == 204
    assert stack.call("POST /totp/disable", token=protected.access_token).status == 204

    assert stack.sign_in(protected).json["token_type"] == "Bearer"
    account = next(row for row in stack.rows("AccountsTable") if row["sk"]["S"] == "account")
    assert not {"totp_secret", "totp_last_step", "recovery_codes"} & set(account)


def test_disable_with_a_recovery_code(stack: Stack, protected: Account) -> None:
    """A recovery code does in place of a code."""
    assert stack.reauthenticate(protected, recovery_code=protected.recovery_codes[3]).status == 204

    assert stack.call("POST /totp/disable", token=protected.access_token).status == 204


def replace_codes(stack: Stack, account: Account) -> Answer:
    return stack.call("POST /totp/recovery-codes", token=account.access_token)


def recover(stack: Stack, account: Account, code: str) -> str:
    body = {"challenge_token": stack.challenge(account), "recovery_code": code}
    return stack.call("POST /sign-in/totp", body).code


def test_new_recovery_codes(stack: Stack, protected: Account) -> None:
    """Ten new codes take the place of all old ones: each of the new signs in once, none of the old does."""
    answer = replace_codes(stack, protected)

    new = answer.json["recovery_codes"]
    assert (answer.status, len({*new} - {*protected.recovery_codes})) == (200, 10)
    assert recover(stack, protected, protected.recovery_codes[0]) == "recovery_code_invalid"
    assert recover(stack, protected, new[0]) == ""
    assert recover(stack, protected, new[0]) == "recovery_code_invalid"
    assert stack.call("GET /account", token=protected.access_token).json["totp"]["recovery_codes_left"] == 9


def test_new_recovery_codes_when_none_is_left(stack: Stack, protected: Account) -> None:
    """Who has used all codes gets new ones with the app."""
    for code in protected.recovery_codes:
        assert recover(stack, protected, code) == ""

    answer = replace_codes(stack, protected)

    assert recover(stack, protected, answer.json["recovery_codes"][9]) == ""


def test_a_proof_spends_the_code(stack: Stack, protected: Account) -> None:
    """The code that proved who is there buys nothing else, and neither does a recovery code."""
    code, recovery_code = next_code(protected), protected.recovery_codes[0]
    body = {"challenge_token": stack.challenge(protected), "code": code}

    assert stack.reauthenticate(protected, code=code).status == 204
    assert stack.call("POST /sign-in/totp", body).code == "totp_used"
    assert stack.reauthenticate(protected, recovery_code=recovery_code).status == 204
    assert stack.reauthenticate(protected, recovery_code=recovery_code).code == "recovery_code_invalid"


def test_new_recovery_codes_are_reported(stack: Stack, protected: Account) -> None:
    """Their owner is told by mail, and finds it among the events; no code stands in either."""
    new = replace_codes(stack, protected).json["recovery_codes"]
    stack.deliver()

    assert stack.inbox[-1]["Subject"] == "New recovery codes were created"
    assert not [code for code in new if code in text_of(stack.inbox[-1])]
    events = stack.call("GET /account", token=protected.access_token).json["events"]
    assert events[0]["type"] == "recovery_codes.replaced"


def test_sessions_go_on_with_new_recovery_codes(stack: Stack, protected: Account) -> None:
    """Nothing else changes: the session goes on, and the app stays."""
    replace_codes(stack, protected)
    body = {"challenge_token": stack.challenge(protected), "code": next_code(protected)}

    assert stack.is_signed_in(protected.access_token)
    assert stack.call("POST /sign-in/totp", body).status == 200


def test_challenge_of_another_account(stack: Stack, protected: Account) -> None:
    """A code of one account does not complete the sign-in of another."""
    bob = stack.enable_totp(stack.sign_up("bob@example.com"))
    body = {"challenge_token": stack.challenge(bob), "code": next_code(protected)}
    if next_code(protected) != next_code(bob):
        assert stack.call("POST /sign-in/totp", body).code == "totp_invalid"

    recovery = {**body, "recovery_code": protected.recovery_codes[0]}
    recovery.pop("code")
    assert stack.call("POST /sign-in/totp", recovery).code == "recovery_code_invalid"


def test_turned_off_during_a_challenge(stack: Stack, protected: Account, frozen: Clock) -> None:
    """A challenge that was asked for before it was turned off is not completed after."""
    frozen.advance(60)
    challenge = {"challenge_token": stack.challenge(protected), "code": next_code(protected)}
    stack.call("POST /totp/disable", token=protected.access_token)

    assert stack.call("POST /sign-in/totp", challenge).code == "challenge_invalid"
