"""Which Rekey is meant: the running instance of this machine, a stack, or an API by its address."""

from __future__ import annotations

import argparse
import json
import os
import urllib.error
import urllib.request
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import boto3
from botocore.config import Config

from rekey_admin.errors import CommandError, UsageError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

# Nobody waits for an answer here as at a function: there is time, and no budget of tries that threads would share.
THREADS, TRIES = 16, 10
PATIENT = Config(retries={"mode": "legacy", "total_max_attempts": TRIES}, max_pool_connections=THREADS)

# What `make run` has: it takes these credentials, and no others are on the machine.
_LOCAL_KEY = "local"
_LOCAL_REGION = "eu-west-1"
_LOCAL_WAIT = 10  # seconds


class Target:
    """Raises UsageError unless one is named."""

    def __init__(self, options: argparse.Namespace) -> None:
        if sum(map(bool, (options.local, options.stack, options.api))) != 1:
            raise UsageError("Which Rekey? Give one of --local, --stack NAME or --api URL.")
        self._options = options

    @cached_property
    def session(self) -> boto3.Session:
        """The operator's credentials and region."""
        if self.is_local:
            return boto3.Session(_LOCAL_KEY, _LOCAL_KEY, region_name=_LOCAL_REGION)
        return boto3.Session(profile_name=self._options.profile, region_name=self._options.region)

    @property
    def region(self) -> str:
        """Raises UsageError."""
        if not self.session.region_name:
            raise UsageError("Which region? Give --region, or set one in the profile.")
        return self.session.region_name

    @property
    def is_local(self) -> bool:
        return bool(self._options.local)

    @cached_property
    def api_url(self) -> str:
        """Where the routes are."""
        if self.is_local:
            return _local_url()
        return str(self._options.api or self._output("ApiUrl")).rstrip("/")

    @property
    def accounts_table(self) -> str:
        return self._output("AccountsTableName")

    @property
    def events_table(self) -> str:
        return self._output("EventsTableName")

    @property
    def tokens_table(self) -> str:
        return self._output("TokensTableName")

    def dynamodb(self) -> DynamoDBClient:
        """A client with the operator's own credentials, for what no function may do."""
        endpoint = self._output("DynamoDbEndpoint") if self.is_local else None
        return self.session.client("dynamodb", self.region, endpoint_url=endpoint, config=PATIENT)

    def environment(self) -> dict[str, str]:
        """What the layer's modules read here, and by what AWS's SDK is where this target's session is."""
        if self.is_local:
            return {
                **json.loads(self._output("Environment")),
                "AWS_ACCESS_KEY_ID": _LOCAL_KEY,
                "AWS_SECRET_ACCESS_KEY": _LOCAL_KEY,
                "AWS_DEFAULT_REGION": _LOCAL_REGION,
                "AWS_ENDPOINT_URL": self._output("AwsEndpoint"),
                "AWS_ENDPOINT_URL_DYNAMODB": self._output("DynamoDbEndpoint"),
            }
        read = {
            "ACCOUNTS_TABLE": self.accounts_table,
            "EVENTS_TABLE": self.events_table,
            "TOTP_KEY": self._output("TotpKeyId"),
            "EVENT_LIFE": self._output("EventLife"),
        }
        profile = {"AWS_PROFILE": self._options.profile} if self._options.profile else {}
        return {**read, "AWS_DEFAULT_REGION": self.region, **profile}

    @property
    def dead_letters(self) -> str:
        """The queue's URL."""
        return self._output("DeadLettersUrl")

    def client(self, service: Literal["sns", "sqs"]) -> Any:
        """Of any other service, with the same credentials."""
        endpoint = self._output("AwsEndpoint") if self.is_local else None
        return self.session.client(service, self.region, endpoint_url=endpoint)

    def _output(self, name: str) -> str:
        """An output of the stack. Raises UsageError where an API's address is all there is."""
        if self._options.api:
            raise UsageError("This works on the tables: give --stack NAME, whose outputs name them, not --api.")
        if name not in self._outputs:
            raise CommandError(f"{self._options.stack}: the stack has no output {name}; is it Rekey's?")
        return self._outputs[name]

    @cached_property
    def _outputs(self) -> dict[str, str]:
        if self.is_local:
            return _local_outputs()
        cloudformation = self.session.client("cloudformation", self.region)
        (stack,) = cloudformation.describe_stacks(StackName=self._options.stack)["Stacks"]
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def _local_url() -> str:
    return f"http://localhost:{os.environ.get('PORT') or 3000}"


def _local_outputs() -> dict[str, str]:
    """Raises CommandError where no instance runs."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # it is on this machine
    try:
        with opener.open(f"{_local_url()}/_local/outputs.json", timeout=_LOCAL_WAIT) as answer:
            outputs: dict[str, str] = json.load(answer)
            return outputs
    except (OSError, ValueError) as error:
        raise no_instance(str(error)) from None


def no_instance(told: str) -> CommandError:
    """That `--local` met nobody."""
    where = "" if os.environ.get("PORT") else ", or set PORT to where it runs"
    return CommandError(f"{_local_url()}: no instance of Rekey answers there ({told}). Start it: make run{where}")
