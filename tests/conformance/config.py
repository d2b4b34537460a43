"""The Config OP plan (oidcc-config-certification-test-plan): what discovery says."""

from __future__ import annotations

import re
from typing import Any

from tests.conformance.modules import passes
from tests.conformance.party import ISSUER, Party

PLAN = "Config OP"


@passes(PLAN, "oidcc-discovery-endpoint-verification")
def discovery(party: Party) -> None:
    """The document and the keys have what the specifications ask for; each address is of https, and of the issuer."""
    answer = party.stack.call("GET /.well-known/openid-configuration")
    told = answer.json

    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    assert told["issuer"] == ISSUER
    assert "code" in told["response_types_supported"]
    assert {"authorization_code"} <= {*told["grant_types_supported"]}
    assert {*told["subject_types_supported"]} <= {"public", "pairwise"}
    assert "RS256" in told["id_token_signing_alg_values_supported"]
    assert "openid" in told["scopes_supported"]
    assert {"sub"} <= {*told["claims_supported"]}
    assert told["claims_parameter_supported"] is told["request_parameter_supported"] is False
    assert all(re.fullmatch(r"[a-z]{2}(-[A-Z]{2})?", each) for each in told["ui_locales_supported"])
    require_https(told)
    require_keys(party)


def require_https(told: dict[str, Any]) -> None:
    endpoints = {name: url for name, url in told.items() if name.endswith(("_endpoint", "_uri"))}
    named = ("authorization", "token", "userinfo")

    assert all(url.startswith(f"{ISSUER}/") for url in endpoints.values()), endpoints
    assert {*(f"{name}_endpoint" for name in named), "jwks_uri"} <= {*endpoints}


def require_keys(party: Party) -> None:
    """Each has an id of its own, and nothing of a private key."""
    keys = party.stack.call("GET /.well-known/jwks.json").json["keys"]

    assert keys
    assert len({key["kid"] for key in keys}) == len(keys)
    assert all({*key} == {"kty", "use", "alg", "kid", "n", "e"} for key in keys)
