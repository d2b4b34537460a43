"""Proving the password again while signed in: whoever finds an open session must not take the account over."""

from rekey.accounts import keys
from rekey.api.client import Client
from rekey.api.errors import InvalidCredentialsError
from rekey.aws.store import Row
from rekey.credentials import passwords
from rekey.limits import allowances, attempts
from rekey.settings import settings


def require_password(account: Row, password: str, client: Client) -> Row:
    """Judge a password, on the account's own allowance; the account's row as it then is.

    Raises TooManyRequestsError, InvalidCredentialsError.
    """
    allowance = allowances.passwords()
    row = allowances.take(settings().accounts_table, keys.account(account["account_id"]), allowance)
    if not passwords.matches(row["password_hash"], password):
        attempts.report_lock(allowance, row, email=account["email"], client=client)
        raise InvalidCredentialsError
    return row
