"""Where each row lives. All tables have a partition key `pk` and a sort key `sk`.

Accounts: an account, an address (registered or not), the applications that people sign in to, and what signs for them.
Events: the security events of each.
Tokens: everything that expires, under the account, the address or the client it belongs to.
"""

from rekey.aws.store import Row


def account(account_id: str) -> Row:
    return {"pk": f"account#{account_id}", "sk": "account"}


def address(email_digest: str) -> Row:
    return {"pk": f"address#{email_digest}", "sk": "address"}


def event(owner: Row, event_id: str) -> Row:
    """The owner is an account's or an address's key."""
    return {"pk": owner["pk"], "sk": f"event#{event_id}"}


def session(account_id: str, session_id: str) -> Row:
    return {"pk": f"account#{account_id}", "sk": f"session#{session_id}"}


def challenge(account_id: str, challenge_id: str) -> Row:
    return {"pk": f"account#{account_id}", "sk": f"challenge#{challenge_id}"}


def code(account_id: str, code_id: str) -> Row:
    """An authorization code of an application's."""
    return {"pk": f"account#{account_id}", "sk": f"code#{code_id}"}


def reset(account_id: str) -> Row:
    """One an account, with all its links that are under way."""
    return {"pk": f"account#{account_id}", "sk": "reset"}


def email_verification(account_id: str) -> Row:
    """One an account, with all its links that are under way."""
    return {"pk": f"account#{account_id}", "sk": "email-verification"}


def enrolment(account_id: str) -> Row:
    return {"pk": f"account#{account_id}", "sk": "enrolment"}


def sign_up(email_digest: str) -> Row:
    """One an address, with all its links that are under way."""
    return {"pk": f"address#{email_digest}", "sk": "sign-up"}


def device(email_digest: str, device_id: str) -> Row:
    """At the address, so that it is found before it is known whose account that is."""
    return {"pk": f"address#{email_digest}", "sk": f"device#{device_id}"}


def client(client_id: str) -> Row:
    """Of an application. All are in one partition, so that one Query lists them."""
    return {"pk": "clients", "sk": f"client#{client_id}"}


def signing_keys() -> Row:
    """One for all: what signs next and what signed last are told together."""
    return {"pk": "signing-keys", "sk": "signing-keys"}


def limit(kind: str, owner: str) -> Row:
    return {"pk": f"limit#{kind}#{owner}", "sk": "limit"}


def cleanup() -> Row:
    """What its round has left. It has no expiry."""
    return {"pk": "cleanup", "sk": "round"}
