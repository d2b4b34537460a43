"""`make demo`: the whole story over HTTP, as a client would live it. Each run is somebody new."""

from __future__ import annotations

import os
import secrets
import sys
import time
from dataclasses import dataclass, field
from typing import Any, cast

import pyotp

from local.client import Answer, Client, UnreachableError, own_instance

FIRST, SECOND, THIRD = "Correct-Horse-Battery-9", "Better-Horse-Battery-10", "Third-Horse-Battery-11"
MAIL_WAIT = 10  # seconds


class UnexpectedError(Exception):
    """A step was answered otherwise than it should be."""


@dataclass
class Story:
    """One person's, from sign-up to new recovery codes."""

    client: Client
    email: str = field(default_factory=lambda: f"demo-{secrets.token_hex(4)}@example.com")
    recovery_codes: list[str] = field(default_factory=list)

    def play(self) -> None:
        first = self.sign_up()
        totp = self.turn_on_second_factor(first)
        second = self.sign_in(FIRST, code=totp.at(time.time() + 30))
        self.change_password(changing=second, other=first)
        self.reset_password(ended=second)
        third = self.sign_in(THIRD, recovery_code=self.recovery_codes[0])
        self.revoke_all(third)
        last = self.sign_in(THIRD, recovery_code=self.recovery_codes[1])
        self.replace_recovery_codes(last)

    def sign_up(self) -> str:
        say("Sign up")
        self.expect(202, "POST /sign-up", {"email": self.email})
        token = self.mailed("/sign-up/complete")
        made = self.expect(201, "POST /sign-up/complete", {"token": token, "password": FIRST})
        self.expect(200, "GET /account", bearer=made["access_token"], shows="email")
        return str(made["access_token"])

    def turn_on_second_factor(self, bearer: str) -> pyotp.TOTP:
        say("Set up two-factor sign-in")
        enrolment = self.expect(200, "POST /totp/setup", bearer=bearer, shows="secret_grouped")
        totp = cast("pyotp.TOTP", pyotp.parse_uri(enrolment["otpauth_uri"]))
        answer = self.expect(200, "POST /totp/verify", {"code": totp.now()}, bearer=bearer)
        self.recovery_codes = answer["recovery_codes"]
        print(f"      {len(self.recovery_codes)} recovery codes, such as {self.recovery_codes[-1]}")
        return totp

    def sign_in(self, password: str, **proof: str) -> str:
        (factor,) = proof
        say(f"Sign in with a {factor.replace('_', ' ')}")
        credentials = {"email": self.email, "password": password}
        challenge = self.expect(200, "POST /sign-in", credentials, shows="challenge")
        answer = self.expect(200, "POST /sign-in/totp", {"challenge_token": challenge["challenge_token"], **proof})
        return str(answer["access_token"])

    def change_password(self, *, changing: str, other: str) -> None:
        say("Change the password: the other session ends")
        passwords = {"current_password": FIRST, "new_password": SECOND}
        self.expect(204, "POST /change", passwords, bearer=changing)
        self.expect(401, "GET /account", bearer=other)
        self.expect(200, "GET /account", bearer=changing, shows="email")

    def reset_password(self, *, ended: str) -> None:
        say("Forget the password, and set a new one by email: all sessions end, and the link works once")
        self.expect(202, "POST /forgot", {"email": self.email})
        new = {"token": self.mailed("/reset"), "new_password": THIRD}
        self.expect(204, "POST /reset", new)
        self.expect(400, "POST /reset", new)
        self.expect(401, "GET /account", bearer=ended)

    def revoke_all(self, bearer: str) -> None:
        say("Revoke all tokens")
        self.expect(204, "POST /revoke-tokens", {"scope": "all"}, bearer=bearer)
        self.expect(401, "GET /account", bearer=bearer)

    def replace_recovery_codes(self, bearer: str) -> None:
        say("Prove who is there, by a recovery code that works once, and get new recovery codes")
        proof = {"password": THIRD, "recovery_code": self.recovery_codes[2]}
        self.expect(204, "POST /reauthenticate", proof, bearer=bearer)
        self.expect(401, "POST /reauthenticate", proof, bearer=bearer)
        self.expect(200, "POST /totp/recovery-codes", bearer=bearer)

    def expect(
        self, status: int, key: str, body: Any = None, *, bearer: str = "", shows: str = "code"
    ) -> dict[str, Any]:
        """Call, print the call and what is to be shown of the answer, and stop if it is not the one expected."""
        answer = self.client.call(key, body, bearer=bearer)
        print(f"   {key} → {answer.status} {answer.json.get(shows, '')}".rstrip())
        if answer.status != status:
            raise UnexpectedError(f"{key} was to answer {status}, and answered {describe(answer)}")
        return dict(answer.json)

    def mailed(self, path: str) -> str:
        """The token in the newest link to a path that was mailed to this address."""
        deadline = time.monotonic() + MAIL_WAIT
        while time.monotonic() < deadline:
            for mail in self.client.inbox():
                for link in mail["links"]:
                    where, _, token = link.partition("#token=")
                    if mail["to"] == self.email and where.endswith(path) and token:
                        print(f"  email: {mail['subject']}")
                        return str(token)
            time.sleep(0.1)
        raise UnexpectedError(f"no mail with a link to {path} came for {self.email}")


def say(step: str) -> None:
    print(step, flush=True)


def describe(answer: Answer) -> str:
    return f"{answer.status} {answer.json.get('code', '')} {answer.json.get('title', '')}".strip()


def main() -> int:
    chosen = os.environ.get("BASE_URL")
    client = Client(chosen or f"http://localhost:{os.environ.get('PORT') or 3000}")
    try:
        if chosen or client.answers():
            print(f"Playing on {client.base_url}")
            Story(client).play()
        else:
            with own_instance() as base_url:
                print(f"No instance runs: playing on one of its own, {base_url}")
                Story(Client(base_url)).play()
    except (UnexpectedError, UnreachableError) as error:
        print(f"It stops here: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130  # as a shell has it
    print("All as it should be.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
