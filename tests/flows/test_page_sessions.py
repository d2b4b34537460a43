"""Sessions of the hosted pages: tokens in cookies that no script reads, and that no other site can use."""

from __future__ import annotations

import json

import pytest

from rekey.accounts import addresses
from rekey.api import cookies
from rekey.sessions import tokens
from tests.calls import meanwhile, recording
from tests.page import PAGE, Browser
from tests.stack import PASSWORD, Account, Answer, Clock, Stack, next_code

ACCESS, REFRESH, CHALLENGE = "__Host-rekey-access", "__Host-rekey-refresh", "__Host-rekey-challenge"


@pytest.fixture
def browser(stack: Stack) -> Browser:
    return Browser(stack)


@pytest.fixture
def signed_in(browser: Browser, account: Account) -> Browser:
    """A page with a session."""
    assert browser.sign_in(account).status == 200
    return browser


def device_cookie(account: Account) -> str:
    return cookies.name_of_device(addresses.email_digest(account.email))


def test_tokens_are_kept_from_scripts(browser: Browser, account: Account) -> None:
    """A page's sign-in gets its tokens in cookies of its host alone, out of scripts' reach, and not in the body."""
    answer = browser.sign_in(account)

    assert set(answer.json) == {"account_id", "next", "token_type", "expires_in", "refresh_expires_in"}
    assert {*browser.cookies} == {ACCESS, REFRESH, device_cookie(account)}
    for cookie in answer.cookies:
        assert {"Path=/", "Secure", "HttpOnly", "SameSite=Strict"} <= {*cookie.split("; ")}
        assert "Domain" not in cookie


def test_no_answer_to_a_page_holds_a_token(browser: Browser, stack: Stack) -> None:
    """From the sign-up on, through both factors and refreshing, no body has what a cookie holds."""
    stack.call("POST /sign-up", {"email": "ada@example.com"})
    body = {"token": stack.mailed_token("ada@example.com"), "password": PASSWORD}
    answers = [browser.call("POST /sign-up/complete", body)]
    answers.append(browser.call("POST /oauth/token", form={"grant_type": "refresh_token"}))

    assert [answer.status for answer in answers] == [201, 200]
    for answer in answers:
        assert not any(token in answer.text for token in browser.cookies.values())
        assert not any(name in answer.text for name in ("access_token", "refresh_token", "rka_", "rkr_"))


def test_the_session_works(signed_in: Browser, account: Account) -> None:
    """Who has the cookies is signed in on every route."""
    assert signed_in.call("GET /account").json["email"] == account.email
    change = {"current_password": account.password, "new_password": "Another-Horse-7"}
    assert signed_in.call("POST /change", change).status == 204


def test_cookies_alone_are_nothing(signed_in: Browser) -> None:
    """A request that does not say it is a page's, as no other site's form can, has no session, whatever its cookies."""
    for headers in ({}, {"rekey-client": "Page"}, {"rekey-client": ""}):
        assert signed_in.call("GET /account", headers=headers).status == 401
        assert signed_in.call("POST /revoke-tokens", {"scope": "all"}, headers=headers).status == 401


@pytest.mark.parametrize(
    "headers",
    [
        PAGE | {"sec-fetch-site": "cross-site"},
        PAGE | {"sec-fetch-site": "same-site"},
        PAGE | {"sec-fetch-site": "none"},
        {"rekey-client": "page", "origin": "https://evil.test", "host": "api.test"},
        {"rekey-client": "page", "origin": "null", "host": "api.test"},
    ],
)
def test_another_site(signed_in: Browser, headers: dict[str, str]) -> None:
    """A request that says it is a page's and comes from another site, or another origin of this one, is refused."""
    answer = signed_in.call("POST /revoke-tokens", {"scope": "all"}, headers=headers)

    assert (answer.status, answer.code, answer.cookies) == (403, "cross_site_request", [])
    assert signed_in.call("GET /account").status == 200


def test_an_older_browser(signed_in: Browser) -> None:
    """One that does not say where a request comes from is judged by its Origin, which it sends with a POST."""
    headers = {"rekey-client": "page", "origin": "https://api.test", "host": "api.test"}

    assert signed_in.call("POST /revoke-tokens", {"scope": "others"}, headers=headers).status == 204
    assert signed_in.call("GET /account", headers={"rekey-client": "page"}).status == 200


def test_bearer_tokens_stay(stack: Stack, signed_in: Browser, account: Account) -> None:
    """An API client gets its tokens in the body and no cookie; a bearer token goes before a cookie."""
    answer = stack.sign_in(account)
    assert "access_token" in answer.json
    assert answer.cookies == []

    other = stack.sign_up("other@example.com")
    assert signed_in.call("GET /account", token=other.access_token).json["email"] == "other@example.com"


def test_refresh(signed_in: Browser, frozen: Clock) -> None:
    """A page refreshes without seeing a token, and again when a tab was quicker; the older access token is replaced."""
    first = dict(signed_in.cookies)
    frozen.advance(901)
    assert signed_in.call("GET /account").status == 401

    assert signed_in.call("POST /oauth/token", form={"grant_type": "refresh_token"}).status == 200
    assert signed_in.cookies[ACCESS] != first[ACCESS]
    assert signed_in.call("GET /account").status == 200
    after = dict(signed_in.cookies)
    signed_in.cookies = first  # another tab had asked at the same moment
    assert signed_in.call("POST /oauth/token", form={"grant_type": "refresh_token"}).status == 200
    assert signed_in.cookies == after


def test_nothing_to_refresh(browser: Browser) -> None:
    """A page without a session is told so."""
    assert browser.call("POST /oauth/token", form={"grant_type": "refresh_token"}).code == "invalid_request"


def test_two_factors(browser: Browser, protected: Account) -> None:
    """The challenge too is in a cookie; the code completes the sign-in and ends it."""
    answer = browser.sign_in(protected)
    assert answer.json == {"challenge": "totp", "expires_in": 300}
    assert {*browser.cookies} == {CHALLENGE}

    answer = browser.call("POST /sign-in/totp", {"code": next_code(protected)})

    assert answer.status == 200
    assert {*browser.cookies} == {ACCESS, REFRESH, device_cookie(protected)}


def test_no_challenge(browser: Browser) -> None:
    """A code without a challenge, in the body or a cookie, is refused."""
    answer = browser.call("POST /sign-in/totp", {"code": "123456"})

    assert answer.json["errors"] == [{"field": "challenge_token", "code": "missing"}]


def test_signing_out(signed_in: Browser, stack: Stack, account: Account) -> None:
    """Signing this session out, alone or with all, ends the cookies too; signing others out does not."""
    other = stack.sign_in_again(account)
    assert signed_in.call("POST /revoke-tokens", {"scope": "others"}).cookies == []
    assert not stack.is_signed_in(other.access_token)
    sessions = signed_in.call("GET /account").json["sessions"]
    this = next(session["session_id"] for session in sessions if session["current"])

    answer = signed_in.call("POST /revoke-tokens", {"scope": "session", "session_id": this})

    assert answer.status == 204
    assert {*signed_in.cookies} == {device_cookie(account)}
    assert len(answer.cookies) == 3


def test_signing_everything_out(signed_in: Browser, account: Account) -> None:
    """All sessions, this one included: nothing is left in the browser but that it is known."""
    assert signed_in.call("POST /revoke-tokens", {"scope": "all"}).status == 204
    assert {*signed_in.cookies} == {device_cookie(account)}


def test_an_api_client_gets_no_cookie_when_it_signs_out(stack: Stack, account: Account) -> None:
    """What ends a page's cookies is not sent to who has none."""
    answer = stack.call("POST /revoke-tokens", {"scope": "all"}, token=account.access_token)

    assert (answer.status, answer.text, answer.cookies) == (204, "", [])


@pytest.mark.parametrize("cookie", ["", "=", ACCESS, "a=b=c", f"{ACCESS}=not a token", json.dumps({})])
def test_odd_cookies(stack: Stack, cookie: str) -> None:
    """Cookies that are none of ours, or broken, are no session and no fault."""
    name, _, value = cookie.partition("=")

    assert stack.call("GET /account", headers=PAGE, cookies={name: value}).status == 401


def living(stack: Stack, *cookies: dict[str, str]) -> list[bool]:
    """Whether the session of each set of cookies is one."""
    return [stack.call("GET /account", headers=PAGE, cookies=each).status == 200 for each in cookies]


def complete_sign_up(browser: Browser, stack: Stack) -> Answer:
    stack.call("POST /sign-up", {"email": "ada@example.com"})
    token = stack.mailed_token("ada@example.com")
    return browser.call("POST /sign-up/complete", {"token": token, "password": PASSWORD})


def test_a_newer_sign_in_ends_the_older(stack: Stack, signed_in: Browser, account: Account) -> None:
    """Who signs in over a session replaces it: its tokens end, and the account's other sessions do not."""
    before = dict(signed_in.cookies)

    assert signed_in.sign_in(account).status == 200

    assert living(stack, before, signed_in.cookies) == [False, True]
    assert stack.refresh(before[REFRESH]).code == "invalid_grant"
    assert stack.is_signed_in(account.access_token)
    events = [event["type"] for event in signed_in.call("GET /account").json["events"]]
    assert events.count("session.revoked") == 1


def test_a_second_factor_ends_the_older(stack: Stack, browser: Browser, protected: Account) -> None:
    """With two-factor sign-in on, the older session ends with the code, and not with the password alone."""
    body = {"challenge_token": stack.challenge(protected), "recovery_code": protected.recovery_codes[0]}
    assert browser.call("POST /sign-in/totp", body).status == 200
    before = dict(browser.cookies)

    assert browser.sign_in(protected).status == 200
    assert living(stack, before) == [True]
    assert browser.call("POST /sign-in/totp", {"code": next_code(protected)}).status == 200

    assert living(stack, before, browser.cookies) == [False, True]


@pytest.mark.parametrize("begin", ["sign-in", "sign-up"])
def test_another_account_in_the_same_browser(stack: Stack, signed_in: Browser, account: Account, begin: str) -> None:
    """The session of whoever used the browser before ends, too, by signing in and by completing a sign-up."""
    before = dict(signed_in.cookies)
    other = stack.sign_up("bob@example.com")

    answer = signed_in.sign_in(other) if begin == "sign-in" else complete_sign_up(signed_in, stack)

    assert answer.status in {200, 201}
    assert living(stack, before, signed_in.cookies) == [False, True]
    assert stack.is_signed_in(account.access_token)


def test_a_failed_sign_in_ends_nothing(stack: Stack, signed_in: Browser, account: Account) -> None:
    """A wrong password leaves the session that is there, and asks no more of AWS than without one."""
    account.password = "Mistaken-Horse-3"
    with recording() as calls:
        assert signed_in.sign_in(account).status == 401

    assert len(calls) == 2  # the browser is known
    assert living(stack, signed_in.cookies) == [True]


def test_a_forged_cookie_ends_nothing(stack: Stack, browser: Browser, account: Account) -> None:
    """Whoever knows the ids of a session and not its token would end another's; nor is anybody kept from signing in."""
    victim = stack.sign_up("bob@example.com")
    token = tokens.parse_token("rkr", victim.refresh_token)
    assert token
    forged = tokens.Token("rkr", token.owner, token.token_id, "A" * 43)
    for kept in (str(forged), "rkr_nonsense", victim.access_token, ""):
        browser.cookies = {REFRESH: kept}
        assert browser.sign_in(account).status == 200

    assert stack.is_signed_in(victim.access_token)
    assert stack.refresh(victim.refresh_token).status == 200


def test_other_clients_end_nothing(stack: Stack, signed_in: Browser, account: Account) -> None:
    """A client of the API has no cookies: each of its sign-ins is a session beside the others."""
    body = {"email": account.email, "password": account.password}
    assert stack.call("POST /sign-in", body, cookies=signed_in.cookies).status == 200
    assert stack.sign_in(account).status == 200

    assert living(stack, signed_in.cookies) == [True]
    assert stack.is_signed_in(account.access_token)


def test_an_older_session_that_ends_meanwhile(stack: Stack, signed_in: Browser, account: Account) -> None:
    """Signing out in another tab at that moment keeps nobody from signing in."""
    refresh_token = signed_in.cookies[REFRESH]

    with meanwhile("TransactWriteItems", lambda: stack.call("POST /oauth/revoke", form={"token": refresh_token})):
        assert signed_in.sign_in(account).status == 200

    assert living(stack, signed_in.cookies) == [True]


def test_a_session_over_another_takes_one_call_more(signed_in: Browser, account: Account) -> None:
    """The older session is read once the password is proven, and ends in the sign-in's own transaction."""
    with recording() as calls:
        signed_in.sign_in(account)

    assert [call.operation for call in calls[1:]] == ["GetItem", "BatchGetItem", "TransactWriteItems"]


def test_people_share_a_browser(stack: Stack, browser: Browser, account: Account, frozen: Clock) -> None:
    """Each has a device of their own in it, for a year, and is known by it; no page sees a token."""
    bob = stack.sign_up("bob@example.com")
    for person in (account, bob):
        kept = next(each for each in browser.sign_in(person).cookies if "-device-" in each)
        assert "Max-Age=31536000" in kept
    frozen.advance(60)
    before = dict(browser.cookies)

    for person in (account, bob):
        assert "rkd_" not in browser.sign_in(person).text
        assert browser.cookies[device_cookie(person)] == before[device_cookie(person)]


def reset_in(browser: Browser, stack: Stack, account: Account) -> Answer:
    stack.call("POST /forgot", {"email": account.email})
    account.password = "Another-Horse-7"
    return browser.call("POST /reset", {"token": stack.mailed_token(), "new_password": account.password})


def test_a_reset_is_followed_by_a_sign_in(stack: Stack, browser: Browser, account: Account, frozen: Clock) -> None:
    """The browser in which it was done is known for an hour, though strangers hold the address locked."""
    frozen.advance(60)
    for _ in range(6):
        stack.call("POST /sign-in", {"email": account.email, "password": "wrong"})

    answer = reset_in(browser, stack, account)

    assert answer.text == ""
    [kept] = answer.cookies
    assert kept.startswith(f"{device_cookie(account)}=rkp_")
    assert "Max-Age=3600" in kept
    assert stack.sign_in(account).status == 429
    assert browser.sign_in(account).status == 200
    assert browser.cookies[device_cookie(account)].startswith("rkd_")


def test_a_reset_in_a_known_browser(stack: Stack, browser: Browser, account: Account, frozen: Clock) -> None:
    """It stays known by what it had."""
    frozen.advance(60)
    browser.sign_in(account)
    known = browser.cookies[device_cookie(account)]

    assert reset_in(browser, stack, account).cookies == []

    assert browser.sign_in(account).status == 200
    assert browser.cookies[device_cookie(account)] == known
