"""Which Rekey `rekey-admin` means, and what it says where that is not clear."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import pytest

from local.server import Sent, Server
from rekey_admin.errors import CommandError, UsageError
from rekey_admin.main import main
from rekey_admin.target import Target

# As CloudFormation answers (its Query API).
STACK = b"""<DescribeStacksResponse><DescribeStacksResult><Stacks><member>
<StackName>rekey</StackName><StackStatus>CREATE_COMPLETE</StackStatus><CreationTime>2026-11-22T00:00:00Z</CreationTime>
<Outputs>
<member><OutputKey>ApiUrl</OutputKey><OutputValue>https://api.example.com/</OutputValue></member>
<member><OutputKey>AccountsTableName</OutputKey><OutputValue>the-accounts</OutputValue></member>
</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>"""


@pytest.fixture
def _cloudformation(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    server = Server("127.0.0.1", 0)
    server.answering = lambda _: Sent(200, [("Content-Type", "text/xml")], STACK)
    server.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDFORMATION", f"http://127.0.0.1:{server.port}")
    yield
    server.stop()


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


@pytest.mark.usefixtures("_cloudformation")
def test_a_stacks_outputs_name_api_and_tables() -> None:
    """`--stack` reads where the routes and the tables are; an output that is not there is one clear error."""
    stack = target(stack="rekey")

    assert (stack.api_url, stack.accounts_table) == ("https://api.example.com", "the-accounts")
    with pytest.raises(CommandError, match="TokensTableName"):
        stack.tokens_table  # noqa: B018 - to read it is what fails


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
