"""A site that signs its visitors in with Rekey: Flask, and Authlib, which finds all it needs by discovery."""

from __future__ import annotations

import os

from authlib.integrations.flask_client import OAuth, OAuthError
from flask import Flask, Response, redirect, render_template_string, session, url_for

app = Flask(__name__)
app.secret_key = os.environ["SECRET_KEY"]
app.config.update(SESSION_COOKIE_SAMESITE="Lax", SESSION_COOKIE_SECURE="INSECURE_COOKIES" not in os.environ)
rekey = OAuth(app).register(
    "rekey",
    server_metadata_url=f"{os.environ['ISSUER']}/.well-known/openid-configuration",
    client_id=os.environ["CLIENT_ID"],
    client_secret=os.environ["CLIENT_SECRET"],
    client_kwargs={"scope": "openid email", "code_challenge_method": "S256"},
)

PAGE = """<!doctype html><title>A site</title>
{% if person %}<p>Signed in as {{ person.email }}.</p>
<form method="post" action="/sign-out"><button>Sign out</button></form>
{% else %}<p>Signed out.{% if error %} {{ error }}{% endif %}</p><p><a href="/sign-in">Sign in</a></p>{% endif %}"""


@app.get("/")
def home() -> str:
    return render_template_string(PAGE, person=session.get("person"))


@app.get("/sign-in")
def sign_in() -> Response:
    return rekey.authorize_redirect(url_for("signed_in", _external=True))


@app.get("/signed-in")
def signed_in() -> Response | tuple[str, int]:
    """Back from Rekey. Authlib has checked the state, and the ID token: signature, issuer, audience, nonce, times."""
    try:
        tokens = rekey.authorize_access_token()
    except OAuthError as refusal:
        return render_template_string(PAGE, error=refusal.description or refusal.error), 400
    # `sub` is for good, while an email address may change: keep your own data under it.
    session["person"] = {name: tokens["userinfo"][name] for name in ("sub", "email")}
    session["id_token"] = tokens["id_token"]  # a sign-out shows it: then Rekey need not ask whether to
    return redirect(url_for("home"))


@app.post("/sign-out")
def sign_out() -> Response:
    """Here first, then at Rekey, which sends the browser back."""
    hint = session.pop("id_token", None)
    session.clear()
    return rekey.logout_redirect(url_for("home", _external=True), id_token_hint=hint)
