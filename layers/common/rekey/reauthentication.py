"""Proving the password again while signed in: whoever finds an open session must not take the account over."""

from rekey import keys, limits, passwords
from rekey.client import Client
from rekey.errors import InvalidCredentialsError
from rekey.settings import settings
from rekey.store import Row


def require_password(account: Row, password: str, client: Client) -> Row:
    """Judge a password, on the account's own allowance; the account's row as it then is.

    Raises TooManyRequestsError, InvalidCredentialsError.
    """
    allowance = limits.passwords()
    row = limits.take(settings().accounts_table, keys.account(account["account_id"]), allowance)
    if not passwords.matches(row["password_hash"], password):
        limits.report_lock(allowance, row, email=account["email"], client=client)
        raise InvalidCredentialsError
    return row
