"""POST /sign-in and POST /sign-in/totp."""

from dataclasses import replace

import pytest

from rekey.accounts import keys
from rekey.aws import store
from rekey.credentials import passwords
from rekey.settings import settings
from tests.foreign_hashes import HASHES
from tests.stack import PASSWORD, Account, Stack, next_code


def test_password_signs_in(stack: Stack, account: Account) -> None:
    """The right password answers with tokens that work."""
    answer = stack.sign_in(account)

    assert answer.status == 200
    assert stack.call("GET /account", token=answer.json["access_token"]).json["email"] == account.email


def test_two_factors(stack: Stack, protected: Account) -> None:
    """Where two-factor sign-in is on, the password gets a challenge, and challenge and code get tokens."""
    challenge = stack.sign_in(protected).json
    assert challenge["challenge"] == "totp"

    answer = stack.call(
        "POST /sign-in/totp", {"challenge_token": challenge["challenge_token"], "code": next_code(protected)}
    )

    assert answer.status == 200
    assert stack.call("GET /account", token=answer.json["access_token"]).json["totp"]["enabled"]


@pytest.mark.parametrize("kept", HASHES.values(), ids=HASHES)
def test_foreign_hash_is_replaced(stack: Stack, account: Account, kept: str) -> None:
    """The first sign-in against a hash of another system makes it ours, and the next one no longer meets the other."""
    keep(account, kept)
    assert stack.call("POST /sign-in", {"email": account.email, "password": "Wrong-Horse-9"}).status == 401
    assert kept_of(account) == kept

    assert stack.sign_in(account).status == 200

    assert kept_of(account).startswith("$argon2id$v=19$")
    assert not passwords.needs_rehash(kept_of(account))
    assert stack.sign_in(account).status == 200


def test_foreign_hash_with_two_factors(stack: Stack, protected: Account) -> None:
    """Where a code is asked for too, the password alone replaces the hash: it has been proven."""
    keep(protected, HASHES["libxcrypt 2y"])

    assert stack.sign_in(protected).json["challenge"] == "totp"

    assert not passwords.needs_rehash(kept_of(protected))


def test_account_without_password(stack: Stack, account: Account) -> None:
    """No password opens an account that has none yet; a mailed link sets the first."""
    keep(account, passwords.NO_PASSWORD)
    for password in (passwords.NO_PASSWORD, PASSWORD):
        answer = stack.call("POST /sign-in", {"email": account.email, "password": password})
        assert (answer.status, answer.code) == (401, "invalid_credentials")

    stack.call("POST /forgot", {"email": account.email})
    reset = {"token": stack.mailed_token(), "new_password": "Another-Horse-9"}
    assert stack.call("POST /reset", reset).status == 204

    assert stack.sign_in(replace(account, password="Another-Horse-9")).status == 200


def keep(account: Account, password_hash: str) -> None:
    """Have an account as an import leaves it: with this hash."""
    write = store.updating(
        settings().accounts_table,
        keys.account(account.account_id),
        "SET password_hash = :kept",
        "attribute_exists(pk)",
        kept=password_hash,
    )
    store.update(write)


def kept_of(account: Account) -> str:
    row = store.get(settings().accounts_table, keys.account(account.account_id))
    assert row
    return str(row["password_hash"])
