"""The whole story, and an event, through `sam local`: the built functions in real containers."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pyotp
import pytest

from local.containers import write_template
from local.template import ROOT, Template
from tests.runtime import containers
from tests.runtime.containers import Api
from tests.runtime.tools import lacking_containers
from tests.scenarios.samples import answer_to_sample
from tests.scenarios.scenario import outcome
from tests.stack import Stack

pytestmark = [pytest.mark.container, pytest.mark.timeout(900)]

EMAIL = "ada@example.com"
FIRST, SECOND, THIRD = "Correct-Horse-9", "Brave-New-Otter-42", "Quiet-Lake-Heron-7"


@pytest.fixture
def aws_host() -> str:
    """The bridge: containers reach the embedded AWS there, and nobody else does."""
    if reason := lacking_containers():
        pytest.skip(reason)
    return containers.find_bridge()


@pytest.fixture
def pointed(built: Path, template: Template) -> Path:
    """The built template, its functions pointed at the embedded AWS."""
    aws_port = int(os.environ["AWS_ENDPOINT_URL"].rpartition(":")[2])
    return write_template(built, template, aws_port)


@pytest.fixture
def api(pointed: Path, tmp_path: Path) -> Iterator[Api]:
    """The routes, served from containers."""
    with containers.start_api(pointed, tmp_path / "log") as api:
        yield api


def test_event_invokes_its_function(pointed: Path) -> None:
    """`sam local invoke ForgotFunction -e events/forgot.json` is answered as it is written down."""
    answer = containers.invoke(pointed, "ForgotFunction", ROOT / "events/forgot.json")

    assert outcome("forgot", answer) == answer_to_sample("forgot"), answer


class Mail:
    """The stream, handed to the built notify, and what it mailed."""

    def __init__(self, stack: Stack, pointed: Path, folder: Path) -> None:
        self._stack = stack
        self._pointed = pointed
        self._event = folder / "stream.json"

    def token(self) -> str:
        """The token in the newest mail."""
        self._event.write_text(json.dumps({"Records": self._stack.stream()}, default=str))
        assert containers.invoke(self._pointed, "NotifyFunction", self._event) == {"batchItemFailures": []}
        return self._stack.mailed_token(EMAIL)


def test_the_story_in_containers(api: Api, embedded: Stack, pointed: Path, tmp_path: Path) -> None:
    """Sign up, turn on two-factor sign-in, sign in, change, forget and reset the password, revoke: each step holds."""
    mail = Mail(embedded, pointed, tmp_path)

    _sign_up(api, mail)
    totp, recovery_code = _turn_on_totp(api)
    access = _sign_in(api, FIRST, code=totp.at(int(time.time()) + 30))  # the present step's code is spent
    assert api.call("POST /change", {"current_password": FIRST, "new_password": SECOND}, access).status == 204
    assert api.call("POST /forgot", {"email": EMAIL}).status == 202
    assert api.call("POST /reset", {"token": mail.token(), "new_password": THIRD}).status == 204
    assert api.call("GET /account", token=access).status == 401
    access = _sign_in(api, THIRD, recovery_code=recovery_code)
    assert api.call("GET /account", token=access).json["totp"] == {
        "enabled": True,
        "required": False,
        "recovery_codes_left": 9,
    }
    assert api.call("POST /revoke-tokens", {"scope": "all"}, access).status == 204
    assert api.call("GET /account", token=access).status == 401


def _sign_up(api: Api, mail: Mail) -> None:
    assert api.call("POST /sign-up", {"email": EMAIL}).status == 202
    answer = api.call("POST /sign-up/complete", {"token": mail.token(), "password": FIRST})
    assert answer.status == 201, answer.text


def _turn_on_totp(api: Api) -> tuple[pyotp.TOTP, str]:
    """The authenticator app, and a recovery code."""
    access = api.call("POST /sign-in", {"email": EMAIL, "password": FIRST}).json["access_token"]
    enrolment = api.call("POST /totp/setup", None, access).json
    totp = cast("pyotp.TOTP", pyotp.parse_uri(enrolment["otpauth_uri"]))
    answer = api.call("POST /totp/verify", {"code": totp.now()}, access)
    assert answer.status == 200, answer.text
    return totp, answer.json["recovery_codes"][0]


def _sign_in(api: Api, password: str, **factor: str) -> str:
    """Both steps; the access token."""
    challenge = api.call("POST /sign-in", {"email": EMAIL, "password": password}).json["challenge_token"]
    answer = api.call("POST /sign-in/totp", {"challenge_token": challenge, **factor})
    assert answer.status == 200, answer.text
    return str(answer.json["access_token"])
