"""The password, proven again by somebody signed in."""

from contextlib import suppress

from rekey.api.client import Client
from rekey.api.errors import InvalidCredentialsError
from rekey.aws import store
from rekey.aws.store import ConditionFailedError, Row
from rekey.credentials import passwords, proofs
from rekey.sessions import sessions
from rekey.sessions.sessions import SignedIn


def require_password(signed_in: SignedIn, password: str, client: Client) -> Row:
    """Judge a password, on the session's own allowance; the session's row as it then is.

    It is judged by the account's row as it was read: what it buys must be written on condition that the password, or
    the epoch, is still that one. Raises TooManyRequestsError, InvalidCredentialsError.
    """
    session = proofs.take(signed_in)
    if not passwords.matches(signed_in.account["password_hash"], password):
        proofs.failed(signed_in, session, client)
        raise InvalidCredentialsError
    return session


def give_back(signed_in: SignedIn) -> None:
    """Return the attempt of a password that was right, as a flow goes no further: not the failures before it, which may
    be somebody else's guesses.
    """
    with suppress(ConditionFailedError):  # the period is over, or a success has forgotten all attempts
        store.update(sessions.counting_down(signed_in, proofs.allowance().counter))
