"""The suite's part: an application, the person who uses it, and their browser, which keeps cookies."""

from __future__ import annotations

import base64
import hashlib
import secrets
import urllib.parse
from dataclasses import dataclass, field
from typing import Any

import jwt

from tests.actors import ADMIN
from tests.page import Browser
from tests.stack import Account, Answer, Clock, Stack

ISSUER = "https://api.example.com"
CALLBACK = "https://suite.example.com/callback"
POST_LOGOUT = "https://suite.example.com/post_logout_redirect"
SCOPES = ["openid", "email", "profile", "offline_access"]
MOST_DETOURS = 2  # a sign-in, and consent
NAMES = {"name", "family_name", "given_name", "middle_name", "nickname", "preferred_username"}


@dataclass
class Application:
    """What is registered, and its secret."""

    client_id: str
    secret: str

    @property
    def basic(self) -> dict[str, str]:
        pair = base64.b64encode(f"{self.client_id}:{self.secret}".encode()).decode()
        return {"authorization": f"Basic {pair}"}


@dataclass
class Party:
    """PKCE is optional for its applications: of the suite's modules, one alone sends it."""

    stack: Stack
    account: Account
    clock: Clock
    browser: Browser = field(init=False)
    application: Application = field(init=False)

    def __post_init__(self) -> None:
        self.browser = Browser(self.stack)
        self.application = self.register("conformance")

    def register(self, client_id: str) -> Application:
        body = {
            "client_id": client_id,
            "name": "The suite",
            "type": "web",
            "redirect_uris": [CALLBACK],
            "post_logout_redirect_uris": [POST_LOGOUT],
            "scopes": SCOPES,
            "pkce": "optional",
            "reason": "conformance",
        }
        answer = self.stack.call("POST /admin/clients/add", body, caller=ADMIN)
        assert answer.status == 201, answer.text
        return Application(client_id, answer.json["client_secret"])

    def metadata(self) -> Any:
        return self.stack.call("GET /.well-known/openid-configuration").json

    def request(self, **parameters: str | None) -> dict[str, str]:
        """The parameters of the address that the browser is sent to; None leaves one out."""
        told = {
            "client_id": self.application.client_id,
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": "openid",
            "state": secrets.token_urlsafe(96),
            "nonce": secrets.token_urlsafe(16),
            **parameters,
        }
        return {name: value for name, value in told.items() if value is not None}

    def sign_in(self) -> None:
        assert self.browser.sign_in(self.account).status == 200

    def ask(self, request: dict[str, str], **of_page: Any) -> Answer:
        """The page's own call."""
        return self.browser.call("POST /oauth/authorize", request | ({"page": of_page} if of_page else {}))

    def authorize(self, request: dict[str, str]) -> dict[str, str]:
        """What the page does until there is an answer for the application, whose query this is."""
        answer = self.ask(request)
        of_page: dict[str, Any] = {}
        for _ in range(MOST_DETOURS):
            if answer.status not in {401, 403}:
                break
            told = answer.json
            if told["code"] == "sign_in_required":
                of_page["since"] = told["asked_at"]
                self.sign_in()
            else:
                assert told["code"] == "consent_required", told
                of_page["consent"] = told["scopes"]
            answer = self.ask(request, **of_page)
        assert answer.status == 200, answer.text
        return self.came_back(answer, request)

    def came_back(self, answer: Answer, request: dict[str, str]) -> dict[str, str]:
        """The query that the browser brings to the application: with its state, and who answers (RFC 9207)."""
        address, _, query = answer.json["redirect_to"].partition("?")
        told = dict(urllib.parse.parse_qsl(query, strict_parsing=True))
        assert address == CALLBACK
        assert (told.get("state"), told["iss"]) == (request.get("state"), ISSUER)
        return told

    def redeem(self, code: str, **form: str) -> Answer:
        """With client_secret_basic."""
        sent = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, **form}
        return self.stack.call("POST /oauth/token", form=sent, headers=self.application.basic)

    def tokens(self, request: dict[str, str], **form: str) -> dict[str, Any]:
        """From the request to the tokens, judged as an application does."""
        told = self.authorize(request)
        assert "code" in told, told
        return self.judged(self.redeem(told["code"], **form), request)

    def judged(self, answer: Answer, request: dict[str, str]) -> dict[str, Any]:
        """The answer of the token endpoint, with the claims of its ID token."""
        assert answer.status == 200, answer.text
        assert answer.headers["Cache-Control"] == "no-store"
        tokens = dict(answer.json)
        assert tokens["token_type"].lower() == "bearer"
        claims = self.claims(tokens["id_token"])
        digest = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
        assert claims["at_hash"] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        assert claims.get("nonce") == request.get("nonce")
        return tokens | {"claims": claims}

    def claims(self, id_token: str) -> dict[str, Any]:
        """OpenID Connect Core §3.1.3.7, by the published keys. The times are by the stack's clock."""
        header = jwt.get_unverified_header(id_token)
        keys = {key["kid"]: key for key in self.stack.call("GET /.well-known/jwks.json").json["keys"]}
        claims: dict[str, Any] = jwt.decode(
            id_token,
            jwt.PyJWK(keys[header["kid"]]).key,
            algorithms=["RS256"],
            issuer=ISSUER,
            audience=self.application.client_id,
            options={"verify_exp": False, "verify_iat": False, "require": ["iss", "sub", "aud", "exp", "iat"]},
        )
        assert claims["iat"] <= self.clock.now < claims["exp"]
        return claims

    def userinfo(self, access_token: str, method: str = "GET") -> Answer:
        return self.stack.call(f"{method} /oauth/userinfo", token=access_token)

    def log_out(self, **parameters: Any) -> Answer:
        """The page's call where an application has sent the browser to end the session."""
        return self.browser.call("POST /oauth/logout", parameters)

    def require_signed_out(self, before: dict[str, str]) -> None:
        """By the cookies that the browser has now, and by those that it had."""
        for cookies in (self.browser.cookies, before):
            self.browser.cookies = cookies
            assert not self.is_signed_in()

    def is_signed_in(self) -> bool:
        """Whether prompt=none gets a code, as the suite asks."""
        told = self.authorize(self.request(prompt="none"))
        assert ("code" in told) != (told.get("error") == "login_required"), told
        return "code" in told
