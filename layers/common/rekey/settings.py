"""What the template's parameters set, read from the environment once and never at import."""

import os
from functools import cache
from typing import Any, NamedTuple, TypeVar


class Settings(NamedTuple):
    """One field a variable, of the same name in upper case. Lives, periods and ages are seconds."""

    accounts_table: str
    tokens_table: str
    totp_key: str
    issuer: str
    password_rule: str
    argon2_memory: int
    argon2_iterations: int
    argon2_parallelism: int
    attempt_limit: int
    attempt_period: int
    client_attempt_limit: int
    mail_limit: int
    mail_gap: int
    mail_limit_key: str
    client_mail_limit: int
    access_token_life: int
    refresh_grace: int
    session_idle: int
    session_life: int
    step_up_age: int
    event_life: int


class MailSettings(NamedTuple):
    """What only notify needs: who writes, how it looks, where the links point and on which bus the events go."""

    mail_from: str
    mail_configuration: str
    brand_color: str
    link_origin: str
    link_life: int
    event_bus: str


T = TypeVar("T", Settings, MailSettings)


def _read(kind: type[T]) -> T:
    types: dict[str, Any] = kind.__annotations__
    missing = [name.upper() for name in types if name.upper() not in os.environ]
    if missing:
        raise LookupError(f"not set: {', '.join(missing)}")
    return kind(**{name: read(os.environ[name.upper()]) for name, read in types.items()})


@cache
def settings() -> Settings:
    """Raises LookupError naming every missing variable."""
    return _read(Settings)


@cache
def mail_settings() -> MailSettings:
    """Raises LookupError naming every missing variable."""
    return _read(MailSettings)
