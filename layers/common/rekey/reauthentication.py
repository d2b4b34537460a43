"""Proving the password again while signed in: whoever finds an open session must not take the account over."""

from rekey import keys, limits, passwords
from rekey.client import Client
from rekey.errors import InvalidCredentialsError
from rekey.limits import Allowance
from rekey.settings import settings
from rekey.store import Row


def require_password(account: Row, password: str, client: Client, *also: Allowance) -> Row:
    """Judge a password, on the account's own allowance (and on others' in the same trip); the row as it then is.

    Raises TooManyRequestsError, InvalidCredentialsError.
    """
    allowance = limits.passwords()
    row = limits.take(settings().accounts_table, keys.account(account["account_id"]), allowance, *also)
    if not passwords.matches(row["password_hash"], password):
        limits.report_lock(allowance, row, email=account["email"], client=client)
        raise InvalidCredentialsError
    return row
