"""The embedded AWS: moto as an HTTP endpoint in this process, and what the template declares, made in it."""

from __future__ import annotations

import json
import os
from http import HTTPStatus

from botocore.awsrequest import AWSPreparedRequest
from botocore.compat import HTTPHeaders
from moto.core.models import botocore_stubber

from local import (
    moto_patches,  # noqa: F401 - it patches on import
    moto_shortcuts,  # noqa: F401 - so does it
    queues,
)
from local.server import Received, Sent, Server, message
from local.signatures import CREDENTIALS
from local.template import REGION, Template
from rekey.aws import sdk

# What botocore signs as one service, and moto knows by the name of another host.
_HOSTS = {"ses": "email"}
_KEPT = {"AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_DYNAMODB_STREAMS"}
ARCHIVE = "events"  # what came on the bus, for a page to show


def make_server() -> Server:
    """Raises OSError where the port is taken. AWS_HOST lets containers in, which reach this machine over a bridge."""
    server = Server(os.environ.get("AWS_HOST") or "127.0.0.1", int(os.environ.get("AWS_PORT") or 0))
    server.answering = _answer
    return server


def _answer(received: Received) -> Sent:
    """The call, as moto's patched botocore would answer it; the signature says for which service it is."""
    scope = received.header("authorization").partition("Credential=")[2].split("/")[:4]
    if len(scope) < 4:  # noqa: PLR2004 - key, date, region, service
        return message(HTTPStatus.FORBIDDEN)
    host = _HOSTS.get(scope[3], scope[3])
    if received.header("x-amz-target").startswith("DynamoDBStreams_"):
        host = "streams.dynamodb"
    headers = HTTPHeaders()
    for name, value in received.headers:
        headers[name] = value
    url = f"https://{host}.{REGION}.amazonaws.com{received.path}?{received.query}"
    answered = botocore_stubber.process_request(
        AWSPreparedRequest(received.method, url, headers, received.body, False)  # noqa: FBT003 - botocore's signature
    )
    if not answered:
        return message(HTTPStatus.NOT_FOUND)
    status, sent, body = answered
    kept = [(name, str(value)) for name, value in sent.items() if name.lower() not in {"date", "content-length"}]
    return Sent(status, kept, body.encode() if isinstance(body, str) else body)


def point_at(port: int) -> None:
    """No credential, profile, endpoint or proxy of the machine: nothing here may reach a real account."""
    for name in list(os.environ):
        if (name.startswith("AWS_") and name not in _KEPT) or name.lower().endswith("_proxy"):
            del os.environ[name]
    os.environ |= {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": CREDENTIALS.access_key,
        "AWS_SECRET_ACCESS_KEY": CREDENTIALS.secret_key,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    if "AWS_ENDPOINT_URL_DYNAMODB" in os.environ:  # its streams are served there too
        os.environ.setdefault("AWS_ENDPOINT_URL_DYNAMODB_STREAMS", os.environ["AWS_ENDPOINT_URL_DYNAMODB"])


def create_resources(template: Template) -> set[str]:
    """Make keys, queues, the bus with an archive of what came on it, tables and the sender.

    The tables that were there before, in DynamoDB Local, are returned.
    """
    for name, key in template.keys().items():
        template.physical[name] = sdk.kms().create_key(**key)["KeyMetadata"]["KeyId"]
    queues.create_queues(template)
    for name in template.resources("AWS::Events::EventBus"):
        bus = sdk.eventbridge().create_event_bus(Name=name)["EventBusArn"]
        sdk.eventbridge().create_archive(ArchiveName=ARCHIVE, EventSourceArn=bus, EventPattern='{"source": ["rekey"]}')
    sdk.ses().create_email_identity(EmailIdentity=template.parameters["MailFrom"])
    existing = set(sdk.dynamodb().list_tables()["TableNames"])
    for table in template.tables():
        if table["TableName"] not in existing:
            sdk.dynamodb().create_table(**table)
    return existing & {table["TableName"] for table in template.tables()}


def outputs(template: Template) -> dict[str, str]:
    """The template's outputs, as CloudFormation tells them, and what else `rekey-admin --local` cannot ask AWS for.

    That is where tables and the rest of AWS are, and the functions' environment.
    """
    declared = {
        name: str(template.resolve(each["Value"]))
        for name, each in template.document["Outputs"].items()
        if "Condition" not in each or template.holds(each["Condition"])
    }
    endpoint = os.environ.get("AWS_ENDPOINT_URL_DYNAMODB") or os.environ["AWS_ENDPOINT_URL"]
    environment = json.dumps(template.environment())
    aws = {"DynamoDbEndpoint": endpoint, "AwsEndpoint": os.environ["AWS_ENDPOINT_URL"]}
    return {**declared, **aws, "Environment": environment}
