"""POST /sign-up and POST /sign-up/complete."""

from tests.stack import EMAIL, GAP, PASSWORD, Account, Clock, Stack, text_of

COMPLETE = "POST /sign-up/complete"


def test_signs_up(stack: Stack) -> None:
    """The mailed token and a password make an account that is signed in, with a way on to the second factor."""
    stack.call("POST /sign-up", {"email": "Alice@Example.COM"})

    answer = stack.call(COMPLETE, {"token": stack.mailed_token(), "password": PASSWORD})

    assert answer.status == 201
    assert answer.json["next"] == "totp-setup"
    assert (answer.json["token_type"], answer.json["expires_in"]) == ("Bearer", 900)
    account = stack.call("GET /account", token=answer.json["access_token"]).json
    assert (account["email"], account["account_id"]) == (EMAIL, answer.json["account_id"])


def test_registered_address_is_told_by_mail(stack: Stack, account: Account, frozen: Clock) -> None:
    """A registered address gets the same answer, and a mail that says so and carries no token."""
    frozen.advance(GAP)
    new = stack.call("POST /sign-up", {"email": "new@example.com"})

    answer = stack.call("POST /sign-up", {"email": account.email})
    stack.deliver()

    assert answer == new
    assert stack.inbox[-1]["To"] == account.email
    assert "You already have an account" in text_of(stack.inbox[-1])
    assert "#token" not in text_of(stack.inbox[-1])


def test_using_a_link_ends_the_others(stack: Stack, frozen: Clock) -> None:
    """An older link works beside a newer one; when it has made the account, neither does."""
    stack.call("POST /sign-up", {"email": EMAIL})
    older = stack.mailed_token()
    frozen.advance(GAP)
    stack.call("POST /sign-up", {"email": EMAIL})
    newer = stack.mailed_token()

    answers = [stack.call(COMPLETE, {"token": each, "password": PASSWORD}) for each in (older, older, newer)]
    assert [answer.status for answer in answers] == [201, 400, 400]


def test_nothing_is_an_account_before_proof(stack: Stack) -> None:
    """Until the address is proven there is no account and no hash, and signing up takes no password at all."""
    stack.call("POST /sign-up", {"email": EMAIL})
    stack.deliver()

    rows = stack.rows("AccountsTable") + stack.rows("EventsTable") + stack.rows("TokensTable")
    assert not [row for row in rows if "password_hash" in row or "account_id" in row]
    assert stack.call("POST /sign-up", {"email": EMAIL, "password": PASSWORD}).code == "validation_failed"
    assert stack.call("POST /sign-in", {"email": EMAIL, "password": PASSWORD}).code == "invalid_credentials"


def test_link_from_before_the_account(stack: Stack) -> None:
    """A link that was asked for before the account was made, and mailed late, does not make a second or change it."""
    stack.call("POST /sign-up", {"email": EMAIL})
    token = stack.mailed_token()
    pending = next(row for row in stack.rows("TokensTable") if row["sk"]["S"] == "sign-up")
    stack.call(COMPLETE, {"token": token, "password": PASSWORD})
    stack.restore("TokensTable", pending)

    assert stack.call(COMPLETE, {"token": token, "password": "Another-Horse-7"}).code == "token_invalid"
    assert stack.call("POST /sign-in", {"email": EMAIL, "password": PASSWORD}).status == 200


def test_attempts_before_the_account_do_not_expire_it(stack: Stack, frozen: Clock) -> None:
    """An address that was tried before it was registered does not fall to TTL afterwards."""
    for _ in range(2):
        stack.call("POST /sign-in", {"email": EMAIL, "password": PASSWORD})
    account = stack.sign_up()
    stack.call("POST /sign-in", {"email": EMAIL, "password": "wrong"})

    address = next(row for row in stack.rows("AccountsTable") if row["sk"]["S"] == "address")

    assert int(address["expires_at"]["N"]) > frozen.now + 10**9
    assert stack.sign_in(account).status == 200


def test_locale_of_the_browser_is_kept(stack: Stack) -> None:
    """Who signs up with a browser in French has an account in French."""
    stack.call("POST /sign-up", {"email": EMAIL}, headers={"accept-language": "fr-CH, fr;q=0.9, en;q=0.8"})
    stack.call(COMPLETE, {"token": stack.mailed_token(), "password": PASSWORD})

    assert [row["locale"] for row in stack.rows("AccountsTable") if row["sk"]["S"] == "account"] == [{"S": "fr"}]


def test_locale_is_kept(stack: Stack) -> None:
    """The language asked for is the account's; one that is none is refused."""
    assert stack.call("POST /sign-up", {"email": EMAIL, "locale": "sv-SE\r\n"}).code == "validation_failed"
    stack.call("POST /sign-up", {"email": EMAIL, "locale": "sv-SE"})
    stack.call(COMPLETE, {"token": stack.mailed_token(), "password": PASSWORD})

    assert [row["locale"] for row in stack.rows("AccountsTable") if row["sk"]["S"] == "account"] == [{"S": "sv-SE"}]
