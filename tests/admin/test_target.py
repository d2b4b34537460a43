"""Which Rekey `rekey-admin` means, and what it says where that is not clear."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from local.server import Received, Sent, Server
from rekey_admin.errors import CommandError, UsageError
from rekey_admin.main import main
from rekey_admin.target import Target

# As CloudFormation answers (its Query API).
STACK = b"""<DescribeStacksResponse><DescribeStacksResult><Stacks><member>
<StackName>rekey</StackName><StackStatus>CREATE_COMPLETE</StackStatus><CreationTime>2026-11-22T00:00:00Z</CreationTime>
<Outputs>
<member><OutputKey>ApiUrl</OutputKey><OutputValue>https://api.example.com/</OutputValue></member>
<member><OutputKey>AccountsTableName</OutputKey><OutputValue>the-accounts</OutputValue></member>
<member><OutputKey>EventsTableName</OutputKey><OutputValue>the-events</OutputValue></member>
</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>"""


REFUSAL = b"""<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error></ErrorResponse>"""
NO_STACK = REFUSAL % (b"ValidationError", b"Stack with id nope does not exist")
NOT_ALLOWED = REFUSAL % (b"AccessDenied", b"User: support is not authorized to perform: cloudformation:DescribeStacks")


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server("127.0.0.1", 0)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def cloudformation(server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """It answers what the test has it answer; as long as none does, the stack."""
    server.answering = lambda _: Sent(200, [("Content-Type", "text/xml")], STACK)
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDFORMATION", f"http://127.0.0.1:{server.port}")
    return server


def target(**chosen: str | bool) -> Target:
    options = {"local": False, "stack": None, "api": None, "profile": None, "region": None, **chosen}
    return Target(argparse.Namespace(**options))


def test_help_tells_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    """`--help` ends well and names what all commands share."""
    with pytest.raises(SystemExit) as ended:
        main(["--help"])

    assert ended.value.code == 0
    told = capsys.readouterr().out
    assert all(f"--{name}" in told for name in ("local", "stack", "api", "profile", "region", "json", "yes"))


def test_no_command_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a command the exit status is 2."""
    with pytest.raises(SystemExit) as ended:
        main(["--local"])

    assert ended.value.code == 2
    assert "COMMAND" in capsys.readouterr().err


@pytest.mark.parametrize("chosen", [{}, {"local": True, "stack": "rekey"}, {"stack": "rekey", "api": "https://x"}])
def test_one_target_is_named(chosen: dict[str, str | bool]) -> None:
    """None and two are wrong usage: nobody disables an account in a stack that was not meant."""
    with pytest.raises(UsageError, match="--stack"):
        target(**chosen)


@pytest.mark.usefixtures("cloudformation")
def test_a_stacks_outputs_name_api_and_tables() -> None:
    """`--stack` reads where the routes and the tables are; an output that is not there is one clear error."""
    stack = target(stack="rekey")

    assert (stack.api_url, stack.accounts_table) == ("https://api.example.com", "the-accounts")
    with pytest.raises(CommandError, match="TokensTableName"):
        stack.tokens_table  # noqa: B018 - to read it is what fails


@pytest.mark.parametrize(
    ("answer", "told"), [(NO_STACK, "nope does not exist"), (NOT_ALLOWED, "cloudformation:DescribeStacks")]
)
def test_why_a_stack_cannot_be_read(
    cloudformation: Server, capsys: pytest.CaptureFixture[str], answer: bytes, told: str
) -> None:
    """No such stack, or a permission that is missing: CloudFormation's own words, and status 1."""
    cloudformation.answering = lambda _: Sent(400, [("Content-Type", "text/xml")], answer)

    assert main(["--stack", "nope", "find", "ada@example.com"]) == 1
    assert told in capsys.readouterr().err


@pytest.mark.usefixtures("cloudformation")
def test_credentials_are_needed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Without credentials, or with a profile that is not there, nothing is sent, and it is said which is lacking."""
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    assert main(["--stack", "rekey", "--profile", "nobody", "find", "ada@example.com"]) == 1
    assert "nobody" in capsys.readouterr().err
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")

    assert main(["--stack", "rekey", "find", "ada@example.com"]) == 1
    assert "credentials" in capsys.readouterr().err


def test_a_call_is_signed_for_its_region(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A domain does not tell the region: the profile does, or --region; the service is API Gateway's."""
    signed: list[str] = []

    def forbid(received: Received) -> Sent:
        signed.append(received.header("authorization"))
        return Sent(403, [], b"{}")

    server.answering = forbid
    config = tmp_path / "config"
    config.write_text(
        "[profile ops]\nregion = eu-north-1\naws_access_key_id = THEIRS\naws_secret_access_key = secret\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    asked = ["--api", f"http://127.0.0.1:{server.port}", "--profile", "ops", "find", "ada@example.com"]

    assert main(asked) == main([*asked, "--region", "us-west-2"]) == 1
    assert "execute-api:Invoke" in capsys.readouterr().err
    for header, region in zip(signed, ("eu-north-1", "us-west-2"), strict=True):
        assert header.startswith("AWS4-HMAC-SHA256 Credential=THEIRS/")
        assert f"/{region}/execute-api/aws4_request" in header


def test_an_address_names_no_tables() -> None:
    """With `--api` alone, what works on the tables is wrong usage."""
    assert target(api="https://api.example.com/").api_url == "https://api.example.com"
    with pytest.raises(UsageError, match="--stack"):
        target(api="https://api.example.com").accounts_table  # noqa: B018 - to read it is what fails


def test_a_region_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a region nothing can be signed, and that is said."""
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    with pytest.raises(UsageError, match="--region"):
        target(api="https://api.example.com").region  # noqa: B018 - to read it is what fails
    assert target(api="https://api.example.com", region="eu-north-1").region == "eu-north-1"


def test_local_needs_a_running_instance(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing answers, it says how to start it."""
    monkeypatch.setenv("PORT", "1")
    with pytest.raises(CommandError, match="make run"):
        target(local=True).accounts_table  # noqa: B018 - to read it is what fails
