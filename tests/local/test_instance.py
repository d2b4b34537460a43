"""`make run`: starts with clear words or not at all, ends cleanly, answers as API Gateway does."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import urllib.request
from contextlib import closing
from typing import Any

import boto3
import pytest

from local.client import free_port
from local.template import REGION, ROOT
from tests.local.conftest import PATIENCE, Running, wait_for

RUN = [sys.executable, "-m", "local.run"]
ENVIRONMENT = {"PATH": os.environ["PATH"], "PYTHONPATH": "functions:layers/common:."}


def start(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        RUN, cwd=ROOT, env=ENVIRONMENT | environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def ask(
    running: Running, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], str]:
    """One request on a connection of its own: status, headers in lower case, body."""
    with closing(http.client.HTTPConnection("127.0.0.1", running.port, timeout=PATIENCE)) as connection:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return (
            answer.status,
            {name.lower(): value for name, value in answer.getheaders()},
            answer.read().decode(errors="replace"),
        )


def raw(running: Running, request: bytes) -> str:
    with socket.create_connection(("127.0.0.1", running.port), timeout=PATIENCE) as connection:
        connection.sendall(request)
        return connection.recv(65536).decode()


def test_a_taken_port_is_one_line(instance: Running) -> None:
    """A port that is in use is named in one line, without a traceback, and the exit status is 1."""
    ended = start(PORT=str(instance.port))
    assert ended.returncode == 1
    assert ended.stderr.startswith("PORT: ")
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ("NoSuch=1", "NoSuch"),
        ("PasswordRule=lax", "PasswordRule"),
        ("LinkLife=1", "LinkLife"),
        ("PasswordRule", "PasswordRule"),
        ("Issuer='Sales", "quotation"),
    ],
)
def test_a_bad_parameter_is_one_line(parameters: str, named: str) -> None:
    """A parameter that the template refuses is named in one line, without a traceback, and the exit status is 1."""
    ended = start(PORT=str(free_port()), PARAMETERS=parameters)
    assert ended.returncode == 1
    assert ended.stderr.startswith("PARAMETERS: ")
    assert named in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_a_dynamodb_that_does_not_answer_is_one_line() -> None:
    """A DynamoDB Local that is not there is named in one line, and the exit status is 1."""
    ended = start(PORT=str(free_port()), AWS_ENDPOINT_URL_DYNAMODB=f"http://127.0.0.1:{free_port()}")
    assert ended.returncode == 1
    assert ended.stderr.startswith("AWS_ENDPOINT_URL_DYNAMODB: ")
    assert ended.stderr.count("\n") == 1


def started(port: int, stderr: int) -> tuple[subprocess.Popen[str], str]:
    """An instance of the test's own, and what it printed until it served."""
    process = subprocess.Popen(
        RUN,
        cwd=ROOT,
        env=ENVIRONMENT | {"PORT": str(port)},
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    )
    assert process.stdout
    printed = ""
    while "Ctrl-C" not in printed:
        line = process.stdout.readline()
        assert line, printed
        printed += line
    return process, printed


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly(ending: signal.Signals) -> None:
    """SIGINT and SIGTERM end it with status 0 and nothing on stderr, while a client keeps a connection open."""
    port = free_port()
    process, printed = started(port, subprocess.PIPE)
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as waiting:
        waiting.sendall(b"GET /_local/inbox.json HTTP/1.1\r\nHost: x\r\n\r\n")
        waiting.recv(65536)
        process.send_signal(ending)
        _, errors = process.communicate(timeout=PATIENCE)
    assert (process.returncode, errors) == (0, "")
    assert f"http://localhost:{port}/_local/inbox" in printed


def test_the_terminal_shows_no_secret() -> None:
    """Of a request, the terminal shows method, path, status and time: no query, no body, no header, no metric."""
    port = free_port()
    process, _ = started(port, subprocess.STDOUT)
    assert process.stdout
    for _ in range(2):  # sent twice: a repeat is refused, or not, without more words
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/sign-up?q=query-secret",
            json.dumps({"email": "body-secret@example.com"}).encode(),
            {"Content-Type": "application/json", "Authorization": "Bearer header-secret"},
        )
        urllib.request.urlopen(request, timeout=PATIENCE).close()
    printed = ""
    while printed.count("POST /sign-up 202 ") < 2:
        line = process.stdout.readline()
        assert line, printed
        printed += line
    process.send_signal(signal.SIGINT)
    printed += process.communicate(timeout=PATIENCE)[0]
    assert "secret" not in printed
    assert "_aws" not in printed
    assert printed.count("POST /sign-up 202 ") == 2


def test_no_route_is_not_found(instance: Running) -> None:
    """What is not routed is not found: as the template's last routes say, or as API Gateway does of other methods."""
    listed = {"Origin": "http://localhost:3000"}
    for method, path in (("GET", "/no-such"), ("POST", "/no-such"), ("GET", "/change"), ("POST", "/security")):
        status, headers, text = ask(instance, method, path, headers=listed)
        assert (status, json.loads(text)["code"]) == (404, "not_found")
        assert headers["access-control-allow-origin"] == "http://localhost:3000"
    status, headers, text = ask(instance, "DELETE", "/sign-up")
    assert (status, text) == (404, '{"message":"Not Found"}')
    assert headers["content-type"] == "application/json"


@pytest.mark.parametrize("path", ["/", "/sign-in", "/favicon.ico", "/no-such", "/_local/"])
def test_head(instance: Running, path: str) -> None:
    """It is answered as GET is, its length too, without the body (RFC 9110 §9.3.2)."""
    asked = {"Accept": "text/html", "Accept-Language": "sv"}
    status, headers, _ = ask(instance, "GET", path, headers=asked)
    told, same, text = ask(instance, "HEAD", path, headers=asked)
    each_time = {"date", "apigw-requestid"}
    assert (told, text) == (status, "")
    assert {**same, **dict.fromkeys(each_time)} == {**headers, **dict.fromkeys(each_time)}


def test_preflight_of_a_listed_origin(instance: Running) -> None:
    """A preflight is answered by the gateway, from the template's configuration."""
    asked = {"Origin": "http://localhost:3000", "Access-Control-Request-Method": "POST"}
    status, headers, text = ask(instance, "OPTIONS", "/sign-in", headers=asked)
    assert (status, text) == (204, "")
    assert headers["access-control-allow-origin"] == "http://localhost:3000"
    assert headers["access-control-allow-methods"] == "GET,POST"
    assert headers["access-control-allow-headers"] == "authorization,content-type"
    assert headers["access-control-max-age"] == "600"


def test_cors_headers_of_an_answer(instance: Running) -> None:
    """An answer to a listed origin may be read by it; one to another origin may not."""
    _, listed, _ = ask(instance, "GET", "/account", headers={"Origin": "http://localhost:3000"})
    _, other, _ = ask(instance, "GET", "/account", headers={"Origin": "https://evil.example"})
    asked = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    _, preflight, _ = ask(instance, "OPTIONS", "/account", headers=asked)
    assert listed["access-control-allow-origin"] == "http://localhost:3000"
    assert listed["access-control-expose-headers"] == "Retry-After,WWW-Authenticate"
    assert not [name for name in {**other, **preflight} if name.startswith("access-control")]


def test_a_body_over_the_quota(instance: Running) -> None:
    """More than 10 MB is refused as API Gateway refuses it, and the connection lives on."""
    with closing(http.client.HTTPConnection("127.0.0.1", instance.port, timeout=PATIENCE)) as connection:
        connection.request("POST", "/sign-up", b"x" * (10 * 1024 * 1024 + 1))
        refused = connection.getresponse()
        assert (refused.status, refused.read()) == (413, b'{"message":"Request Entity Too Large"}')
        connection.request("GET", "/no-such")
        with connection.getresponse() as answer:
            assert answer.status == 404


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/9.9\r\n\r\n", 505),
        (b"BREW /sign-up HTTP/1.1\r\n\r\n", 501),
        (b"POST /sign-up HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST /sign-up HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411),
        (b"GET /" + b"a" * 70000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 200 + b"\r\n", 431),
    ],
)
def test_malformed_http_is_refused_and_survived(instance: Running, request_: bytes, status: int) -> None:
    """What is not HTTP, or not taken, is refused with its status, and the next request is answered."""
    assert raw(instance, request_).startswith(f"HTTP/1.1 {status} ")
    assert instance.client.answers()


def test_the_client_address_is_the_sockets(instance: Running) -> None:
    """X-Forwarded-For cannot set the address that limits and mails go by."""
    email = f"{secrets.token_hex(4)}@example.com"
    instance.client.call("POST /sign-up", {"email": email}, headers={"X-Forwarded-For": "203.0.113.9"})
    text = instance.mail_to(email)["text"]
    assert "127.0.0.0/24" in text
    assert "203.0.113" not in text


def test_forms_are_decoded(instance: Running) -> None:
    """A form, which API Gateway hands on in base64, reaches its flow."""
    form = "grant_type=refresh_token&refresh_token=x"
    _, _, text = ask(instance, "POST", "/oauth/token", form, {"Content-Type": "application/x-www-form-urlencoded"})
    assert json.loads(text)["error"] == "invalid_grant"


def test_parameters_take_effect(nist: Running) -> None:
    """PARAMETERS reaches the functions: another rule refuses what the default one takes, another name signs."""
    email = f"{secrets.token_hex(4)}@example.com"
    nist.client.call("POST /sign-up", {"email": email})
    mail = nist.mail_to(email)
    token = mail["links"][0].partition("#token=")[2]
    answer = nist.client.call("POST /sign-up/complete", {"token": token, "password": "Horse-Tree-9"})
    assert mail["subject"] == "Finish signing up for Sales Connect"
    assert (answer.status, answer.json["code"]) == (422, "weak_password")


def test_outputs_lead_to_the_tables(instance: Running) -> None:
    """What CloudFormation would tell of the stack is told here: a client of the tables finds them by it."""
    told = instance.client.call("GET /_local/outputs.json").json

    tables = boto3.client("dynamodb", endpoint_url=told["DynamoDbEndpoint"], region_name=REGION)
    assert told["ApiUrl"] == f"http://localhost:{instance.port}"
    assert set(tables.list_tables()["TableNames"]) == {
        told["AccountsTableName"],
        told["EventsTableName"],
        told["TokensTableName"],
    }


def test_events_can_be_read(instance: Running) -> None:
    """What came on the bus is shown in the form of docs/events.md, the newest first."""
    email, token = instance.sign_up()
    account_id = instance.client.call("GET /account", bearer=token).json["account_id"]

    def mine() -> list[dict[str, Any]]:
        shown = instance.client.call("GET /_local/events.json").json
        return [event for event in shown if event["detail"].get("account_id") == account_id]

    (event,) = wait_for(mine)
    assert set(event) == {"source", "detail-type", "detail"}
    assert (event["source"], event["detail-type"]) == ("rekey", "account.created")
    assert email not in str(event)


def test_the_guarded_example_has_a_port_of_its_own(instance: Running) -> None:
    """PORT, which says where Rekey is, does not send the example there too."""
    port = free_port()
    own = {"PORT": str(instance.port), "GUARDED_PORT": str(port), "AWS_PORT": str(instance.aws_port)}
    with subprocess.Popen(
        [sys.executable, "-m", "local.guarded"], env=ENVIRONMENT | own, stdout=subprocess.PIPE, text=True
    ) as guarded:
        assert guarded.stdout
        said = guarded.stdout.readline()
        guarded.terminate()

    assert f"http://localhost:{port}/who" in said
