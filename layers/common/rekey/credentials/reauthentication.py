"""Proving the password again while signed in: whoever finds an open session must not take the account over."""

from contextlib import suppress

from rekey.accounts import changes, keys
from rekey.api.client import Client
from rekey.api.errors import AccessTokenInvalidError, InvalidCredentialsError
from rekey.aws import store
from rekey.aws.store import ConditionFailedError, Row
from rekey.credentials import passwords
from rekey.limits import allowances, attempts
from rekey.sessions.sessions import SignedIn
from rekey.settings import settings


def require_password(signed_in: SignedIn, password: str, client: Client) -> Row:
    """Judge a password, on the account's own allowance; the account's row as it then is.

    A session that was revoked since it was read ends here: what it asks for is judged by the row of after that.
    Raises TooManyRequestsError, InvalidCredentialsError, AccessTokenInvalidError.
    """
    allowance = allowances.passwords()
    row = allowances.take(settings().accounts_table, keys.account(signed_in.account_id), allowance)
    if not passwords.matches(row["password_hash"], password):
        attempts.report_lock(allowance, row, email=row["email"], client=client)
        raise InvalidCredentialsError
    if row["token_epoch"] != signed_in.session["epoch"]:
        raise AccessTokenInvalidError
    return row


def give_back(account: Row) -> None:
    """Return the attempt of a password that was right, as a flow goes no further: not the failures before it, which may
    be somebody else's guesses.
    """
    with suppress(ConditionFailedError):  # the period is over, or a success has forgotten all attempts
        store.update(changes.updating(account, attempts.giving_back(allowances.passwords())))
