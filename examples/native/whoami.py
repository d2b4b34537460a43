"""A terminal program that signs its user in with their browser (RFC 8252).

python whoami.py            who is signed in; opens the browser where nobody is
python whoami.py sign-out   end the session
"""

from __future__ import annotations

import json
import os
import sys
import webbrowser
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from authlib.common.security import generate_token
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session

ISSUER = os.environ.get("ISSUER", "http://localhost:3000")
CLIENT_ID = os.environ.get("CLIENT_ID", "demo-native")
KEPT = Path(os.environ.get("TOKENS", Path.home() / ".config/whoami.json"))
WAIT = 300  # seconds that the person has in the browser


def main() -> None:
    metadata = requests.get(f"{ISSUER}/.well-known/openid-configuration", timeout=10).json()
    session = OAuth2Session(
        CLIENT_ID,
        scope="openid email offline_access",
        code_challenge_method="S256",
        token=json.loads(KEPT.read_text()) if KEPT.exists() else None,
        token_endpoint=metadata["token_endpoint"],  # with it Authlib refreshes by itself
        update_token=lambda token, **_: keep(token),
    )
    if sys.argv[1:] == ["sign-out"]:
        sign_out(session, metadata)
        return
    if not session.token:
        sign_in(session, metadata)
    if not (email := find_email(session, metadata)):
        KEPT.unlink()
        sys.exit("Your session has ended. Run this again to sign in.")
    print(email)


def find_email(session: OAuth2Session, metadata: dict[str, Any]) -> str | None:
    """None once the session has ended: its tokens are refused, whether they would have expired or not."""
    try:
        answer = session.get(metadata["userinfo_endpoint"])
    except OAuthError:
        return None
    return None if answer.status_code == HTTPStatus.UNAUTHORIZED else str(answer.json()["email"])


def sign_in(session: OAuth2Session, metadata: dict[str, Any]) -> None:
    """By a code that the browser brings to a port of this machine, whichever is free."""
    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        session.redirect_uri = f"http://127.0.0.1:{server.server_port}/signed-in"
        verifier = generate_token(48)
        url, state = session.create_authorization_url(metadata["authorization_endpoint"], code_verifier=verifier)
        print(f"Sign in with your browser: {url}", file=sys.stderr)
        webbrowser.open(url)
        server.timeout = WAIT
        server.handle_request()
    answer = f"{session.redirect_uri}?{Answer.query}"
    if parse_qs(Answer.query).get("iss") != [ISSUER]:  # another server's answer (RFC 9207)
        sys.exit("Nobody signed in.")
    try:
        keep(session.fetch_token(authorization_response=answer, state=state, code_verifier=verifier))
    except OAuthError as refusal:
        sys.exit(f"Nobody signed in: {refusal.error}.")


class Answer(BaseHTTPRequestHandler):
    """The one request that the browser is sent back with."""

    query = ""

    def do_GET(self) -> None:
        Answer.query = urlsplit(self.path).query
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        self.wfile.write(b"You can close this window.")

    def log_message(self, *_: Any) -> None:
        """The code is not for the terminal."""


def keep(token: dict[str, Any]) -> None:
    """For this user's eyes alone. A keychain is better, where there is one."""
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    KEPT.touch(mode=0o600)
    KEPT.write_text(json.dumps(token))


def sign_out(session: OAuth2Session, metadata: dict[str, Any]) -> None:
    """By the refresh token the whole session is revoked (RFC 7009)."""
    if session.token:
        session.revoke_token(metadata["revocation_endpoint"], session.token["refresh_token"], "refresh_token")
        KEPT.unlink()
    print("Signed out.")


if __name__ == "__main__":
    main()
