"""Applications, as an operator registers them with `rekey-admin client`."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from rekey.sessions.tokens import CLIENT_SECRET, parse_token
from tests.admin.conftest import Admin
from tests.stack import Clock

WHY = ("--reason", "Ticket 4711", "--local")
SITE = ("--type", "web", "--name", "Shop", "--redirect-uri", "https://shop.example.com/in")


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch, frozen: Clock) -> None:
    """The client signs with the machine's time, and the stack's clock stands still at another: let it be that one."""
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: datetime.fromtimestamp(frozen.now, UTC))


def test_add_shows_the_secret_once(admin: Admin) -> None:
    """An application on a server has a secret: told when it is registered, and never again."""
    added = admin("client", "add", "shop", *SITE, *WHY)
    shown = admin("client", "show", "shop", "--local")

    assert (added.status, shown.status) == (0, 0), added.err
    assert parse_token(CLIENT_SECRET, added.out.rpartition(": ")[2].strip()), "it is to be copied as one line"
    assert "rkx_" not in shown.out
    assert all(part in shown.out for part in ("shop", "Shop", "web", "https://shop.example.com/in", "openid"))


def test_one_on_a_persons_machine_has_no_secret(admin: Admin) -> None:
    """Whoever has the program could read it there (RFC 6749 §2.1)."""
    added = admin("client", "add", "app", "--type", "spa", "--name", "App", *SITE[4:], *WHY, "--json")

    assert added.json == {"client_id": "app", "client_secret": None}


def test_list(admin: Admin) -> None:
    """In the order of their ids."""
    for name in ("shop-b", "shop-a"):
        admin("client", "add", name, *SITE, *WHY, "--first-party")

    told = admin("client", "list", "--local", "--json").json["clients"]
    assert [(each["client_id"], each["first_party"]) for each in told] == [("shop-a", True), ("shop-b", True)]
    assert "shop-a" in admin("client", "list", "--local").out


def test_set_changes_what_is_named(admin: Admin) -> None:
    """All else stays; one empty text stands for none."""
    admin("client", "add", "shop", *SITE, "--logout-uri", "https://shop.example.com/out", *WHY)
    changed = admin("client", "set", "shop", "--name", "The shop", "--logout-uri", "", *WHY, "--json").json

    assert (changed["name"], changed["post_logout_redirect_uris"]) == ("The shop", [])
    assert changed["redirect_uris"] == ["https://shop.example.com/in"]
    assert admin("client", "set", "shop", *WHY).status == 2


def test_rotate_secret(admin: Admin, frozen: Clock) -> None:
    """The old secret is taken for as long as was said, and what is shown says until when."""
    old = admin("client", "add", "shop", *SITE, *WHY, "--json").json["client_secret"]
    rotated = admin("client", "rotate-secret", "shop", "--keep-old-for", "2h", "--yes", *WHY, "--json").json

    until = admin("client", "show", "shop", "--local", "--json").json["old_secret_until"]
    assert rotated["client_secret"] != old
    assert until == datetime.fromtimestamp(frozen.now + 7200, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_remove(admin: Admin) -> None:
    """It is gone; one that is not there is refused."""
    admin("client", "add", "shop", *SITE, *WHY)

    assert admin("client", "remove", "shop", "--yes", *WHY).status == 0
    assert admin("client", "show", "shop", "--local").status == 1
    assert "client_not_found" in admin("client", "remove", "shop", "--yes", *WHY).err


def test_nobody_to_confirm(admin: Admin) -> None:
    """To remove one, or to replace its secret, is confirmed."""
    admin("client", "add", "shop", *SITE, *WHY)

    assert admin("client", "remove", "shop", *WHY).status == 2
    assert admin("client", "rotate-secret", "shop", *WHY).status == 2
    assert admin("client", "show", "shop", "--local").status == 0
