"""POST /change, POST /forgot and POST /reset: what ends with the old password, and what stays."""

from __future__ import annotations

import pytest

from rekey.sessions import tokens
from tests.calls import meanwhile
from tests.stack import EMAIL, GAP, SECOND_PASSWORD, THIRD_PASSWORD, Account, Answer, Clock, Stack, next_code, text_of

NEW = SECOND_PASSWORD


def change(stack: Stack, account: Account, new: str = NEW) -> Answer:
    body = {"current_password": account.password, "new_password": new}
    return stack.call("POST /change", body, token=account.access_token)


def forgot(stack: Stack) -> str:
    """The newest mailed token to reset."""
    assert stack.call("POST /forgot", {"email": EMAIL}).status == 202
    return stack.mailed_token()


def reset(stack: Stack, token: str, new: str = NEW) -> Answer:
    return stack.call("POST /reset", {"token": token, "new_password": new})


def sign_in(stack: Stack, password: str) -> Answer:
    return stack.call("POST /sign-in", {"email": EMAIL, "password": password})


def test_change_keeps_this_session_alone(stack: Stack, account: Account) -> None:
    """This session stays, with its refresh token; all others end; the new password signs in and the old does not."""
    others = [stack.sign_in_again(account) for _ in range(3)]

    assert change(stack, account).status == 204

    assert stack.is_signed_in(account.access_token)
    assert stack.refresh(account.refresh_token).status == 200
    for other in others:
        assert not stack.is_signed_in(other.access_token)
        assert stack.refresh(other.refresh_token).code == "invalid_grant"
    assert sign_in(stack, account.password).code == "invalid_credentials"
    assert sign_in(stack, NEW).status == 200


def test_change_ends_a_mailed_link(stack: Stack, account: Account) -> None:
    """A link to reset that was mailed before the change is dead after it."""
    token = forgot(stack)
    change(stack, account)

    assert reset(stack, token, THIRD_PASSWORD).code == "token_invalid"
    assert sign_in(stack, NEW).status == 200


def test_change_ends_a_challenge_and_an_enrolment(stack: Stack, account: Account) -> None:
    """A set-up that somebody else began in another session comes to nothing."""
    intruder = stack.begin_totp(stack.sign_in_again(account))
    change(stack, account)

    verify = {"code": next_code(intruder)}
    assert stack.call("POST /totp/verify", verify, token=intruder.access_token).code == "access_token_invalid"
    assert stack.call("POST /totp/verify", verify, token=account.access_token).code == "enrolment_not_found"


def test_change_after_a_right_challenge(stack: Stack, protected: Account) -> None:
    """A challenge that the old password got is dead with it."""
    challenge = {"challenge_token": stack.challenge(protected), "code": next_code(protected)}
    assert change(stack, protected).status == 204

    assert stack.call("POST /sign-in/totp", challenge).code == "challenge_invalid"


def test_refused_change_changes_nothing(stack: Stack, account: Account) -> None:
    """Whatever a change is refused for, sessions and password stay."""
    other = stack.sign_in_again(account)
    for current, new in ((NEW, NEW + "!"), (account.password, "weak"), (account.password, account.password)):
        body = {"current_password": current, "new_password": new}
        assert stack.call("POST /change", body, token=account.access_token).status in {401, 422}

    assert stack.is_signed_in(other.access_token)
    assert sign_in(stack, account.password).status == 200


def test_same_password_decomposed(stack: Stack, account: Account) -> None:
    """The same characters typed otherwise are no new password."""
    account.password, composed = "Ångstro\u0308m-Horse-9", "\u00c5ngstr\u00f6m-Horse-9"
    stack.call("POST /reset", {"token": forgot(stack), "new_password": composed})
    again = stack.sign_in_again(account)

    refused = change(stack, again, composed)

    assert refused.code == "same_password"
    assert refused.json["errors"] == [{"field": "new_password", "code": "unchanged"}]


def test_two_changes_at_once(stack: Stack, account: Account) -> None:
    """Of two changes at once one is done and the other refused; the password is that of the one that was done."""
    other = stack.sign_in_again(account)
    done = []
    with meanwhile("TransactWriteItems", lambda: done.append(change(stack, other, THIRD_PASSWORD))):
        refused = change(stack, account)

    assert (done[0].status, refused.code) == (204, "conflict")
    assert sign_in(stack, THIRD_PASSWORD).status == 200
    assert sign_in(stack, NEW).code == "invalid_credentials"


def test_reset_ends_all_sessions_and_signs_nobody_in(stack: Stack, account: Account) -> None:
    """All sessions end; the answer holds no token; the new password signs in and the old does not."""
    other = stack.sign_in_again(account)

    answer = reset(stack, forgot(stack))

    assert (answer.status, answer.text) == (204, "")
    for session in (account, other):
        assert not stack.is_signed_in(session.access_token)
        assert stack.refresh(session.refresh_token).code == "invalid_grant"
    assert sign_in(stack, account.password).code == "invalid_credentials"
    assert sign_in(stack, NEW).status == 200


def test_reset_leaves_the_second_factor(stack: Stack, protected: Account) -> None:
    """Who has the mailbox still needs the second factor."""
    reset(stack, forgot(stack))

    challenge = sign_in(stack, NEW).json
    assert challenge["challenge"] == "totp"
    body = {"challenge_token": challenge["challenge_token"], "code": next_code(protected)}
    assert stack.call("POST /sign-in/totp", body).status == 200


@pytest.mark.usefixtures("account")
def test_a_lock_does_not_stop_a_reset(stack: Stack) -> None:
    """A lock stops neither the request nor the reset; whoever has the spent link signs in, and nobody else."""
    for _ in range(6):
        locked = sign_in(stack, "wrong")
    assert locked.code == "too_many_requests"
    link = forgot(stack)

    assert reset(stack, link).status == 204

    body = {"email": EMAIL, "password": NEW}
    assert stack.call("POST /sign-in", body).code == "too_many_requests"
    assert stack.call("POST /sign-in", {**body, "device_token": link}).status == 200


@pytest.mark.usefixtures("account")
@pytest.mark.parametrize("used", [0, 1])
def test_using_a_link_ends_the_others(stack: Stack, frozen: Clock, used: int) -> None:
    """An older link works beside a newer one, and whichever sets the password is the last to do so."""
    links = []
    for _ in range(2):
        links.append(forgot(stack))
        frozen.advance(GAP)

    assert links[0] != links[1]
    assert reset(stack, links[used]).status == 204
    assert [reset(stack, link).code for link in links] == ["token_invalid"] * 2


@pytest.mark.usefixtures("account")
def test_each_link_has_its_own_life(stack: Stack, frozen: Clock) -> None:
    """A newer link does not prolong an older one, which is refused when its time is over, to the second."""
    older = forgot(stack)
    frozen.advance(1800)
    newer = forgot(stack)
    frozen.advance(int(stack.template.parameters["LinkLife"]) - 1800)

    assert reset(stack, older).code == "token_invalid"
    assert reset(stack, newer).status == 204


@pytest.mark.usefixtures("account")
def test_a_link_resets_its_own_account_alone(stack: Stack) -> None:
    """A token with the ids of another account in it is none, whatever checksum it has."""
    bob = stack.sign_up("bob@example.com")
    token = tokens.parse_token("rkp", forgot(stack))
    assert token

    stolen = tokens.Token("rkp", bob.account_id, token.token_id, token.secret)

    assert reset(stack, str(stolen)).code == "token_invalid"
    assert stack.sign_in(bob).status == 200


def test_unknown_address_gets_no_mail(stack: Stack) -> None:
    """Nobody is written to whose address has no account."""
    stack.call("POST /forgot", {"email": "nobody@example.com"})
    stack.deliver()

    assert stack.inbox == []
    assert not [row for row in stack.rows("TokensTable") if row["sk"]["S"] == "reset"]


@pytest.mark.parametrize("parameters", [{"LinkOrigin": "https://accounts.acme.test", "LinkLife": "86400"}])
def test_links_point_where_the_template_says(stack: Stack, account: Account) -> None:
    """Mailed links point at the team's own pages."""
    forgot(stack)

    assert "https://accounts.acme.test/reset#token=rkp_" in text_of(stack.inbox[-1])
    assert account.account_id in text_of(stack.inbox[-1])
