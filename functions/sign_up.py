"""POST /sign-up and POST /sign-up/complete: prove an address, then choose a password.

No password is kept for an address that is not proven, so nobody can register someone else's ahead of them.
"""

from http import HTTPStatus
from typing import Literal

import msgspec

from rekey import clock, ids
from rekey.accounts import accounts, addresses, delivery, events, keys, required_totp
from rekey.accounts.event_types import ACCOUNT_CREATED, SIGN_UP_REQUESTED
from rekey.api.errors import OneTimeTokenInvalidError, TooManyRequestsError, ValidationFailedError, WeakPasswordError
from rekey.api.fields import Email, LanguageTag, MailedToken, NewPassword
from rekey.api.http import Json, Request, entry_point, route
from rekey.aws import store
from rekey.aws.store import ConditionFailedError, Row
from rekey.credentials import new_passwords, passwords
from rekey.languages import preference
from rekey.limits import mail_requests
from rekey.limits.mail_requests import EmailRequested
from rekey.sessions import devices, links, sessions, succession, tokens
from rekey.sessions.sessions import AccountTokens
from rekey.settings import settings


class SignUpRequest(Json):
    email: Email
    locale: LanguageTag | None = None


class CompleteRequest(Json):
    token: MailedToken
    password: NewPassword


class SignedUp(AccountTokens, kw_only=True):
    next: Literal["totp-setup"] = "totp-setup"


@route(
    "POST /sign-up",
    body=SignUpRequest,
    answers=(EmailRequested,),
    status=HTTPStatus.ACCEPTED,
    refuses=(ValidationFailedError, TooManyRequestsError),
)
def sign_up(request: Request[SignUpRequest]) -> EmailRequested:
    """Request an account.

    An email goes to the address, whether it is new or already has an account.
    """
    email = addresses.parse_email(request.body.email)
    locale = preference.find_asked(request.body.locale, request.accept_language)
    return mail_requests.record(SIGN_UP_REQUESTED, email, request.client, locale=locale)


@route(
    "POST /sign-up/complete",
    body=CompleteRequest,
    answers=(SignedUp,),
    status=HTTPStatus.CREATED,
    refuses=(ValidationFailedError, WeakPasswordError, OneTimeTokenInvalidError),
)
def complete(request: Request[CompleteRequest]) -> SignedUp:
    """Create the account with an emailed token and a password.

    The answer has the tokens of its first session.
    """
    token = tokens.parse_token(tokens.SIGN_UP, request.body.token)
    if not token:
        raise OneTimeTokenInvalidError
    pending = store.get(settings().tokens_table, keys.sign_up(token.owner))
    if not pending or not links.is_good(pending, token):
        raise OneTimeTokenInvalidError
    new_passwords.require_strong("password", request.body.password, pending)
    new_passwords.require_unbreached("password", request.body.password)
    account = _new_account(pending, request.body.password)
    device = devices.begin(account, request.client)
    _, session, issued = sessions.issue_session(account, request.client, "pwd sign-up", device)
    try:
        store.transact(
            links.consuming(keys.sign_up(token.owner), token),
            accounts.registering(token.owner, account["account_id"], delivery=delivery.proven()),
            accounts.creating({**account, "devices": device.listed}),
            session,
            *device.writes,
            events.recording(account, ACCOUNT_CREATED, email=account["email"], client=request.client),
            *succession.ending_kept(request),
        )
    except ConditionFailedError:  # spent by another request, or the address was registered through an older link
        raise OneTimeTokenInvalidError from None
    issued.next = "totp-setup"
    return SignedUp(**msgspec.structs.asdict(issued))


def _new_account(pending: Row, password: str) -> Row:
    password_hash = passwords.hash_password(password)
    return accounts.new_account(
        ids.new_id(),
        pending["email"],
        password_hash,
        clock.now(),
        locale=pending.get("locale"),
        totp_required=required_totp.mark_of_new(),
    )


lambda_handler = entry_point(sign_up, complete)
