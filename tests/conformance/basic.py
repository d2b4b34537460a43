"""The Basic OP plan (oidcc-basic-certification-test-plan): code flow, with client_secret_basic."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import secrets
import urllib.parse
from collections import Counter

import jwt

from tests.conformance.modules import not_applicable, passes
from tests.conformance.party import CALLBACK, NAMES, Party

PLAN = "Basic OP"
_IN_ID_TOKEN = "the ID token carries `email`, too: it saves applications a call"


@passes(PLAN, "oidcc-server")
def server(party: Party) -> None:
    """A code for a person who signs in on the way is exchanged for tokens; the ID token is valid and says no name."""
    request = party.request()
    code = party.authorize(request)["code"]
    tokens = party.judged(party.redeem(code), request)

    assert entropy(code) > 128
    assert tokens["expires_in"] > 0
    assert tokens["claims"]["sub"] == party.account.account_id
    assert not NAMES & {*tokens["claims"]}
    assert party.userinfo(tokens["access_token"]).status == 200


@passes(PLAN, "oidcc-response-type-missing")
def response_type_missing(party: Party) -> None:
    """A request without `response_type` is answered with `invalid_request`."""
    assert party.authorize(party.request(response_type=None))["error"] == "invalid_request"


@passes(PLAN, "oidcc-idtoken-signature")
def id_token_signature(party: Party) -> None:
    """The ID token names its key (`kid`) and is signed with RS256."""
    header = jwt.get_unverified_header(party.tokens(party.request())["id_token"])

    assert header["alg"] == "RS256"
    assert header["kid"]


@not_applicable(PLAN, "oidcc-idtoken-unsigned", "ID tokens without a signature are not offered")
def id_token_unsigned(party: Party) -> None:
    """Discovery does not list `none`."""
    assert "none" not in party.metadata()["id_token_signing_alg_values_supported"]


@passes(PLAN, "oidcc-userinfo-get")
def userinfo_get(party: Party) -> None:
    """A GET with the access token tells the `sub` of the ID token."""
    require_userinfo(party, "GET")


@passes(PLAN, "oidcc-userinfo-post-header")
def userinfo_post_header(party: Party) -> None:
    """So does a POST with the token in its header."""
    require_userinfo(party, "POST")


def require_userinfo(party: Party, method: str) -> None:
    tokens = party.tokens(party.request())
    answer = party.userinfo(tokens["access_token"], method)

    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.json == {"sub": tokens["claims"]["sub"]}


@not_applicable(PLAN, "oidcc-userinfo-post-body", "tokens are taken in the header alone (RFC 6750 §2.2 is optional)")
def userinfo_post_body(party: Party) -> None:
    """A POST with the token in its body is refused; the suite allows that, with a warning."""
    form = {"access_token": party.tokens(party.request())["access_token"]}

    assert party.stack.call("POST /oauth/userinfo", form=form).status == 401


@passes(PLAN, "oidcc-ensure-request-without-nonce-succeeds-for-code-flow")
def without_nonce(party: Party) -> None:
    """A request without `nonce` succeeds, and the ID token has none."""
    assert "nonce" not in party.tokens(party.request(nonce=None))["claims"]


@passes(PLAN, "oidcc-scope-profile")
def scope_profile(party: Party) -> None:
    """`profile` opens what is known of it at userinfo: `locale`. No name is kept."""
    tokens = party.tokens(party.request(scope="openid profile"))

    assert {*party.userinfo(tokens["access_token"]).json} <= {"sub", "locale"}
    assert tokens["scope"] == "openid profile"


@passes(PLAN, "oidcc-scope-email", warning=_IN_ID_TOKEN)
def scope_email(party: Party) -> None:
    """`email` opens `email` and `email_verified` at userinfo, and nothing else."""
    tokens = party.tokens(party.request(scope="openid email"))

    require_email(party, tokens["access_token"])


def require_email(party: Party, access_token: str) -> None:
    told = {"sub": party.account.account_id, "email": party.account.email, "email_verified": True}
    assert party.userinfo(access_token).json == told


@not_applicable(PLAN, "oidcc-scope-address", "no postal address is kept")
def scope_address(party: Party) -> None:
    """Discovery does not list the scope; a request with it succeeds without."""
    require_ignored(party, "address")


@not_applicable(PLAN, "oidcc-scope-phone", "no telephone number is kept")
def scope_phone(party: Party) -> None:
    """Discovery does not list the scope; a request with it succeeds without."""
    require_ignored(party, "phone")


@not_applicable(PLAN, "oidcc-scope-all", "two of the four scopes are not offered, as above")
def scope_all(party: Party) -> None:
    """A request with all four succeeds with those that there are."""
    require_ignored(party, "address", "phone", besides=" email profile")


def require_ignored(party: Party, *scopes: str, besides: str = "") -> None:
    tokens = party.tokens(party.request(scope=f"openid{besides} {' '.join(scopes)}"))

    assert not {*scopes} & {*party.metadata()["scopes_supported"]}
    assert tokens["scope"] == f"openid{besides}"


@passes(PLAN, "oidcc-alternate-happy-flow", warning=_IN_ID_TOKEN)
def alternate_happy_flow(party: Party) -> None:
    """Scopes and parameters in the other order make no difference."""
    request = dict(reversed(party.request(scope="email openid").items()))

    require_email(party, party.tokens(request)["access_token"])


@passes(PLAN, "oidcc-display-page")
def display_page(party: Party) -> None:
    """`display=page` is taken."""
    party.tokens(party.request(display="page"))


@passes(PLAN, "oidcc-display-popup")
def display_popup(party: Party) -> None:
    """`display=popup` is taken."""
    party.tokens(party.request(display="popup"))


@passes(PLAN, "oidcc-prompt-login")
def prompt_login(party: Party) -> None:
    """`prompt=login` makes somebody sign in who is signed in; `auth_time` is later than before."""
    first = party.tokens(party.request())["claims"]
    party.clock.advance(1)
    request = party.request(prompt="login")

    assert party.ask(request).json["reason"] == "prompt"
    second = party.tokens(request)["claims"]
    assert second["auth_time"] > first["auth_time"]


@passes(PLAN, "oidcc-prompt-none-not-logged-in")
def prompt_none_not_logged_in(party: Party) -> None:
    """`prompt=none` gets `login_required` where nobody is signed in, and a state of 128 characters back."""
    assert party.authorize(party.request(prompt="none"))["error"] == "login_required"


@passes(PLAN, "oidcc-prompt-none-logged-in")
def prompt_none_logged_in(party: Party) -> None:
    """`prompt=none` gets a code where somebody is signed in: the same `sub` and `auth_time`."""
    require_same_sign_in(party, {}, {"prompt": "none"})


@passes(PLAN, "oidcc-max-age-1")
def max_age_1(party: Party) -> None:
    """`max_age=1` makes somebody sign in again after two seconds; `auth_time` is later, and recent."""
    first = party.tokens(party.request())["claims"]
    party.clock.advance(2)
    request = party.request(max_age="1")

    assert party.ask(request).json["reason"] == "max_age"
    second = party.tokens(request)["claims"]
    assert first["auth_time"] < second["auth_time"] == party.clock.now


@passes(PLAN, "oidcc-max-age-10000")
def max_age_10000(party: Party) -> None:
    """`max_age=10000` asks for nothing; the same `sub` and `auth_time`."""
    require_same_sign_in(party, {"max_age": "15000"}, {"max_age": "10000"})


def require_same_sign_in(party: Party, first: dict[str, str], second: dict[str, str]) -> None:
    """Two requests by one sign-in, the second of which asks the person for nothing."""
    before = party.tokens(party.request(**first))
    party.clock.advance(2)
    request = party.request(
        **{name: before["id_token"] if value == "hint" else value for name, value in second.items()}
    )
    told = party.came_back(party.ask(request), request)
    after = party.judged(party.redeem(told["code"]), request)

    assert [after["claims"][name] for name in ("sub", "auth_time")] == [
        before["claims"][name] for name in ("sub", "auth_time")
    ]


@passes(PLAN, "oidcc-ensure-request-with-unknown-parameter-succeeds")
def unknown_parameter(party: Party) -> None:
    """`extra=foobar` is ignored."""
    party.tokens(party.request(extra="foobar"))


@passes(PLAN, "oidcc-id-token-hint")
def id_token_hint(party: Party) -> None:
    """`prompt=none` with the ID token as a hint gets a code at once, for the same `sub`."""
    require_same_sign_in(party, {}, {"prompt": "none", "id_token_hint": "hint"})


@passes(PLAN, "oidcc-login-hint")
def login_hint(party: Party) -> None:
    """`login_hint` is taken, and told to the page that asks for the address."""
    request = party.request(login_hint="buffy@api.example.com")

    assert party.ask(request).json["login_hint"] == "buffy@api.example.com"
    party.tokens(request)


@passes(PLAN, "oidcc-ui-locales")
def ui_locales(party: Party) -> None:
    """`ui_locales` is taken, and told to the page, which has three languages."""
    request = party.request(ui_locales="se")

    assert party.ask(request).json["ui_locales"] == "se"
    party.tokens(request)


@passes(PLAN, "oidcc-claims-locales")
def claims_locales(party: Party) -> None:
    """`claims_locales` is taken: no claim has a language."""
    party.tokens(party.request(claims_locales="se"))


@passes(PLAN, "oidcc-ensure-request-with-acr-values-succeeds")
def acr_values(party: Party) -> None:
    """All values that discovery lists are asked for; the ID token has one of them."""
    supported = party.metadata()["acr_values_supported"]

    assert party.tokens(party.request(acr_values=" ".join(supported)))["claims"]["acr"] in supported


@passes(PLAN, "oidcc-codereuse")
def code_reuse(party: Party) -> None:
    """A code that comes twice is answered with `invalid_grant`."""
    code = party.authorize(party.request())["code"]
    assert party.redeem(code).status == 200

    again = party.redeem(code)
    assert (again.status, again.json["error"]) == (400, "invalid_grant")
    assert again.headers["Content-Type"] == "application/json"


@passes(PLAN, "oidcc-codereuse-30seconds")
def code_reuse_after_30_seconds(party: Party) -> None:
    """So it is 30 seconds later, and the tokens that it gave are revoked."""
    code = party.authorize(party.request())["code"]
    given = party.redeem(code).json["access_token"]
    assert party.userinfo(given).status == 200

    party.clock.advance(30)
    assert party.redeem(code).json["error"] == "invalid_grant"
    assert party.userinfo(given).status == 401


@passes(PLAN, "oidcc-ensure-registered-redirect-uri")
def registered_redirect_uri(party: Party) -> None:
    """An address that is not registered is told to the person; nobody is sent there."""
    party.sign_in()
    answer = party.ask(party.request(redirect_uri=f"{CALLBACK}/{secrets.token_hex(8)}"))

    assert (answer.status, answer.code) == (400, "redirect_uri_invalid")


@passes(PLAN, "oidcc-ensure-post-request-succeeds")
def post_request(party: Party) -> None:
    """A form that is posted leads to the page with the same parameters, and on from there."""
    request = party.request()
    answer = party.stack.call("POST /oauth/authorize", form=request)
    page, _, query = answer.headers["Location"].partition("?")

    assert (answer.status, page) == (303, "/oauth/authorize")
    assert dict(urllib.parse.parse_qsl(query)) == request
    party.tokens(dict(urllib.parse.parse_qsl(query)))


@passes(PLAN, "oidcc-server-client-secret-post")
def client_secret_post(party: Party) -> None:
    """The secret is taken in the form, too."""
    request = party.request()
    form = {
        "grant_type": "authorization_code",
        "code": party.authorize(request)["code"],
        "redirect_uri": CALLBACK,
        "client_id": party.application.client_id,
        "client_secret": party.application.secret,
    }

    party.judged(party.stack.call("POST /oauth/token", form=form), request)


@not_applicable(
    PLAN,
    "oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported",
    "request objects are not offered; the suite skips it for clients that are registered by hand",
)
def request_uri(party: Party) -> None:
    """`request_uri` is answered with `request_uri_not_supported`."""
    request = party.request(request_uri="https://suite.example.com/request")

    assert party.authorize(request)["error"] == "request_uri_not_supported"
    assert party.metadata()["request_uri_parameter_supported"] is False


@passes(PLAN, "oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported")
def request_object(party: Party) -> None:
    """`request` is answered with `request_not_supported`."""
    request = party.request()

    assert party.authorize({**request, "request": unsigned(request)})["error"] == "request_not_supported"


@passes(PLAN, "oidcc-claims-essential", warning="`name` is not told: no name is kept")
def claims_essential(party: Party) -> None:
    """A request that calls the claim `name` essential succeeds."""
    claims = json.dumps({"userinfo": {"name": {"essential": True}}})

    party.tokens(party.request(claims=claims))


@passes(PLAN, "oidcc-ensure-request-object-with-redirect-uri")
def request_object_with_redirect_uri(party: Party) -> None:
    """An address that is not registered, beside a request object with one that is: told to the person."""
    request = party.request()
    party.sign_in()
    answer = party.ask({**request, "redirect_uri": f"{CALLBACK}/other", "request": unsigned(request)})

    assert (answer.status, answer.code) == (400, "redirect_uri_invalid")


@passes(PLAN, "oidcc-refresh-token")
def refresh_token(party: Party) -> None:
    """`offline_access` gives a refresh token; it works for its application, and for no other."""
    first = party.tokens(party.request(scope="openid offline_access", prompt="consent"))
    second = party.register("conformance-2")
    form = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}

    stolen = party.stack.call("POST /oauth/token", form=form, headers=second.basic)
    assert (stolen.status, stolen.json["error"]) == (400, "invalid_grant")
    answer = party.stack.call("POST /oauth/token", form=form, headers=party.application.basic)
    renewed = answer.json
    assert answer.status == 200, answer.text
    assert renewed["access_token"] != first["access_token"]
    assert party.userinfo(renewed["access_token"]).status == 200
    if "id_token" in renewed:
        claims = party.claims(renewed["id_token"])
        assert {name: claims[name] for name in ("iss", "sub", "aud")}.items() <= first["claims"].items()


@passes(PLAN, "oidcc-ensure-request-with-valid-pkce-succeeds")
def valid_pkce(party: Party) -> None:
    """A challenge is taken and held to: the code is good with its verifier alone."""
    verifier = secrets.token_urlsafe(32)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    challenged = {"code_challenge": challenge, "code_challenge_method": "S256"}

    party.tokens(party.request(**challenged), code_verifier=verifier)
    without = party.redeem(party.authorize(party.request(**challenged))["code"])
    assert without.json["error"] == "invalid_grant"


def entropy(text: str) -> float:
    """Bits, as the suite reckons them: Shannon's, of the characters there are."""
    counted = Counter(text).values()
    return -sum(each * math.log2(each / len(text)) for each in counted)


def unsigned(request: dict[str, str]) -> str:
    return jwt.encode(dict(request), key="", algorithm="none")
