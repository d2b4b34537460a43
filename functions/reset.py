"""POST /reset: spend the mailed token for a new password.

All sessions end; two-factor sign-in stays on; nobody is signed in by it.
"""

from http import HTTPStatus

from rekey.accounts import addresses, changes, delivery, events, keys
from rekey.accounts.event_types import PASSWORD_RESET
from rekey.api.errors import OneTimeTokenInvalidError, ValidationFailedError, WeakPasswordError
from rekey.api.fields import MailedToken, NewPassword
from rekey.api.http import Json, Recognised, Request, entry_point, route
from rekey.aws import store
from rekey.aws.store import ConditionFailedError, Row
from rekey.credentials import new_passwords, passwords
from rekey.sessions import devices, links, tokens
from rekey.sessions.tokens import Token
from rekey.settings import settings


class ResetRequest(Json):
    token: MailedToken
    new_password: NewPassword


@route(
    "POST /reset",
    body=ResetRequest,
    status=HTTPStatus.NO_CONTENT,
    refuses=(ValidationFailedError, WeakPasswordError, OneTimeTokenInvalidError),
)
def reset(request: Request[ResetRequest]) -> Recognised | None:
    """Set a new password with an emailed token.

    Every session ends. Two-factor sign-in stays on. For an hour `/sign-in` takes the token as a `device_token`, because
    strangers may have used up the attempts of the address.
    """
    token = tokens.parse_token(tokens.RESET, request.body.token)
    if not token:
        raise OneTimeTokenInvalidError
    issued, account = store.get_many(
        (settings().tokens_table, keys.reset(token.owner)),
        (settings().accounts_table, keys.account(token.owner)),
    )
    if not account or "disabled_at" in account or not links.is_good(issued, token):
        raise OneTimeTokenInvalidError
    new_passwords.require_strong("new_password", request.body.new_password, account)
    new_passwords.require_unbreached("new_password", request.body.new_password)
    _set_password(token, account, request)
    digest = addresses.email_digest(account["email"])
    if request.device_token(digest, None):  # this browser is known by a token of its own
        return None
    return Recognised(email_digest=digest, token=str(token), life=devices.LINK_LIFE)


def _set_password(token: Token, account: Row, request: Request[ResetRequest]) -> None:
    """The token's end, the password, the end of all sessions, the attempts to sign in with it, and the event: all or
    nothing. What strangers have used up stays so, or they would learn of the reset.

    The link came by mail: so mails arrive, whatever SES said of the address before.
    """
    password_hash = passwords.hash_password(request.body.new_password)
    try:
        store.transact(
            links.consuming(keys.reset(token.owner), token),
            changes.updating(
                account,
                changes.if_enabled(),
                changes.setting_password(password_hash, changes.raising_epoch(account)),
            ),
            delivery.proving(account["email"], account["account_id"]),
            devices.standing_for(token, account),
            events.recording(account, PASSWORD_RESET, email=account["email"], client=request.client),
        )
    except ConditionFailedError:
        raise OneTimeTokenInvalidError from None


lambda_handler = entry_point(reset)
