"""POST /sign-in and POST /sign-in/totp."""

from tests.stack import Account, Stack, next_code


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
