"""feedback: what has become of a mail is kept on the address's row, and stops further mails there."""

from __future__ import annotations

from functools import partial
from itertools import product
from typing import Any

import pytest

from local import simulator
from rekey.accounts import addresses, keys
from rekey.aws import store
from rekey.limits import mail_budgets
from rekey.mail import lanes
from rekey.settings import settings
from tests.actors import ADMIN, context
from tests.calls import recording
from tests.faults.network import THROTTLED, network
from tests.stack import EMAIL, GAP, PASSWORD, Account, Clock, Stack

STATES = ("delivered", "soft_bounced", "bounced", "complained")


def told(state: str, at: int, email: str = EMAIL) -> dict[str, Any]:
    """SES's notification that leads to a state."""
    publish = partial(simulator.notification, address=email, at=at)
    each = [{"emailAddress": email}]
    match state:
        case "delivered":
            return publish("Delivery", recipients=[email])
        case "complained":
            return publish("Complaint", complainedRecipients=each)
    kind = "Permanent" if state == "bounced" else "Transient"
    return publish("Bounce", bounceType=kind, bounceSubType="General", bouncedRecipients=each)


def tell(stack: Stack, message: Any) -> list[str]:
    found: list[str] = stack.invoke("feedback", simulator.sns_event(message))["outcomes"]
    return found


def row(email: str = EMAIL) -> store.Row:
    return store.get(settings().accounts_table, keys.address(addresses.email_digest(email))) or {}


def state(email: str = EMAIL) -> str:
    return str(row(email)["delivery"]["state"])


# Where news leads, by what was held before it: news of a second later, of the same second, of a second before.
STOPS = {"bounced": "bounced", "complained": "complained"}
TABLE: dict[int, dict[str, dict[str, str]]] = {
    1: {
        "delivered": {"delivered": "delivered", "soft_bounced": "soft_bounced", **STOPS},
        "soft_bounced": {"delivered": "delivered", "soft_bounced": "soft_bounced", **STOPS},
        "bounced": {"delivered": "bounced", "soft_bounced": "bounced", **STOPS},
        "complained": {"delivered": "complained", "soft_bounced": "complained", **STOPS},
    },
    0: {held: {"delivered": held, "soft_bounced": held, **STOPS} for held in STATES},
    -1: {held: dict.fromkeys(STATES, held) for held in STATES},
}


def require_transitions(stack: Stack, later: int) -> None:
    """Whatever is held and told leads where the table says."""
    begun = 1_700_000_000
    for held, news in product(STATES, STATES):
        store.put(settings().accounts_table, {**keys.address(addresses.email_digest(EMAIL)), "account_id": "id"})
        assert tell(stack, told(held, begun)) == [held]
        tell(stack, told(news, begun + later))
        assert state() == TABLE[later][held][news], f"{news} after {held}"


@pytest.mark.parametrize("later", TABLE)
def test_transitions(stack: Stack, later: int) -> None:
    """Older news leads to nothing, of one second the worse counts, and good news is no end of a stop."""
    require_transitions(stack, later)


def test_shown_to_the_owner(stack: Stack, account: Account, frozen: Clock) -> None:
    """The account says what has become of its mails, and when; at first, that its link arrived."""

    def look() -> Any:
        return stack.call("GET /account", token=account.access_token).json["delivery"]

    assert look() == {"state": "delivered", "at": "2027-01-15T08:01:40Z"}
    frozen.advance(60)

    assert tell(stack, told("bounced", frozen.now)) == ["bounced"]
    assert look() == {"state": "bounced", "at": "2027-01-15T08:02:40Z"}


@pytest.mark.parametrize("held", STATES)
def test_mails_stop(stack: Stack, account: Account, frozen: Clock, held: str) -> None:
    """After a hard bounce nothing is mailed, after a complaint only the link; the events are published still."""
    frozen.advance(GAP)
    tell(stack, told(held, frozen.now))
    stack.deliver()
    before = len(stack.inbox)
    stack.call("POST /forgot", {"email": EMAIL})
    stack.call("POST /sign-up", {"email": EMAIL})
    stack.call("POST /revoke-tokens", {"scope": "all"}, token=account.access_token)

    with recording() as calls:
        assert stack.deliver() == {"batchItemFailures": []}

    assert len(stack.inbox) - before == {"bounced": 0, "complained": 1}.get(held, 3)
    (put,) = [call.params["Entries"] for call in calls if call.operation == "PutEvents"]
    assert len(put) == 3


@pytest.mark.parametrize("held", ["bounced", "complained"])
def test_a_link_that_was_used_lifts_the_stop(stack: Stack, frozen: Clock, held: str) -> None:
    """A reset by a link that was on its way proves that mails arrive; older news that comes later changes nothing."""
    account = stack.sign_up()
    frozen.advance(60)
    stack.call("POST /forgot", {"email": EMAIL})
    token = stack.mailed_token()
    tell(stack, told(held, frozen.now))
    frozen.advance(5)

    assert stack.call("POST /reset", {"token": token, "new_password": f"{PASSWORD}-2"}).status == 204
    tell(stack, told(held, frozen.now - 1))

    assert state() == "delivered"
    assert stack.sign_in(Account(EMAIL, f"{PASSWORD}-2", account.account_id, "", "", "")).status == 200


STRANGERS = ("known-row@example.com", "no-row@example.com")


def test_good_news_of_strangers_makes_no_rows(stack: Stack) -> None:
    """That an email reached an address without an account, or may yet, is kept nowhere."""
    stack.call("POST /sign-in", {"email": "known-row@example.com", "password": "x"})
    before = stack.rows("AccountsTable")

    for email, told_of_it in product(STRANGERS, ("delivered", "soft_bounced")):
        assert tell(stack, told(told_of_it, 1, email)) == ["ignored"]
    assert stack.rows("AccountsTable") == before


@pytest.mark.parametrize("email", STRANGERS)
@pytest.mark.parametrize("held", ["bounced", "complained"])
def test_a_stranger_whose_mailbox_is_none(stack: Stack, frozen: Clock, email: str, held: str) -> None:
    """A bounce of an address that nobody registered is remembered for 30 days, in which it is not mailed."""
    stack.call("POST /sign-in", {"email": "known-row@example.com", "password": "x"})
    assert tell(stack, told(held, frozen.now, email)) == [held]
    assert row(email)["expires_at"] == frozen.now + 30 * 86400
    stack.call("POST /sign-up", {"email": email})
    stack.deliver()
    assert stack.inbox == []
    assert stack.call("POST /admin/find", {"email": email}, caller=ADMIN).json["delivery"]["state"] == held

    frozen.advance(30 * 86400)
    assert stack.invoke("cleanup", {}, context())["finished"]
    stack.call("POST /sign-up", {"email": email})
    stack.deliver()
    assert [mail["To"] for mail in stack.inbox] == [email]


def test_a_registered_address_is_kept(stack: Stack, account: Account, frozen: Clock) -> None:
    """A bounce of it does not make its row expire."""
    tell(stack, told("bounced", frozen.now))

    assert row()["expires_at"] == row()["kept_until"]
    assert account


def closes(stack: Stack, fates: list[str]) -> bool:
    """Whether the lane is closed once feedback has been told these of strangers' emails."""
    for number, each in enumerate(fates):
        message = told(each, 1_800_000_000, f"{number}@example.com")
        message["mail"]["tags"]["lane"] = ["strangers"]
        tell(stack, message)
    return mail_budgets.take_for_stranger("new@example.com") == "lane_closed"


@pytest.mark.parametrize(
    ("fates", "closed"),
    [
        (["bounced"] * 19, False),
        (["bounced"] * 20, True),
        (["delivered"] * 17 + ["bounced"] * 3, True),
        (["delivered"] * 17 + ["bounced"] * 2 + ["complained"], True),
        (["delivered"] * 18 + ["bounced"] * 2, False),
        (["delivered"] * 57 + ["bounced"] * 3, False),
        (["delivered"] * 56 + ["bounced"] * 3, True),
        (["soft_bounced"] * 30, False),
    ],
)
def test_breaker(stack: Stack, fates: list[str], *, closed: bool) -> None:
    """It opens at more than 5 %, of 20 or more of which the fate is known, with three bad ones at least."""
    assert closes(stack, fates) is closed


def test_breaker_lasts_until_the_next_hour(stack: Stack, frozen: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    """It says so once, and the next hour begins anew."""
    assert closes(stack, ["bounced"] * 40)
    assert capsys.readouterr().out.count('"LaneClosed":[1.0]') == 1

    frozen.advance(3600 - frozen.now % 3600)
    assert mail_budgets.take_for_stranger("new@example.com") is None


def test_a_letter_that_comes_again_meets_a_closed_lane(stack: Stack, frozen: Clock) -> None:
    """SES had no room for a stranger's email, and when it comes again the lane has closed: it is not sent."""
    stack.call("POST /sign-up", {"email": EMAIL})
    with network("SendEmail", THROTTLED, lasting=True):
        stack.deliver()
    assert closes(stack, ["bounced"] * 20)
    frozen.advance(lanes.LONGEST_DELAY)

    stack.send_mails()

    assert stack.inbox == []


def test_ses_own_list_stops_no_reset(stack: Stack, account: Account, frozen: Clock) -> None:
    """What a stranger asks for is held back by SES's list of the whole AWS account; what the owner asks for is sent."""
    frozen.advance(GAP)
    message = told("bounced", frozen.now)
    message["bounce"]["bounceSubType"] = "OnAccountSuppressionList"
    assert tell(stack, message) == ["suppressed"]

    stack.call("POST /forgot", {"email": account.email})
    assert stack.mailed_token(account.email).startswith("rkp_")
    assert "delivery" not in row() or state() == "delivered"


def test_owners_emails_are_not_counted_in_the_lane(stack: Stack) -> None:
    """Nor what SES's own list held back: nothing was sent, so nothing counts against the sender."""
    for number in range(40):
        suppressed = told("bounced", 1_800_000_000, f"{number}@example.com")
        tell(stack, suppressed)
        suppressed["mail"]["tags"]["lane"] = ["strangers"]
        suppressed["bounce"]["bounceSubType"] = "OnAccountSuppressionList"
        tell(stack, suppressed)

    assert mail_budgets.take_for_stranger("new@example.com") is None


@pytest.mark.parametrize(
    "message",
    [
        "Successfully validated SNS topic for Amazon SES event publishing.",
        "",
        "[]",
        "{}",
        '{"eventType": "Open", "mail": {"destination": ["alice@example.com"]}}',
        '{"eventType": "Bounce", "mail": {"destination": ["alice@example.com"]}, "bounce": {"bounceType": 7}}',
        '{"notificationType": "Bounce"}',
        "[" * 5000,
        told("bounced", 1, "not an address"),
    ],
)
@pytest.mark.usefixtures("account")
def test_not_understood(stack: Stack, message: Any) -> None:
    """What is no notification of ours is counted and dropped: to be handed it again would help nobody."""
    assert tell(stack, message) == ["not_understood"]
    assert state() == "delivered"


def test_several_recipients(stack: Stack, account: Account, frozen: Clock) -> None:
    """Each recipient that is named is judged by itself, in whichever case it is written."""
    bob = stack.sign_up("bob@example.com")
    frozen.advance(60)
    message = told("bounced", frozen.now)
    message["mail"]["destination"] += ["Bob@Example.com", "carol@example.com"]
    message["bounce"]["bouncedRecipients"] += [
        {"emailAddress": "bob@example.com"},
        {"emailAddress": "carol@example.com"},
    ]

    assert tell(stack, message) == ["bounced", "bounced", "bounced"]
    assert (state(account.email), state(bob.email)) == ("bounced", "bounced")


def test_a_mailbox_that_forwards(stack: Stack, account: Account, frozen: Clock) -> None:
    """A bounce that names another address than we wrote to counts for the one we wrote to, and for no other."""
    bob = stack.sign_up("bob@example.com")
    frozen.advance(60)
    message = told("bounced", frozen.now)
    message["bounce"]["bouncedRecipients"] = [{"emailAddress": bob.email}]

    assert tell(stack, message) == ["bounced"]
    assert (state(account.email), state(bob.email)) == ("bounced", "delivered")


def test_no_future(stack: Stack, account: Account, frozen: Clock) -> None:
    """A time in the future counts as now: it would outlast all news and proofs that follow."""
    frozen.advance(60)
    tell(stack, told("soft_bounced", frozen.now + 10**7))

    assert row(account.email)["delivery"]["at"] == frozen.now


def test_not_spam(stack: Stack, account: Account, frozen: Clock) -> None:
    """Whoever takes a mail out of the spam folder does not complain of it."""
    frozen.advance(60)
    message = told("complained", frozen.now)
    message["complaint"]["complaintFeedbackType"] = "not-spam"

    assert tell(stack, message) == ["delivered"]
    assert state(account.email) == "delivered"


def test_nothing_of_a_mail_server_is_kept(stack: Stack, account: Account, frozen: Clock) -> None:
    """Of what a mail server wrote, and of the mail's headers, nothing is kept."""
    frozen.advance(60)
    message = told("bounced", frozen.now)
    message["bounce"]["bouncedRecipients"][0]["diagnosticCode"] = "smtp; 550 call 555-0100"
    tell(stack, message)

    assert set(row(account.email)["delivery"]) == {"state", "at", "detail"}
    assert row(account.email)["delivery"]["detail"] == "General"


@pytest.mark.parametrize(
    ("mailbox", "expected"),
    [
        ("success", "delivered"),
        ("bounce", "bounced"),
        ("bounce+label", "bounced"),
        ("suppressionlist", "bounced"),
        ("complaint+a", "complained"),
        ("ooto", "soft_bounced"),
    ],
)
def test_simulator(stack: Stack, frozen: Clock, mailbox: str, expected: str) -> None:
    """The addresses of Amazon's mailbox simulator come to on one machine what they come to on AWS."""
    account = stack.sign_up(f"{mailbox}@simulator.amazonses.com")
    frozen.advance(60)

    assert tell(stack, simulator.fate(account.email, frozen.now)) == [expected]
    assert state(account.email) == expected
