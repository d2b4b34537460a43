"""An API that takes Rekey's access tokens, of either kind: it reads JWTs itself, and asks about opaque ones."""

from __future__ import annotations

import os
from functools import cache
from typing import Annotated, Any

import httpx
import jwt
from fastapi import Depends, FastAPI, HTTPException
from fastapi.middleware.cors import CORSMiddleware
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

ISSUER, AUDIENCE = os.environ["ISSUER"], os.environ["AUDIENCE"]
CLIENT = (os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"])  # of type `service`: by it this API asks

app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=os.environ["ORIGINS"].split(), allow_headers=["Authorization"])
bearer = HTTPBearer(auto_error=False)


@cache
def metadata() -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{ISSUER}/.well-known/openid-configuration").raise_for_status().json()
    return found


@cache
def keys() -> jwt.PyJWKClient:
    """It keeps the keys for five minutes, and looks again when a token names one that it does not know."""
    return jwt.PyJWKClient(metadata()["jwks_uri"])


def read(token: str) -> dict[str, Any] | None:
    """The claims of a JWT access token (RFC 9068); None of anything else, an ID token too."""
    try:
        key = keys().get_signing_key_from_jwt(token)
        found = jwt.decode_complete(
            token,
            key,
            algorithms=["RS256"],
            issuer=ISSUER,
            audience=AUDIENCE,
            options={"require": ["exp", "iat", "sub", "client_id"]},
        )
    except jwt.PyJWKClientConnectionError as fault:
        raise HTTPException(503) from fault
    except jwt.PyJWTError:
        return None
    claims: dict[str, Any] = found["payload"]
    return claims if found["header"].get("typ") == "at+jwt" else None


def ask(token: str) -> dict[str, Any] | None:
    """What Rekey says of a token now (RFC 7662); None unless it is active and for this API."""
    endpoint = metadata()["introspection_endpoint"]
    try:
        told = httpx.post(endpoint, data={"token": token}, auth=CLIENT).raise_for_status().json()
    except httpx.HTTPError as fault:
        raise HTTPException(503) from fault
    return told if told["active"] and AUDIENCE in told["aud"] else None


def caller(presented: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]) -> dict[str, Any]:
    token = presented.credentials if presented else ""
    claims = read(token) if token.startswith("eyJ") else ask(token) if token else None
    if claims is None:
        raise HTTPException(401, headers={"WWW-Authenticate": 'Bearer error="invalid_token"' if token else "Bearer"})
    return claims


Caller = Annotated[dict[str, Any], Depends(caller)]


@app.get("/me")
def me(caller: Caller) -> dict[str, Any]:
    """Who calls, and through which application."""
    return {name: caller[name] for name in ("sub", "client_id", "scope")}


@app.get("/orders")
def orders(caller: Caller) -> list[str]:
    """What only a token with the scope `orders.read` may see."""
    if "orders.read" not in caller["scope"].split():
        challenge = 'Bearer error="insufficient_scope", scope="orders.read"'
        raise HTTPException(403, headers={"WWW-Authenticate": challenge})
    return ["4711"]
