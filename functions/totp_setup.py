"""POST /totp/setup: a new secret for an authenticator app, pending until its first code proves that the app has it."""

import io
from typing import Annotated

import msgspec
import pyotp
import segno
from msgspec import Meta

from rekey import clock
from rekey.accounts import keys
from rekey.api.errors import (
    AccessTokenInvalidError,
    AuthenticationRequiredError,
    InsufficientScopeError,
    ReauthenticationRequiredError,
    TotpAlreadyEnabledError,
)
from rekey.api.fields import Seconds
from rekey.api.http import Request, entry_point, route
from rekey.aws import store
from rekey.credentials import proofs, totp
from rekey.sessions import sessions
from rekey.settings import settings

ENROLMENT_LIFE = 600  # seconds: time to install an app


class Enrolment(msgspec.Struct, kw_only=True):
    """A secret for an authenticator app, pending until its first code."""

    secret: Annotated[str, Meta(description="To type into the app: Base32")]
    secret_grouped: Annotated[str, Meta(description="The same, in groups of four characters")]
    otpauth_uri: Annotated[str, Meta(description="The same as a link that opens the app")]
    qr_svg: Annotated[str, Meta(description="The link as a QR code, an SVG image")]
    expires_in: Seconds = ENROLMENT_LIFE


@route(
    "POST /totp/setup",
    answers=(Enrolment,),
    refuses=(
        AuthenticationRequiredError,
        AccessTokenInvalidError,
        InsufficientScopeError,
        TotpAlreadyEnabledError,
        ReauthenticationRequiredError,
    ),
)
def totp_setup(request: Request[None]) -> Enrolment:
    """Start setting up two-factor sign-in."""
    signed_in, _ = sessions.require_session(request.bearer())
    if "totp_secret" in signed_in.account:
        raise TotpAlreadyEnabledError
    proofs.require_proven(signed_in)
    secret = totp.new_secret()
    enrolment = {
        **keys.enrolment(signed_in.account_id),
        "totp_secret": totp.encrypt_secret(signed_in.account_id, secret),
        "epoch": signed_in.session["epoch"],
        "expires_at": clock.now() + ENROLMENT_LIFE,
    }
    store.put(settings().tokens_table, enrolment)
    typed = totp.as_typed(secret)
    uri = pyotp.TOTP(typed).provisioning_uri(name=signed_in.account["email"], issuer_name=settings().issuer)
    grouped = " ".join(typed[i : i + 4] for i in range(0, len(typed), 4))
    return Enrolment(secret=typed, secret_grouped=grouped, otpauth_uri=uri, qr_svg=_qr_svg(uri))


def _qr_svg(uri: str) -> str:
    svg = io.BytesIO()
    # Any mask can be read; to weigh all eight, as a printer of badges would, takes four times as long.
    segno.make_qr(uri, error="m", mask=0).save(svg, kind="svg", scale=4, xmldecl=False, title="QR code", light="#fff")
    return svg.getvalue().decode()


lambda_handler = entry_point(totp_setup)
