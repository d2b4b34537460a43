"""Applications send people to sign out: OpenID's list for RP-initiated logout, and what an attacker would try."""

from __future__ import annotations

from typing import Any

import pytest

from rekey.sessions import tokens
from rekey.sessions.tokens import ACCESS, Token
from tests import seeds
from tests.applications import events_of
from tests.calls import meanwhile, recording
from tests.scenarios.logout import HOME, ISSUER, hint_of, own_session, shop
from tests.scenarios.signing_keys import rotate
from tests.stack import Account, Answer, Clock, Stack

LOGOUT = "POST /oauth/logout"
PAGE = {"rekey-client": "page", "sec-fetch-site": "same-origin"}


@pytest.fixture
def client(stack: Stack) -> dict[str, Any]:
    return shop(stack)


@pytest.fixture
def hint(client: dict[str, Any], account: Account) -> str:
    return hint_of(account.access_token, client["client_id"])


def leave(stack: Stack, account: Account | None, **parameters: Any) -> Answer:
    """As the page asks, for whoever is signed in there."""
    return stack.call(LOGOUT, parameters, token=account.access_token if account else None)


def session_id(access_token: str) -> str:
    token = tokens.parse_token(ACCESS, access_token)
    assert token
    return token.token_id


def redirected(answer: Answer) -> str | None:
    assert answer.status == 200, answer
    told: str | None = answer.json["redirect_to"]
    return told


def is_refused(stack: Stack, account: Account, answer: Answer, status: int, code: str) -> bool:
    """Nobody is sent anywhere, and nothing has ended."""
    return (answer.status, answer.code) == (status, code) and stack.is_signed_in(account.access_token)


# OpenID's list


def test_rp_initiated_logout(stack: Stack, account: Account, hint: str) -> None:
    """oidcc-rp-initiated-logout: the session ends, and the person is sent back with the state."""
    told = redirected(leave(stack, account, id_token_hint=hint, post_logout_redirect_uri=HOME, state="af0 &ifj"))

    assert told == f"{HOME}?state=af0+%26ifj"
    assert not stack.is_signed_in(account.access_token)


@pytest.mark.parametrize(
    "uri", ["https://attacker.example/", f"{HOME}/", f"{HOME}/../x", HOME.upper(), HOME.replace("https", "http"), ""]
)
def test_bad_post_logout_redirect_uri(stack: Stack, account: Account, hint: str, uri: str) -> None:
    """oidcc-rp-initiated-logout-bad-post-logout-redirect-uri."""
    answer = leave(stack, account, id_token_hint=hint, post_logout_redirect_uri=uri)

    assert is_refused(stack, account, answer, 400, "redirect_uri_invalid")


def test_query_added_to_post_logout_redirect_uri(stack: Stack, account: Account, hint: str) -> None:
    """oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri: it is another address."""
    answer = leave(stack, account, id_token_hint=hint, post_logout_redirect_uri=f"{HOME}?foo=bar")

    assert is_refused(stack, account, answer, 400, "redirect_uri_invalid")


def _modified(hint: str) -> str:
    head, claims, signature = hint.split(".")
    return f"{head}.{claims}.{signature[:-8]}{'A' * 8}"


@pytest.mark.parametrize("bad", [_modified, lambda _: "bad", lambda hint: hint + "x"], ids=["modified", "bad", "more"])
def test_modified_and_bad_id_token_hint(stack: Stack, account: Account, hint: str, bad: Any) -> None:
    """oidcc-rp-initiated-logout-modified-id-token-hint, -bad-id-token-hint: it names no application."""
    answer = leave(stack, account, id_token_hint=bad(hint), post_logout_redirect_uri=HOME)

    assert is_refused(stack, account, answer, 400, "redirect_uri_invalid")


def test_no_id_token_hint(stack: Stack, account: Account, client: dict[str, Any]) -> None:
    """oidcc-rp-initiated-logout-no-id-token-hint: the person is asked, and then goes on."""
    asked = {"client_id": client["client_id"], "post_logout_redirect_uri": HOME}

    assert is_refused(stack, account, leave(stack, account, **asked), 403, "confirmation_required")
    assert redirected(leave(stack, account, **asked, confirmed=True)) == HOME
    assert not stack.is_signed_in(account.access_token)


def test_no_params(stack: Stack, account: Account) -> None:
    """oidcc-rp-initiated-logout-no-params: the person is asked, and stays here."""
    assert is_refused(stack, account, leave(stack, account), 403, "confirmation_required")
    assert redirected(leave(stack, account, confirmed=True)) is None
    assert not stack.is_signed_in(account.access_token)


def test_no_post_logout_redirect_uri(stack: Stack, account: Account, hint: str) -> None:
    """oidcc-rp-initiated-logout-no-post-logout-redirect-uri: the person stays here."""
    assert redirected(leave(stack, account, id_token_hint=hint, state="s")) is None
    assert not stack.is_signed_in(account.access_token)


def test_no_state(stack: Stack, account: Account, hint: str) -> None:
    """oidcc-rp-initiated-logout-no-state: nothing is added."""
    assert redirected(leave(stack, account, id_token_hint=hint, post_logout_redirect_uri=HOME)) == HOME


def test_only_state(stack: Stack, account: Account) -> None:
    """oidcc-rp-initiated-logout-only-state: the person is asked, and nobody is told the state."""
    assert is_refused(stack, account, leave(stack, account, state="s"), 403, "confirmation_required")
    assert redirected(leave(stack, account, state="s", confirmed=True)) is None


# Beyond it


def test_the_session_of_the_application_ends_too(stack: Stack, account: Account, client: dict[str, Any]) -> None:
    """That which the hint names, and this one: two events; the others of the account stay."""
    stays = stack.sign_in_again(account)
    row = seeds.account_now({"account_id": account.account_id})
    application = own_session(row, client["client_id"])

    leave(stack, account, id_token_hint=hint_of(application, client["client_id"]))

    ended = {session_id(account.access_token), session_id(application)}
    assert {each["session_id"] for each in events_of(stack, "session.revoked")} == ended
    assert stack.is_signed_in(stays.access_token)
    left = {each["session_id"] for each in seeds.sessions_of({"account_id": account.account_id})}
    assert left == {session_id(stays.access_token)}


def test_a_page_forgets_its_cookies(stack: Stack, account: Account, hint: str) -> None:
    """By its refresh token, too, where the access token's cookie has gone."""
    cookies = {"__Host-rekey-refresh": account.refresh_token}

    assert stack.call(LOGOUT, {}, headers=PAGE, cookies=cookies).code == "confirmation_required"
    answer = stack.call(LOGOUT, {"id_token_hint": hint}, headers=PAGE, cookies=cookies)

    assert answer.json == {"redirect_to": None}
    assert all("Max-Age=0" in each for each in answer.cookies)
    assert len(answer.cookies) == 3
    assert not stack.is_signed_in(account.access_token)


def test_nobody_is_signed_in(stack: Stack, client: dict[str, Any]) -> None:
    """There is nothing to ask anybody."""
    asked = {"client_id": client["client_id"], "post_logout_redirect_uri": HOME}

    assert redirected(leave(stack, None, **asked)) == HOME


def test_a_hint_of_another_account_proves_nothing(stack: Stack, account: Account, client: dict[str, Any]) -> None:
    """Or an attacker's own application could sign anybody out."""
    other = seeds.issue_access(seeds.new_account())
    hint = hint_of(other, client["client_id"])

    answer = leave(stack, account, id_token_hint=hint, post_logout_redirect_uri=HOME)

    assert is_refused(stack, account, answer, 403, "confirmation_required")
    assert stack.is_signed_in(other)


def test_a_hint_of_another_application_proves_nothing(stack: Stack, account: Account, hint: str) -> None:
    """Nor does it open that one's address to a third."""
    third = shop(stack)["client_id"]

    answer = leave(stack, account, id_token_hint=hint, client_id=third, post_logout_redirect_uri=HOME)

    assert is_refused(stack, account, answer, 403, "confirmation_required")


def test_a_hint_of_another_issuer_proves_nothing(stack: Stack, account: Account, client: dict[str, Any]) -> None:
    """As by a domain that the stack had once."""
    hint = hint_of(account.access_token, client["client_id"], issuer=f"{ISSUER}.example")

    assert is_refused(stack, account, leave(stack, account, id_token_hint=hint), 403, "confirmation_required")


def test_a_hint_has_mostly_expired(stack: Stack, account: Account, hint: str, frozen: Clock) -> None:
    """Its own end does not matter; the end of every session that it could name does."""
    frozen.advance(600)
    assert redirected(leave(stack, account, id_token_hint=hint)) is None

    frozen.advance(int(stack.template.parameters["SessionLife"]))
    later = Account(**{**vars(account), "access_token": stack.sign_in(account).json["access_token"]})
    assert is_refused(stack, later, leave(stack, later, id_token_hint=hint), 403, "confirmation_required")


def test_a_hint_by_a_key_that_leaked_proves_nothing(stack: Stack, account: Account, hint: str) -> None:
    rotate(stack, leaked=hint_key(hint))

    assert is_refused(stack, account, leave(stack, account, id_token_hint=hint), 403, "confirmation_required")


def hint_key(hint: str) -> str:
    from jwt import get_unverified_header

    return str(get_unverified_header(hint)["kid"])


def test_an_access_token_is_no_hint(stack: Stack, account: Account) -> None:
    assert is_refused(
        stack, account, leave(stack, account, id_token_hint=account.access_token), 403, "confirmation_required"
    )


def test_an_application_s_own_token_signs_nobody_out(stack: Stack, account: Account, client: dict[str, Any]) -> None:
    """It says nothing of who is at the browser; its session ends where RFC 7009 has it end."""
    row = seeds.account_now({"account_id": account.account_id})
    application = own_session(row, client["client_id"])

    assert redirected(stack.call(LOGOUT, {"confirmed": True}, token=application)) is None
    assert not events_of(stack, "session.revoked")


def test_a_forged_token_signs_nobody_out(stack: Stack, account: Account) -> None:
    """Though it has the right ids, which are no secret."""
    right = tokens.parse_token(ACCESS, account.access_token)
    assert right
    forged = Token(ACCESS, right.owner, right.token_id, "A" * 43)

    assert redirected(stack.call(LOGOUT, {"confirmed": True}, token=str(forged))) is None
    assert stack.is_signed_in(account.access_token)


def test_a_session_that_was_revoked(stack: Stack, account: Account, hint: str) -> None:
    """It lies there until it expires: nobody is asked about it, and it does not end again."""
    assert stack.call("POST /revoke-tokens", {"scope": "all"}, token=account.access_token).status == 204

    assert redirected(leave(stack, account)) is None
    assert redirected(leave(stack, account, id_token_hint=hint)) is None
    assert not events_of(stack, "session.revoked")


@pytest.mark.parametrize("confirmed", ["true", 1, "yes"])
def test_an_address_confirms_nothing(stack: Stack, account: Account, confirmed: Any) -> None:
    """The page passes the query on as texts: none of them is a yes."""
    answer = leave(stack, account, confirmed=confirmed)

    assert is_refused(stack, account, answer, 422, "validation_failed")


@pytest.mark.parametrize("name", ["id_token_hint", "client_id", "post_logout_redirect_uri", "state"])
def test_what_comes_twice_is_refused(stack: Stack, account: Account, name: str) -> None:
    assert is_refused(stack, account, leave(stack, account, **{name: ["a", "b"]}), 422, "validation_failed")


@pytest.mark.parametrize("client_id", ["", "x" * 2000, "Shop", "a/../b"])
def test_what_is_no_client(stack: Stack, account: Account, client_id: str) -> None:
    """DynamoDB takes no key of any length: it is not asked."""
    asked = {"client_id": client_id, "post_logout_redirect_uri": HOME, "confirmed": True}

    assert is_refused(stack, account, leave(stack, account, **asked), 400, "redirect_uri_invalid")
    with recording() as calls:
        assert leave(stack, None, **asked).status == 400
    assert not calls


def test_a_form_leads_to_the_page(stack: Stack, account: Account, hint: str) -> None:
    """Applications may post it (§2); other sites' forms bring no cookies, so the page asks by itself."""
    answer = stack.call(LOGOUT, form={"id_token_hint": hint, "state": "s"}, token=account.access_token)

    assert (answer.status, answer.text) == (303, "")
    assert answer.headers["Location"] == f"/oauth/logout?id_token_hint={hint}&state=s"
    assert stack.is_signed_in(account.access_token)


def test_both_sessions_end_meanwhile(stack: Stack, account: Account, client: dict[str, Any]) -> None:
    """Each of them in the moment before it is ended: what is left ends, and the answer is the same."""
    row = seeds.account_now({"account_id": account.account_id})
    application = own_session(row, client["client_id"])
    asked = {"id_token_hint": hint_of(application, client["client_id"]), "post_logout_redirect_uri": HOME}

    with meanwhile("TransactWriteItems", lambda: leave(stack, account, confirmed=True)):
        assert redirected(leave(stack, account, **asked)) == HOME

    assert not seeds.sessions_of({"account_id": account.account_id})
    assert len(events_of(stack, "session.revoked")) == 2
