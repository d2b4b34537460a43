"""What an application finds out by itself: complete, true, cacheable, and without a call of AWS once warm."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jwt import PyJWKSet

from local.template import load_template
from rekey.oauth import requests
from rekey.oauth.types import OPENID_SCOPES
from rekey.sessions import tokens
from rekey.settings import settings
from tests.calls import recording
from tests.stack import Stack

ROUTES = load_template().routes()
DOCUMENTS = ["GET /.well-known/openid-configuration", "GET /.well-known/oauth-authorization-server"]
KEYS = "GET /.well-known/jwks.json"
ISSUER = "https://api.example.com"


@pytest.fixture
def metadata(stack: Stack) -> dict[str, Any]:
    told: dict[str, Any] = stack.call(DOCUMENTS[0]).json
    return told


def test_both_documents_are_one(stack: Stack) -> None:
    """OpenID's and OAuth's: each reader ignores what it does not know."""
    first, second = (stack.call(document).json for document in DOCUMENTS)

    assert first == second


def test_the_issuer_is_where_it_was_asked(metadata: dict[str, Any]) -> None:
    """To the letter: libraries compare it with what they were configured with (RFC 8414 §3.3)."""
    assert metadata["issuer"] == ISSUER
    assert all(url.startswith(f"{ISSUER}/") for name, url in metadata.items() if name.endswith(("_endpoint", "_uri")))


@pytest.mark.parametrize("name", ["jwks_uri", "token_endpoint", "revocation_endpoint", "end_session_endpoint"])
def test_what_it_names_is_there(metadata: dict[str, Any], name: str) -> None:
    path = metadata[name].removeprefix(ISSUER)

    assert {f"GET {path}", f"POST {path}"} & {*ROUTES}


def test_what_it_says_is_true(metadata: dict[str, Any]) -> None:
    """Nothing that is refused is offered, and nothing is left to a default that is not so."""
    expected = {
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "introspection_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "authorization_response_iss_parameter_supported": True,
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,  # which is true where it is not said
        "scopes_supported": OPENID_SCOPES,
        "acr_values_supported": [requests.ONE_FACTOR, requests.TWO_FACTORS],
        "ui_locales_supported": ["en", "sv", "fr"],
    }

    assert {name: metadata[name] for name in expected} == expected
    assert {*metadata["prompt_values_supported"]} == requests.PROMPTS
    assert tokens.ACCOUNT not in metadata["scopes_supported"]


def test_it_names_what_discovery_requires(metadata: dict[str, Any]) -> None:
    """OpenID Connect Discovery §3, RFC 8414 §2: what is required or recommended and there is."""
    required = {"issuer", "authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"}
    required |= {"scopes_supported", "response_types_supported", "subject_types_supported", "claims_supported"}

    assert required <= {*metadata}
    assert "registration_endpoint" not in metadata


def test_the_keys_are_keys(stack: Stack) -> None:
    """As a library takes them, and no more of them than their public halves."""
    told = stack.call(KEYS).json

    assert [key.key_id for key in PyJWKSet.from_dict(told).keys] == [settings().signing_key]
    assert [{*key} for key in told["keys"]] == [{"kid", "kty", "use", "alg", "n", "e"}]


@pytest.mark.parametrize("route", [*DOCUMENTS, KEYS])
def test_caches_may_keep_it(stack: Stack, route: str) -> None:
    """And an environment that is warm asks AWS nothing, whoever asks it."""
    stack.call(route)

    with recording() as calls:
        answer = stack.call(route)

    assert not calls
    kept = dict(part.split("=") for part in answer.headers["Cache-Control"].split(", ") if "=" in part)
    assert answer.headers["Cache-Control"].startswith("public, ")
    assert 0 < int(kept["max-age"]) <= (900 if route == KEYS else 3600)


@pytest.mark.parametrize("route", [*DOCUMENTS, KEYS])
def test_head(stack: Stack, route: str) -> None:
    """HEAD has the status and the headers of GET; API Gateway drops the body."""
    assert vars(stack.call(route.replace("GET", "HEAD"))) == vars(stack.call(route))


def test_a_fault_is_kept_by_nobody(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or an application would judge by it for as long."""
    monkeypatch.setenv("SIGNING_KEY", "gone")
    settings.cache_clear()

    answer = stack.call(KEYS)

    assert (answer.status, answer.code) == (503, "service_unavailable")
    assert answer.headers["Cache-Control"] == "no-store"
    assert json.loads(answer.text)["status"] == 503
