"""What the template's parameters set, read from the environment and never at import.

A module says which it reads by reading it: `settings().issuer`. A test holds that each function has the variables that
its modules read, and no other (tests/unit/test_settings.py).
"""

import os
from functools import cache
from typing import TYPE_CHECKING, Any


class Settings:
    """One field a variable, of the same name in upper case. Lives, periods and ages are seconds."""

    accounts_table: str
    events_table: str
    tokens_table: str
    totp_key: str
    signing_key: str
    stack_id: str
    issuer: str
    brand_color: str
    brand_logo: str
    terms_url: str
    privacy_url: str
    support_url: str
    home_url: str
    password_rule: str
    breached_passwords: str
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
    mail_from: str
    owners_configuration: str
    strangers_configuration: str
    link_origin: str
    link_life: int
    access_token_life: int
    refresh_grace: int
    session_idle: int
    session_life: int
    sessions_since: int
    session_limit: int
    proof_life: int
    require_totp: str
    authorizer_audience: str
    authorizer_scope: str
    device_trust: int  # days
    event_life: int
    event_bus: str
    owners_queue: str
    strangers_queue: str
    sign_up_mail_budget: int
    notice_limit: int

    if not TYPE_CHECKING:  # mypy knows the fields above, and would take any other

        def __getattr__(self, name: str) -> Any:
            """A field that is read for the first time. Raises LookupError naming the variable that is not set."""
            kind = type(self).__annotations__[name]
            if name.upper() not in os.environ:
                raise LookupError(f"not set: {name.upper()}")
            value = kind(os.environ[name.upper()])
            setattr(self, name, value)
            return value


@cache
def settings() -> Settings:
    return Settings()
