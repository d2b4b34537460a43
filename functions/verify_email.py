"""POST /email/verify and POST /email/verify/complete: prove that mails arrive again, after they came back or were spam.

Whoever is signed in asks for one mail, the only one that goes to a stopped address; its link lifts the stop.
"""

from http import HTTPStatus

from rekey.accounts import delivery, events, keys
from rekey.accounts.event_types import EMAIL_VERIFICATION_REQUESTED, EMAIL_VERIFIED
from rekey.api.errors import (
    AccessTokenInvalidError,
    AuthenticationRequiredError,
    InsufficientScopeError,
    OneTimeTokenInvalidError,
    TooManyRequestsError,
    ValidationFailedError,
)
from rekey.api.fields import LanguageTag, MailedToken
from rekey.api.http import Json, Request, entry_point, route
from rekey.aws import store
from rekey.aws.store import ConditionFailedError
from rekey.limits import mail_requests
from rekey.limits.mail_requests import EmailRequested
from rekey.sessions import links, sessions, tokens
from rekey.settings import settings


class EmailVerifyRequest(Json):
    locale: LanguageTag | None = None


class EmailCompleteRequest(Json):
    token: MailedToken


@route(
    "POST /email/verify",
    body=EmailVerifyRequest,
    answers=(EmailRequested,),
    status=HTTPStatus.ACCEPTED,
    refuses=(
        AuthenticationRequiredError,
        AccessTokenInvalidError,
        InsufficientScopeError,
        ValidationFailedError,
        TooManyRequestsError,
    ),
)
def verify(request: Request[EmailVerifyRequest]) -> EmailRequested:
    """Request an email that verifies the account's address.

    It has limits of its own, which nobody else can use up.
    """
    signed_in, _ = sessions.require_session(request.bearer())
    return mail_requests.record_told(
        EMAIL_VERIFICATION_REQUESTED, signed_in.account, request.client, locale=request.body.locale
    )


@route(
    "POST /email/verify/complete",
    body=EmailCompleteRequest,
    status=HTTPStatus.NO_CONTENT,
    refuses=(ValidationFailedError, OneTimeTokenInvalidError),
)
def complete(request: Request[EmailCompleteRequest]) -> None:
    """Verify the address with an emailed token.

    It works on whichever device the email was read.
    """
    token = tokens.parse_token(tokens.EMAIL, request.body.token)
    if not token:
        raise OneTimeTokenInvalidError
    key = keys.email_verification(token.owner)
    issued = store.get(settings().tokens_table, key)
    if not issued or not links.is_good(issued, token):
        raise OneTimeTokenInvalidError
    email = issued["email"]
    try:
        store.transact(
            links.consuming(key, token),
            delivery.proving(email, token.owner),
            events.recording(keys.account(token.owner), EMAIL_VERIFIED, email=email, client=request.client),
        )
    except ConditionFailedError:  # spent by another request, or the account is gone
        raise OneTimeTokenInvalidError from None


lambda_handler = entry_point(verify, complete)
