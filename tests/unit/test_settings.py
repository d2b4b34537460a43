"""The environment that the template sets is the one that the code reads."""

import pytest

from rekey.settings import MailSettings, Settings, mail_settings, settings
from tests.stack import Stack


def variables(kind: type[Settings | MailSettings]) -> set[str]:
    return {name.upper() for name in kind.__annotations__}


def test_what_is_read_is_set(stack: Stack) -> None:
    """Each function has all variables of Settings, some a few of their own besides, and no others."""
    breached = {"BREACHED_PASSWORDS"}
    own = {"sign_up": breached, "change": breached, "reset": breached, "pages": {"BRAND_COLOR", "BRAND_LOGO"}}
    own |= {"notify": variables(MailSettings)}
    for function in stack.template.functions():
        names = stack.template.environment(function)
        present = {name for name in names if not name.startswith(("POWERTOOLS_", "MALLOC_"))}

        assert present == variables(Settings) | own.get(function, set()), function


def test_values(stack: Stack) -> None:
    """A parameter's value arrives, as a number where it is one."""
    assert settings().attempt_limit == int(stack.template.parameters["AttemptLimit"])
    assert settings().password_rule == "sales-connect"
    assert mail_settings().link_origin == "https://app.example.com"


@pytest.mark.usefixtures("stack")
@pytest.mark.parametrize("absent", [["ACCOUNTS_TABLE"], ["ISSUER", "STEP_UP_AGE", "TOTP_KEY"]])
def test_all_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, absent: list[str]) -> None:
    """What is not set is named, all at once, and no default takes its place."""
    for name in absent:
        monkeypatch.delenv(name)

    with pytest.raises(LookupError) as fault:
        settings()

    assert all(name in str(fault.value) for name in absent)


@pytest.mark.usefixtures("stack")
def test_missing_for_mails(monkeypatch: pytest.MonkeyPatch) -> None:
    """So is what only notify needs; what all need is not asked for twice."""
    monkeypatch.delenv("MAIL_FROM")

    with pytest.raises(LookupError, match="MAIL_FROM"):
        mail_settings()
    assert settings().issuer == "Rekey"
