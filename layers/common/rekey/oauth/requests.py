"""What an application asks of `/oauth/authorize` (RFC 6749 §4.1.1, OpenID Connect Core §3.1.2.1), and its answer.

Who asks, and where the answer goes, are judged first: until both are known, nobody is sent anywhere (RFC 9700 §4.11).
"""

from __future__ import annotations

import re
from typing import Annotated

import msgspec
from msgspec import Meta

from rekey.api.http import Parameters
from rekey.aws.store import Row
from rekey.oauth import uris

CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")  # a SHA-256 in base64url (RFC 7636 §4.2)
TWO_FACTORS = "urn:rekey:acr:two-factors"
ONE_FACTOR = "urn:rekey:acr:one-factor"
PROMPTS = {"none", "login", "consent", "create", "select_account"}
Text = Annotated[str, Meta(max_length=2000)]


class OfPage(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What the page says by itself: apart, for whatever stands in the query is the application's word."""

    consent: list[str] | None = None
    """The scopes that the person was shown, and allowed."""
    since: int | None = None
    """`asked_at` of an earlier answer: a sign-in from then on is one that the application asked for."""
    denied: bool = False


class AuthorizationRequest(Parameters, kw_only=True):
    """The parameters of the query, each a text. One that came twice is a list, and so refused (RFC 6749 §3.1)."""

    client_id: Text = ""
    redirect_uri: Text = ""
    response_type: Text = ""
    response_mode: Text = ""
    scope: Text = ""
    state: Text | None = None
    nonce: Text | None = None
    code_challenge: Text = ""
    code_challenge_method: Text = ""
    prompt: Text = ""
    max_age: Text = ""
    login_hint: Text | None = None
    ui_locales: Text | None = None
    acr_values: Text = ""
    resource: Text = ""
    request: Text | None = None
    request_uri: Text | None = None
    registration: Text | None = None
    page: OfPage = msgspec.field(default_factory=OfPage)

    def prompts(self) -> set[str]:
        return set(self.prompt.split())

    def asks_for_two_factors(self) -> bool:
        """By the first of the classes that the application would like and Rekey knows (RFC 9470 §4)."""
        known = [each for each in self.acr_values.split() if each in {ONE_FACTOR, TWO_FACTORS}]
        return known[:1] == [TWO_FACTORS]

    def scopes(self, client: Row) -> list[str]:
        """Those that it may have, in the order of its registration. Others are ignored (RFC 6749 §3.3)."""
        asked = set(self.scope.split())
        return [each for each in client["scopes"] if each in asked]

    def audience(self, client: Row) -> list[str]:
        """The APIs that its access tokens are for: the one it names (RFC 8707), or all that are registered."""
        return [self.resource] if self.resource else list(client["audiences"])


def redirect_uri(request: AuthorizationRequest, client: Row) -> str | None:
    """Where the answer goes, as it is registered; None for any other address."""
    return uris.find(request.redirect_uri, client["redirect_uris"], client["type"])


def find_error(request: AuthorizationRequest, client: Row) -> str | None:
    """The error that the application is told, by RFC 6749 §4.1.2.1 and OpenID Connect Core §3.1.2.6; None for none."""
    wrong = {
        "request_not_supported": request.request is not None,
        "request_uri_not_supported": request.request_uri is not None,
        "registration_not_supported": request.registration is not None,
        "unsupported_response_type": bool(request.response_type) and request.response_type != "code",
        "invalid_request": _is_malformed(request, client),
        "invalid_target": bool(request.resource) and request.resource not in client["audiences"],
        "invalid_scope": not request.scopes(client),
        "access_denied": request.page.denied,
    }
    return next((error for error, holds in wrong.items() if holds), None)


def _is_malformed(request: AuthorizationRequest, client: Row) -> bool:
    prompts = request.prompts()
    return (
        not request.response_type
        or request.response_mode not in {"", "query"}
        or not _is_challenged(request, client)
        or not prompts <= PROMPTS
        or ("none" in prompts and len(prompts) > 1)
        or not re.fullmatch(r"[0-9]{0,9}", request.max_age)
    )


def _is_challenged(request: AuthorizationRequest, client: Row) -> bool:
    """By S256 alone: `plain` hands the verifier to whoever sees the request (ASVS 10.4.6)."""
    if not request.code_challenge and not request.code_challenge_method:
        return bool(client["pkce"] == "optional")
    return request.code_challenge_method == "S256" and bool(CHALLENGE.fullmatch(request.code_challenge))


def answer(uri: str, issuer: str, request: AuthorizationRequest, **parameters: str) -> str:
    """The address with the answer in its query, and who answers (RFC 9207)."""
    state = {} if request.state is None else {"state": request.state}
    return uris.with_query(uri, {**parameters, **state, "iss": issuer})
