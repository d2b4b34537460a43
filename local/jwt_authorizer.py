"""API Gateway's own JWT authorizer on this machine, by the rules of "Control access to HTTP APIs with JWT authorizers".

RSA alone; the key that `kid` names, of keys that are kept for two hours; then iss, aud or client_id, exp, nbf, iat and
scopes. Of keys that it has, it asks no sooner for newer ones: AWS promises nothing else, so a token whose key was
published after they were fetched is refused.
"""

from __future__ import annotations

import base64
import json
import time
import urllib.request
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from Crypto.Hash import SHA256, SHA384, SHA512
from Crypto.PublicKey import RSA
from Crypto.Signature import pkcs1_15

from local.example_api import ExampleApi, authorizer_of, load_example
from local.server import Received, Sent, message

KEYS_KEPT_FOR = 7200  # seconds
_HASHES: dict[str, Any] = {"RS256": SHA256, "RS384": SHA384, "RS512": SHA512}
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class TokenError(Exception):
    """Why a token is refused."""


def fetch_json(url: str) -> dict[str, Any]:
    with _opener.open(url, timeout=10) as answer:
        found: dict[str, Any] = json.load(answer)
        return found


class JwtAuthorizer:
    """Of one issuer and its audiences. `fetch` gets a JSON document, `now` tells the seconds since 1970."""

    def __init__(
        self,
        issuer: str,
        audiences: list[str],
        fetch: Callable[[str], dict[str, Any]] = fetch_json,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._issuer, self._audiences, self._fetch, self._now = issuer, audiences, fetch, now
        self._kept: tuple[float, dict[str, Any]] = (0, {})

    def judge(self, token: str) -> dict[str, Any]:
        """The claims. Raises TokenError."""
        try:
            header, claims, signature = map(_decoded, token.split("."))
            told, found = json.loads(header), json.loads(claims)
        except ValueError:
            raise TokenError("not a JWT") from None
        self._require_signed(told, token.rpartition(".")[0].encode(), signature)
        self._require_claims(found)
        return dict(found)

    def _require_signed(self, header: dict[str, Any], signed: bytes, signature: bytes) -> None:
        if header.get("alg") not in _HASHES:
            raise TokenError("the algorithm is not of RSA")
        key = self._keys().get(header.get("kid", ""))
        if not key or key["kty"] != "RSA":
            raise TokenError("no such key")
        modulus, exponent = (int.from_bytes(_decoded(key[name])) for name in ("n", "e"))
        try:
            pkcs1_15.new(RSA.construct((modulus, exponent))).verify(_HASHES[header["alg"]].new(signed), signature)
        except ValueError:
            raise TokenError("the signature is not of this key") from None

    def _require_claims(self, claims: dict[str, Any]) -> None:
        now = self._now()
        audience = claims.get("aud", claims.get("client_id"))
        wrong = {
            "iss": claims.get("iss") != self._issuer,
            "aud": not {*(audience if isinstance(audience, list) else [audience])} & {*self._audiences},
            "exp": claims.get("exp", 0) <= now,
            "nbf": claims.get("nbf", 0) > now,
            "iat": claims.get("iat", 0) > now,
        }
        if refused := [name for name, is_wrong in wrong.items() if is_wrong]:
            raise TokenError(f"{refused[0]} is not as it has to be")

    def _keys(self) -> dict[str, Any]:
        """By their ids."""
        kept_until, keys = self._kept
        if self._now() >= kept_until:
            found = self._fetch(self._fetch(f"{self._issuer}/.well-known/openid-configuration")["jwks_uri"])
            keys = {key["kid"]: key for key in found["keys"] if "kid" in key}
            self._kept = self._now() + KEYS_KEPT_FOR, keys
        return keys


class JwtApi(ExampleApi):
    """examples/jwt-authorizer-api, as it is deployed with these parameters."""

    def __init__(
        self,
        parameters: dict[str, str],
        fetch: Callable[[str], dict[str, Any]] = fetch_json,
        now: Callable[[], float] = time.time,
    ) -> None:
        template = load_example("jwt-authorizer-api", **parameters)
        super().__init__("jwt-authorizer-api", template)
        configured = authorizer_of(template)["JwtConfiguration"]
        self._authorizer = JwtAuthorizer(configured["issuer"], configured["audience"], fetch, now)

    def _judge(self, route: dict[str, Any], received: Received, _event: dict[str, Any]) -> dict[str, Any] | Sent:
        """A token that is refused is 401, one that has none of the route's scopes 403."""
        token = received.header("authorization")
        try:
            claims = self._authorizer.judge(token[7:] if token[:7].lower() == "bearer " else token)
        except TokenError as refused:
            told = f'Bearer error="invalid_token" error_description="{refused}"' if token else "Bearer"
            return Sent(401, [("WWW-Authenticate", told)], message(HTTPStatus.UNAUTHORIZED).body)
        asked = route.get("Auth", {}).get("AuthorizationScopes")
        if asked and not {*asked} & _scopes(claims):
            return message(HTTPStatus.FORBIDDEN)
        return {"jwt": {"claims": {name: _text(value) for name, value in claims.items()}, "scopes": asked}}


def _scopes(claims: dict[str, Any]) -> set[str]:
    told = claims.get("scope", claims.get("scp", ""))
    return {*(told.split() if isinstance(told, str) else told)}


def _text(value: Any) -> str:
    """A function is told each claim as a text, a list in brackets."""
    return f"[{' '.join(map(_text, value))}]" if isinstance(value, list) else str(value)


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
