"""An application asks for a code: who gets one, who is told what is missing, and who is sent nowhere."""

from __future__ import annotations

import json
import zlib
from typing import Any

import pytest

from rekey.accounts import keys
from rekey.aws import store
from rekey.oauth import connections
from rekey.settings import settings
from tests import seeds
from tests.actors import ADMIN
from tests.applications import authorize, codes_of, connected, events_of, own, sent_back, spa
from tests.calls import recording
from tests.scenarios.authorize import CHALLENGE, SCOPES, asking
from tests.scenarios.clients import add, web
from tests.stack import Account, Clock, Stack, deployed_with, text_of

PAGE = {"rekey-client": "page"}
ALLOWED = {"consent": SCOPES}


@pytest.fixture
def client(stack: Stack) -> dict[str, Any]:
    return spa(stack)


def test_consent_is_asked_once(stack: Stack, account: Account, client: dict[str, Any]) -> None:
    """The person is shown which application asks for what, of which account; from then on it has that."""
    asked = authorize(stack, account, client)
    assert (asked.status, asked.code) == (403, "consent_required")
    assert {name: asked.json[name] for name in ("client_name", "scopes", "email")} == {
        "client_name": "Shop",
        "scopes": SCOPES,
        "email": account.email,
    }
    assert codes_of(stack) == []

    told = sent_back(authorize(stack, account, client, page=ALLOWED), client)

    assert told.keys() == {"code", "state", "iss"}
    assert told["state"] == "a-state-of-the-application"
    assert "code" in sent_back(authorize(stack, account, client), client)


def test_a_code_is_bound(stack: Stack, frozen: Clock, account: Account, client: dict[str, Any]) -> None:
    """Its row has all that its redemption is held to, and of the code itself a digest alone."""
    code = sent_back(authorize(stack, account, client, page=ALLOWED), client)["code"]
    (row,) = codes_of(stack)

    held = {"client_id": client["client_id"], "redirect_uri": client["redirect_uris"][0], "code_challenge": CHALLENGE}
    held |= {"nonce": "a-nonce-of-the-application", "scopes": SCOPES, "good_until": frozen.now + 60}
    assert held.items() <= row.items()
    assert code not in repr(row)
    assert connected(stack, account) == [client["client_id"]]


@pytest.mark.parametrize("other", [["openid"], [*SCOPES, "profile"], [], ["email", "profile"]])
def test_consent_to_anything_else_is_none(
    stack: Stack, account: Account, client: dict[str, Any], other: list[str]
) -> None:
    """What was shown must be what is asked for now: a page that was opened earlier allows nothing else."""
    assert authorize(stack, account, client, page={"consent": other}).code == "consent_required"
    assert codes_of(stack) == []
    assert connected(stack, account) == []


@pytest.mark.parametrize("forged", [{"consent": SCOPES}, {"denied": True}, {"since": 0}])
def test_a_query_cannot_speak_for_the_page(
    stack: Stack, account: Account, client: dict[str, Any], forged: dict[str, Any]
) -> None:
    """An application writes the query: a parameter there is no word of the person's."""
    assert authorize(stack, account, client, **forged).code == "consent_required"
    assert authorize(stack, account, client, page=json.dumps(forged)).code == "validation_failed"
    assert authorize(stack, account, client, page=["a", "b"]).code == "validation_failed"


def test_more_is_asked_for_again(stack: Stack, account: Account, client: dict[str, Any]) -> None:
    """A scope that is new needs consent, and the connection goes on: the application's sessions live."""
    authorize(stack, account, client, page=ALLOWED)
    first = codes_of(stack)[0]["connection"]
    wider = {"scope": "openid profile"}

    assert authorize(stack, account, client, **wider).json["scopes"] == ["openid", "profile"]
    sent_back(authorize(stack, account, client, **wider, page={"consent": ["openid", "profile"]}), client)

    assert {row["connection"] for row in codes_of(stack)} == {first}
    shown = stack.call("GET /account", token=account.access_token).json["applications"]
    assert shown[0]["scopes"] == ["openid", "email", "profile"]
    assert [row["scopes"] for row in events_of(stack, "application.connected")][-1] == shown[0]["scopes"]


def test_the_teams_own_ask_nobody(stack: Stack, account: Account) -> None:
    """They are connected at once, and the person sees them, too."""
    client = own(stack)

    assert "code" in sent_back(authorize(stack, account, client), client)

    (shown,) = stack.call("GET /account", token=account.access_token).json["applications"]
    assert (shown["client_id"], shown["name"], shown["scopes"]) == (client["client_id"], "Shop", SCOPES)
    assert authorize(stack, account, client, prompt="consent").code == "consent_required"


def test_owners_hear_of_others_applications(stack: Stack, account: Account, client: dict[str, Any]) -> None:
    """An email tells which it was; of the team's own, and of one that has nothing new, there is none."""
    stack.deliver()
    before = len(stack.inbox)
    authorize(stack, account, own(stack))
    for _ in range(2):
        authorize(stack, account, client, page=ALLOWED)
    stack.deliver()

    (mail,) = stack.inbox[before:]
    assert "Shop can use your" in mail["Subject"]
    assert "/security" in text_of(mail)
    assert [row["party"] for row in events_of(stack, "application.connected")].count("third") == 1


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"response_type": ""}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"response_mode": "form_post"}, "invalid_request"),
        ({"code_challenge": "", "code_challenge_method": ""}, "invalid_request"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": CHALLENGE[:-1]}, "invalid_request"),
        ({"code_challenge": f"{CHALLENGE}="}, "invalid_request"),
        ({"prompt": "consent later"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"max_age": "٣"}, "invalid_request"),
        ({"scope": ""}, "invalid_scope"),
        ({"scope": "account"}, "invalid_scope"),
        ({"scope": "orders.write"}, "invalid_scope"),
        ({"resource": "https://api.example.com/other"}, "invalid_target"),
        ({"request": "eyJ"}, "request_not_supported"),
        ({"request_uri": "https://shop.example.com/request"}, "request_uri_not_supported"),
        ({"registration": "{}"}, "registration_not_supported"),
        ({"page": {"denied": True}}, "access_denied"),
    ],
)
def test_what_the_application_is_told(
    stack: Stack, account: Account, client: dict[str, Any], fields: dict[str, Any], error: str
) -> None:
    """A request that is wrong is the application's to hear of, whoever is there: with its state, and by whom."""
    for whoever in (account, None):
        told = sent_back(authorize(stack, whoever, client, **fields), client)
        assert told == {"error": error, "state": "a-state-of-the-application", "iss": told["iss"]}
    assert codes_of(stack) == []


def test_without_a_state(stack: Stack, account: Account) -> None:
    """None is sent where none came, and an empty one where an empty one did."""
    client = own(stack)
    asked = {name: value for name, value in asking(client).items() if name != "state"}

    told = sent_back(stack.call("POST /oauth/authorize", asked, token=account.access_token), client)
    assert "state" not in told


def test_pkce_of_one_that_may_do_without(stack: Stack, account: Account) -> None:
    """Only an application that is let off by name; one that begins with PKCE is held to it."""
    client = add(stack, first_party=True, pkce="optional")
    without = {"code_challenge": "", "code_challenge_method": ""}

    assert "code" in sent_back(authorize(stack, account, client, **without), client)
    assert sent_back(authorize(stack, account, client, code_challenge_method="plain"), client)["error"]


def test_scopes_that_it_may_not_have_are_left_out(stack: Stack, account: Account) -> None:
    """`account` is for no application; an unknown scope is ignored (RFC 6749 §3.3)."""
    client = own(stack)
    sent_back(authorize(stack, account, client, scope="account openid everything"), client)

    assert codes_of(stack)[0]["scopes"] == ["openid"]


@pytest.mark.parametrize(("resource", "audience"), [("", ["https://a.example", "https://b.example"]),
                                                    ("https://b.example", ["https://b.example"])])  # fmt: skip
def test_resource(stack: Stack, account: Account, resource: str, audience: list[str]) -> None:
    """The APIs that the code's tokens will be for: the one that is named (RFC 8707), or all that are registered."""
    client = own(stack, audiences=["https://a.example", "https://b.example"])
    sent_back(authorize(stack, account, client, resource=resource), client)

    assert codes_of(stack)[0]["audience"] == audience


@pytest.mark.parametrize("client_id", ["", "nobody", "No Body", "x" * 1900, "shop\n", "\ud83d\ude00"])
def test_an_application_that_is_not_registered(stack: Stack, account: Account, client_id: str) -> None:
    """Whoever is there is told, and sent nowhere."""
    answer = authorize(stack, account, web(client_id=client_id))

    assert (answer.status, answer.code) == (400, "client_unknown")
    assert "shop.example.com" not in answer.text


@pytest.mark.parametrize("client_id", ["", "No Body", "x" * 1900, "shop\n"])
def test_what_is_no_id_makes_no_key(stack: Stack, account: Account, client_id: str) -> None:
    """DynamoDB takes no key of any length: a caller could cause faults, and set off their alarm."""
    with recording() as calls:
        assert authorize(stack, account, web(client_id=client_id)).code == "client_unknown"

    assert calls == []


HERE = "https://shop.example.com/signed-in"


@pytest.mark.parametrize(
    "look_alike",
    [
        "",
        f"{HERE}/",
        f"{HERE}?",
        f"{HERE}?next=https://evil.example",
        f"{HERE}#",
        f"{HERE}/../other",
        f"{HERE}%2e",
        "https://shop.example.com/SIGNED-IN",
        "https://SHOP.example.com/signed-in",
        "https://shop.example.com./signed-in",
        "https://shop.example.com:443/signed-in",
        "https://shop.example.com:8443/signed-in",
        "https://shop.example.com@evil.example/signed-in",
        "https://evil.example@shop.example.com/signed-in",
        "https://shop.example.com.evil.example/signed-in",
        "https://shop.example.com/%73igned-in",
        "https://shop.example.com\\@evil.example/signed-in",
        "http://shop.example.com/signed-in",
        "//shop.example.com/signed-in",
        "javascript:alert(1)//https://shop.example.com/signed-in",
        f" {HERE}",
        f"{HERE}\n",
        f"{HERE} {HERE}",
    ],
)
@pytest.mark.parametrize("more", [{}, {"response_type": "token"}, {"prompt": "none"}, {"page": {"denied": True}}])
def test_redirect_look_alikes(stack: Stack, account: Account, look_alike: str, more: dict[str, Any]) -> None:
    """Nobody is sent to one, not with an error either: case, port, path, userinfo, encoded, trailing dot."""
    answer = authorize(stack, account, own(stack), redirect_uri=look_alike, **more)

    assert (answer.status, answer.code) == (400, "redirect_uri_invalid")
    assert "redirect_to" not in answer.json
    assert codes_of(stack) == []


def test_an_address_with_a_query_keeps_it(stack: Stack, account: Account) -> None:
    """What is registered with a query gets the answer behind it."""
    client = own(stack, redirect_uris=[f"{HERE}?from=rekey"])

    assert authorize(stack, account, client).json["redirect_to"].startswith(f"{HERE}?from=rekey&code=rkz_")


def test_a_service_signs_nobody_in(stack: Stack, account: Account) -> None:
    """It has no address to send anybody to."""
    service = add(stack, type="service", redirect_uris=[])

    assert authorize(stack, account, {**service, "redirect_uris": [""]}).code == "redirect_uri_invalid"


def test_signed_out(stack: Stack, frozen: Clock, client: dict[str, Any]) -> None:
    """The page is told what it needs to have the person sign in, and come back."""
    answer = authorize(stack, None, client, login_hint="ada@example.com", ui_locales="sv fr")

    assert (answer.status, answer.code) == (401, "sign_in_required")
    told = {"reason": "signed_out", "asked_at": frozen.now, "client_name": "Shop"}
    assert (told | {"login_hint": "ada@example.com", "ui_locales": "sv fr"}).items() <= answer.json.items()
    assert authorize(stack, None, client, prompt="create").json["reason"] == "create"
    assert "login_hint" not in authorize(stack, None, client).json
    assert sent_back(authorize(stack, None, client, prompt="none"), client)["error"] == "login_required"


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"prompt": "login"}, "prompt"),
        ({"prompt": "login consent"}, "prompt"),
        ({"prompt": "select_account"}, "prompt"),
        ({"prompt": "create"}, "create"),
        ({"max_age": "59"}, "max_age"),
        ({"max_age": "0"}, "max_age"),
    ],
)
def test_to_sign_in_again(stack: Stack, frozen: Clock, account: Account, asked: dict[str, str], reason: str) -> None:
    """It is asked for until somebody has signed in since; then it is done, however long the way back takes."""
    client = own(stack)
    frozen.advance(60)
    answer = authorize(stack, account, client, **asked)
    assert (answer.code, answer.json["reason"]) == ("sign_in_required", reason)
    since = {"since": answer.json["asked_at"]}
    assert authorize(stack, account, client, **asked, page=since).code == "sign_in_required"

    again = stack.sign_in_again(account)
    frozen.advance(30)

    allowed = {**since, "consent": SCOPES}
    assert "code" in sent_back(authorize(stack, again, client, **asked, page=allowed), client)
    assert codes_of(stack)[0]["authenticated_at"] == frozen.now - 30


@pytest.mark.parametrize("seconds", [-3601, 1])
def test_since_is_of_this_hour(stack: Stack, frozen: Clock, account: Account, seconds: int) -> None:
    """An old page, or one of tomorrow, does not do for a sign-in."""
    client = own(stack)
    frozen.advance(1)
    again = stack.sign_in_again(account)

    assert authorize(stack, again, client, prompt="login", page={"since": frozen.now + seconds}).status == 401
    assert authorize(stack, again, client, prompt="login", page={"since": frozen.now}).status == 200


def test_a_recent_sign_in_is_recent(stack: Stack, frozen: Clock, account: Account) -> None:
    """To the second; to prove who is there counts as one."""
    client = own(stack)
    frozen.advance(60)
    assert authorize(stack, account, client, max_age="60").status == 200
    assert authorize(stack, account, client, max_age="59").status == 401

    assert stack.reauthenticate(account).status == 204

    assert authorize(stack, account, client, max_age="0").status == 200


def test_a_second_factor_that_is_asked_for(stack: Stack, account: Account) -> None:
    """Who has one is asked for it, and who has none may set one up (RFC 9470)."""
    client, asked = own(stack), {"acr_values": "urn:other urn:rekey:acr:two-factors urn:rekey:acr:one-factor"}
    answer = authorize(stack, account, client, **asked)
    assert (answer.status, answer.code, answer.json["enrolled"]) == (403, "second_factor_required", False)
    assert answer.json["client_name"] == client["name"]

    stack.enable_totp(account)
    (session,) = [row for row in stack.rows("TokensTable") if row["sk"]["S"].startswith("session#")]
    stack.restore("TokensTable", {**session, "method": {"S": "pwd device"}})  # as on a device that is trusted
    assert authorize(stack, account, client, **asked).json["enrolled"]
    silent = sent_back(authorize(stack, account, client, **asked, prompt="none"), client)
    assert silent["error"] == "interaction_required"
    assert stack.reauthenticate(account, recovery_code=account.recovery_codes[0]).status == 204

    assert "code" in sent_back(authorize(stack, account, client, **asked), client)
    assert "recovery" in codes_of(stack)[0]["method"]


def test_one_factor_does_where_it_is_preferred(stack: Stack, account: Account) -> None:
    """The values come in order of preference; unknown ones ask for nothing."""
    client = own(stack)

    for asked in ("urn:rekey:acr:one-factor urn:rekey:acr:two-factors", "urn:other"):
        assert authorize(stack, account, client, acr_values=asked).status == 200


def test_a_required_second_factor(stack: Stack, account: Account) -> None:
    """Whom `RequireTotp` means is let in to no application without one."""
    client = own(stack)
    with deployed_with(REQUIRE_TOTP="all"):
        answer = authorize(stack, account, client)
        silent = authorize(stack, account, client, prompt="none")

    assert (answer.status, answer.code) == (403, "totp_required")
    assert sent_back(silent, client)["error"] == "interaction_required"
    assert codes_of(stack) == []


def test_nobody_is_asked(stack: Stack, frozen: Clock, account: Account, client: dict[str, Any]) -> None:
    """With `prompt=none` the application is told what is missing, each by its own error."""
    silent = {"prompt": "none"}
    assert sent_back(authorize(stack, account, client, **silent), client)["error"] == "consent_required"
    two = {"acr_values": "urn:rekey:acr:two-factors"}
    assert sent_back(authorize(stack, account, client, **silent, **two), client)["error"] == "interaction_required"
    frozen.advance(60)
    old = {"max_age": "59"}
    assert sent_back(authorize(stack, account, client, **silent, **old), client)["error"] == "login_required"

    authorize(stack, account, client, page=ALLOWED)
    assert "code" in sent_back(authorize(stack, account, client, **silent), client)


def test_cookies_of_the_page(stack: Stack, account: Account) -> None:
    """They count in the page's own call. In any other, such as another site's, they are not looked at."""
    client, cookies = own(stack), {"__Host-rekey-access": account.access_token}
    asked = asking(client)

    assert stack.call("POST /oauth/authorize", asked, cookies=cookies).code == "sign_in_required"
    crossing = {**PAGE, "sec-fetch-site": "cross-site"}
    assert stack.call("POST /oauth/authorize", asked, headers=crossing, cookies=cookies).code == "cross_site_request"
    silent = asking(client, prompt="none")
    assert sent_back(stack.call("POST /oauth/authorize", silent, cookies=cookies), client)["error"] == "login_required"
    assert codes_of(stack) == []
    assert connected(stack, account) == []

    assert "code" in sent_back(stack.call("POST /oauth/authorize", asked, headers=PAGE, cookies=cookies), client)


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_what_another_site_can_send(stack: Stack, account: Account, content_type: str) -> None:
    """No form asks for a code: with or without cookies, it gets the page or a refusal."""
    cookies, headers = {"__Host-rekey-access": account.access_token}, {"content-type": content_type}
    answer = stack.call("POST /oauth/authorize", asking(own(stack)), cookies=cookies, headers=headers)

    assert answer.status in {303, 415}
    assert codes_of(stack) == []


@pytest.mark.parametrize("prompt", ["", "none"])
def test_an_access_token_that_is_over_is_refreshed_first(
    stack: Stack, frozen: Clock, account: Account, prompt: str
) -> None:
    """The person is signed in: nobody asks for a password, and no application hears that nobody is there."""
    client, cookies = own(stack), {"__Host-rekey-refresh": account.refresh_token}
    frozen.advance(int(stack.template.parameters["AccessTokenLife"]))
    asked = asking(client, prompt=prompt)

    assert stack.call("POST /oauth/authorize", asked, headers=PAGE, cookies=cookies).code == "access_token_invalid"
    assert stack.call("POST /oauth/authorize", asked, token=account.access_token).code == "access_token_invalid"
    assert codes_of(stack) == []

    refreshed = stack.refresh(account.refresh_token).json
    cookies = {"__Host-rekey-access": refreshed["access_token"], "__Host-rekey-refresh": refreshed["refresh_token"]}
    assert stack.call("POST /oauth/authorize", asked, headers=PAGE, cookies=cookies).status == 200


def test_a_refresh_token_of_no_session(stack: Stack, account: Account) -> None:
    """After a sign-out elsewhere, the browser's cookies are nobody's."""
    client, cookies = own(stack), {"__Host-rekey-refresh": account.refresh_token}
    forged = {"__Host-rekey-refresh": account.refresh_token.replace("rkr_", "rkr-")}
    stack.call("POST /oauth/revoke", form={"token": account.refresh_token})

    for each in (cookies, forged):
        answer = stack.call("POST /oauth/authorize", asking(client), headers=PAGE, cookies=each)
        assert answer.code == "sign_in_required"


def test_another_sessions_secret(stack: Stack, account: Account) -> None:
    """A token with the right ids and a secret of its own is nobody's."""
    client = own(stack)
    head, _, _ = account.refresh_token.rpartition(".")
    forged = f"{head[:-43]}{'x' * 43}"
    cookies = {"__Host-rekey-refresh": f"{forged}.{zlib.crc32(forged.encode()):08x}"}
    answer = stack.call("POST /oauth/authorize", asking(client), headers=PAGE, cookies=cookies)
    assert answer.code == "sign_in_required"


def test_an_application_gets_no_codes_for_others(stack: Stack, account: Account) -> None:
    """It could let others in, or widen what it may. Nor does a token that an API is handed."""
    client, row = own(stack), store.get(settings().accounts_table, keys.account(account.account_id)) or {}
    granted = seeds.issue_granted(row, seeds.register(first_party=True)).access_token
    form = {"grant_type": "refresh_token", "refresh_token": account.refresh_token, "scope": "openid"}
    narrowed = stack.call("POST /oauth/token", form=form).json["access_token"]
    before = codes_of(stack)

    for token in (granted, narrowed):
        answer = stack.call("POST /oauth/authorize", asking(client), token=token)
        assert (answer.status, answer.code) == (403, "insufficient_scope")
    assert codes_of(stack) == before


def test_at_most_fifty(stack: Stack, account: Account) -> None:
    """The account's row is read at every request: the fifty-first is refused, one that is there is not."""
    client, other = own(stack), own(stack)
    row = store.get(settings().accounts_table, keys.account(account.account_id)) or {}
    kept = {"name": "Shop", "connection": "0" * 28, "scopes": SCOPES, "connected_at": row["created_at"]}
    full = {f"shop-{number}": kept for number in range(connections.MOST - 1)} | {client["client_id"]: kept}
    store.put(settings().accounts_table, {**row, "applications": full})

    assert authorize(stack, account, other).code == "too_many_applications"
    assert sent_back(authorize(stack, account, other, prompt="none"), other)["error"] == "interaction_required"
    assert authorize(stack, account, client, scope="openid profile").status == 200


def test_an_id_that_is_used_again(stack: Stack, frozen: Clock, account: Account, client: dict[str, Any]) -> None:
    """What was allowed to the application that had an id before is not the next one's."""
    authorize(stack, account, client, page=ALLOWED)
    first = codes_of(stack)[0]["connection"]
    frozen.advance(1)
    removed = {"client_id": client["client_id"], "reason": "Ticket 4711", "confirm": True}
    assert stack.call("POST /admin/clients/remove", removed, caller=ADMIN).status == 204
    assert authorize(stack, account, client).code == "client_unknown"
    add(stack, client_id=client["client_id"], type="spa")

    assert authorize(stack, account, client).code == "consent_required"
    sent_back(authorize(stack, account, client, page=ALLOWED), client)
    assert first in {row["connection"] for row in codes_of(stack)}
    assert len({row["connection"] for row in codes_of(stack)}) == 2


def test_nothing_of_the_request_is_logged(
    stack: Stack, account: Account, client: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither state nor nonce, code, challenge or hint: of ids, that of the application alone."""
    capsys.readouterr()
    fields = {"login_hint": "hint-of-the-application", "page": ALLOWED}
    code = sent_back(authorize(stack, account, client, **fields), client)["code"]
    authorize(stack, None, client, **fields)
    authorize(stack, account, client, redirect_uri="https://look-alike.example/")
    logged = "".join(capsys.readouterr())

    assert logged.count(f'"client_id":"{client["client_id"]}"') == 3
    for said in (code, "of-the-application", CHALLENGE, "look-alike", account.email):
        assert said not in logged


def test_a_form_leads_to_the_page(stack: Stack, account: Account) -> None:
    """With what it says in the query, and nothing done."""
    client = own(stack)
    form = {name: str(value) for name, value in asking(client).items()}
    answer = stack.call("POST /oauth/authorize", form=form, token=account.access_token)

    assert answer.status == 303
    assert answer.headers["Location"].startswith("/oauth/authorize?client_id=")
    assert codes_of(stack) == []
