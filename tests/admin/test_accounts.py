"""What an operator does to accounts with `rekey-admin`, from the command line to the tables."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from importlib import metadata

import pytest

from local.server import Server
from rekey_admin.accounts import ACTS
from tests.actors import stop_mails
from tests.admin.conftest import Admin
from tests.stack import EMAIL, GAP, Account, Clock, Stack, text_of

WHY = ("--reason", "Ticket 4711")


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch, frozen: Clock) -> None:
    """The client signs with the machine's time, and the stack's clock stands still at another: let it be that one."""
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: datetime.fromtimestamp(frozen.now, UTC))


def test_find_shows_the_account(admin: Admin, protected: Account) -> None:
    """A table for people has the account, its second factor, sessions and events; `--json` has all of it."""
    shown = admin("--local", "find", EMAIL)
    told = admin("find", protected.account_id, "--local", "--json")

    assert (shown.status, told.status) == (0, 0)
    assert all(part in shown.out for part in (EMAIL, protected.account_id, "active", "10 recovery codes left"))
    assert "totp.enabled" in shown.out
    assert told.json["account_id"] == protected.account_id
    assert len(told.json["sessions"]) == 1


def test_a_narrow_terminal_breaks_no_time_and_no_type(
    admin: Admin, account: Account, frozen: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On 80 columns each event begins with its time and its whole type; the admin is named without the account."""
    monkeypatch.setenv("COLUMNS", "80")
    admin("--local", "--yes", "reset-password", account.email, *WHY)
    shown = admin("--local", "find", account.email).out

    minute = datetime.fromtimestamp(frozen.now, UTC).strftime("%Y-%m-%d %H:%M")
    assert f"{minute}  password.reset_requested" in shown
    assert "arn:aws" not in shown


EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0"


@pytest.mark.parametrize("columns", [60, 80])
def test_a_narrow_terminal_can_be_read(
    admin: Admin, stack: Stack, account: Account, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    """Times, types, networks and programs stay whole; an unknown program's name breaks between its words."""
    monkeypatch.setenv("COLUMNS", str(columns))
    body = {"email": account.email, "password": account.password}
    unknown = "Corporate-Health-Checker of the third floor, build 4711, on a rather old machine in the basement"
    for user_agent in (EDGE, unknown):
        assert stack.call("POST /sign-in", body, ip="203.0.113.7", headers={"user-agent": user_agent}).status == 200
    admin("--local", "--yes", "reset-password", account.email, *WHY)

    shown = admin("--local", "find", account.email).out

    lines = [line.strip() for line in shown.splitlines()]
    assert max(map(len, shown.splitlines())) <= columns
    assert any(line.endswith("  sign_in.succeeded") for line in lines)
    assert "203.0.113.0/24 · Microsoft Edge, Windows" in lines
    assert sum("Microsoft Edge, Windows" in line for line in lines) == 2  # the event and the session
    assert any(line.startswith("203.0.113.0/24 · Corporate-Health-Checker") for line in lines)
    assert "by user/local: Ticket 4711" in shown


def test_requests_of_strangers_are_counted(admin: Admin, stack: Stack, account: Account, frozen: Clock) -> None:
    """How many there were, and since when."""
    for _ in range(2):
        stack.call("POST /forgot", {"email": account.email})
        frozen.advance(GAP)

    assert "password.reset_requested, 2 times since 2027-01-15 08:01" in admin("--local", "find", EMAIL).out


def test_earlier_events(admin: Admin, stack: Stack, account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """One page of events is shown, and how to see more; `--events` reads on until it has so many."""
    monkeypatch.setattr("rekey.accounts.history.SHOWN_EVENTS", 3)
    for _ in range(7):
        stack.sign_in_again(account)

    shown, more = (admin("--local", "find", EMAIL, "--events", count).out for count in ("3", "6"))
    told = admin("--local", "--json", "find", EMAIL, "--events", "1000").json

    assert (shown.count("sign_in.succeeded"), more.count("sign_in.succeeded")) == (3, 6)
    assert "There are earlier events: give --events 8." in shown
    types = [event["type"] for event in told["events"]]
    assert (types.count("sign_in.succeeded"), types.count("account.created"), told["events_next"]) == (7, 1, None)
    ids = [event["event_id"] for event in told["events"]]
    assert ids == sorted(ids, reverse=True)
    assert admin("--local", "find", EMAIL, "--events", "0").status == 2


def test_version(admin: Admin) -> None:
    """Which version it is, without naming a stack."""
    done = admin("--version")

    assert (done.status, done.out) == (0, f"rekey-admin {metadata.version('rekey')}\n")


def test_nobody_is_found(admin: Admin) -> None:
    """An address that never asked for anything: exit status 1, and the code in one line on standard error."""
    done = admin("--local", "find", "nobody@example.com")

    assert (done.status, done.out) == (1, "")
    assert "account_not_found" in done.err


@pytest.mark.parametrize("act", [act.name for act in ACTS])
def test_each_change_is_done(admin: Admin, stack: Stack, frozen: Clock, protected: Account, act: str) -> None:
    """Every command ends well, says so, and its event names the admin and the reason."""
    frozen.advance(60)
    if act == "enable":
        assert admin("--local", "--yes", "disable", EMAIL, *WHY).status == 0
    if act == "mail-again":
        stop_mails(stack, EMAIL)

    done = admin("--local", "--yes", act, EMAIL, *WHY)

    assert (done.status, done.err) == (0, "")
    assert EMAIL in done.out
    newest = admin("--local", "--json", "find", EMAIL).json["events"][0]
    assert (newest["admin"], newest["reason"]) == ("arn:aws:iam::123456789012:user/local", "Ticket 4711")
    assert stack.is_signed_in(protected.access_token) is (act in {"reset-password", "mail-again", "unlock"})


def test_a_reset_mail_arrives(admin: Admin, stack: Stack, account: Account) -> None:
    """`reset-password` sends the owner a link that works, in words that say support asked for it."""
    assert admin("--local", "--yes", "reset-password", account.email, *WHY).status == 0

    token = stack.mailed_token()

    assert "Rekey support requested this link" in text_of(stack.inbox[-1])
    assert stack.call("POST /reset", {"token": token, "new_password": "Another-Horse-7"}).status == 204


@pytest.mark.usefixtures("account")
def test_reset_of_a_stopped_address_names_the_way_out(admin: Admin, stack: Stack) -> None:
    """Where mails are stopped, the refusal names the command that lifts it; it does so, and the link arrives."""
    stop_mails(stack, EMAIL)
    done = admin("--local", "--yes", "reset-password", EMAIL, *WHY)
    assert (done.status, done.out) == (1, "")
    assert "409 mail_stopped" in done.err
    assert "mail-again" in done.err

    assert admin("--local", "--yes", "mail-again", EMAIL, *WHY).status == 0
    assert admin("--local", "--yes", "reset-password", EMAIL, *WHY).status == 0
    stack.deliver()
    assert "Rekey support" in text_of(stack.inbox[-1])


def test_refusal_tells_how_long_to_wait(admin: Admin, account: Account) -> None:
    """At a limit of the address the admin is told so, and for how long."""
    admin("--local", "--yes", "reset-password", account.email, *WHY)
    done = admin("--local", "--yes", "reset-password", account.email, *WHY)

    assert done.status == 1
    assert "429 too_many_requests" in done.err
    assert f"{GAP} seconds" in done.err


def test_asked_before_it_acts(admin: Admin, stack: Stack, account: Account) -> None:
    """On a terminal the question names whom it is about; a no does nothing; a yes asks for the reason, then acts."""
    refused = admin("--local", "disable", account.account_id, answers=["n"])
    assert (refused.status, stack.is_signed_in(account.access_token)) == (1, True)
    assert f"Disable {EMAIL}" in " ".join(refused.err.split())

    done = admin("--local", "disable", account.account_id, answers=["y", "Ticket 4711"])
    assert (done.status, stack.is_signed_in(account.access_token)) == (0, False)
    assert admin("--local", "--json", "find", EMAIL).json["events"][0]["reason"] == "Ticket 4711"


@pytest.mark.parametrize("options", [WHY, ("--yes",)])
def test_nobody_to_ask_is_wrong_usage(
    admin: Admin, stack: Stack, account: Account, monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...]
) -> None:
    """Without a terminal, neither the confirmation nor the reason is taken for granted."""
    monkeypatch.setattr("sys.stdin", io.StringIO())
    done = admin("--local", "disable", account.email, *options)

    assert done.status == 2
    assert ("--yes" if options == WHY else "--reason") in done.err
    assert stack.is_signed_in(account.access_token)


def test_delete_goes_on_until_it_is_finished(
    admin: Admin, stack: Stack, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows go in steps; cut off and called again with the id, it goes on; what stays is the event of the deletion."""
    for _ in range(5):
        stack.sign_in_again(account)
    monkeypatch.setattr("rekey.accounts.deletion.ROWS", 3)

    done = admin("--local", "--yes", "delete", EMAIL, *WHY)
    again = admin("--local", "--yes", "--json", "delete", account.account_id, *WHY)

    assert (done.status, again.status, again.json["rows"]) == (0, 0, 0)
    left = [row for table in ("AccountsTable", "EventsTable", "TokensTable") for row in stack.rows(table)]
    kept = [row for row in left if not row["pk"]["S"].startswith("limit#")]
    assert [row["type"]["S"] for row in kept] == ["account.deleted"]


def test_an_address_without_an_account_cannot_be_changed(admin: Admin, stack: Stack) -> None:
    """An address that has asked for an account is shown, and changed in no way."""
    stack.call("POST /sign-up", {"email": EMAIL})

    assert "unregistered" in admin("--local", "find", EMAIL).out
    done = admin("--local", "--yes", "disable", EMAIL, *WHY)
    assert done.status == 1
    assert "has no account" in done.err


def test_without_permission_the_missing_one_is_named(
    admin: Admin, gateway: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """API Gateway's bare 403 is told as the IAM permission that is missing."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "guessed")
    done = admin("--api", f"http://localhost:{gateway.port}", "find", EMAIL)

    assert done.status == 1
    assert "execute-api:Invoke" in done.err
    assert "POST/admin/find" in "".join(done.err.split())


def test_a_wrong_address_of_the_api_is_told(admin: Admin, gateway: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """An API that has no such route, and none at all, are one line each."""
    done = admin("--api", f"http://localhost:{gateway.port}/elsewhere", "find", EMAIL)
    assert (done.status, done.err.count("\n")) == (1, 1)
    assert "no route" in done.err

    monkeypatch.setenv("PORT", "1")
    done = admin("--local", "find", EMAIL)
    assert (done.status, done.err.count("\n")) == (1, 1)
    assert "localhost:1" in done.err
    assert "make run" in done.err


def test_no_credentials_is_one_line(admin: Admin, gateway: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without credentials nothing is sent, and that is said."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    done = admin("--api", f"http://localhost:{gateway.port}", "find", EMAIL)

    assert (done.status, done.err.count("\n")) == (1, 1)
    assert "credentials" in done.err
