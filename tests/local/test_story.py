"""The flows over HTTP, on a running instance: mails, races, what cannot be delivered, and the demo."""

from __future__ import annotations

import json
import os
import re
import secrets
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from local.template import ROOT
from tests.local.conftest import PATIENCE, Running, wait_for


def play(**environment: str) -> subprocess.CompletedProcess[str]:
    known = {"PATH": os.environ["PATH"], "PYTHONPATH": "functions:layers/common:."}
    return subprocess.run(
        [sys.executable, "-m", "local.demo"],
        cwd=ROOT,
        env=known | environment,
        capture_output=True,
        text=True,
        timeout=4 * PATIENCE,
        check=False,
    )


def test_the_demo_plays_on_a_running_instance(instance: Running) -> None:
    """`make demo` goes through the whole story, twice on the same instance."""
    for _ in range(2):
        played = play(BASE_URL=f"http://127.0.0.1:{instance.port}")
        assert (played.returncode, played.stderr) == (0, "")
        assert "All as it should be." in played.stdout


def test_the_demo_plays_on_its_own(instance: Running) -> None:
    """Where no instance answers on the port, the demo starts one and stops it."""
    played = play(PORT=str(instance.aws_port))
    assert (played.returncode, played.stderr) == (0, "")
    assert "one of its own" in played.stdout


def test_the_demo_stops_at_a_wrong_answer(instance: Running) -> None:
    """A step that is answered otherwise than it should be ends the demo with a word about it and status 1."""
    played = play(BASE_URL=f"http://127.0.0.1:{instance.aws_port}")
    assert played.returncode == 1
    assert "POST /sign-up was to answer 202" in played.stderr
    assert "Traceback" not in played.stderr


def test_the_form_of_the_inbox(instance: Running) -> None:
    """inbox.json has the newest mail first, each with the fields of the contract."""
    first, second = (f"{secrets.token_hex(4)}@example.com" for _ in range(2))
    for email in (first, second):
        instance.client.call("POST /sign-up", {"email": email})
        instance.mail_to(email)
    mails = instance.client.inbox()
    assert [mail["to"] for mail in mails[:2]] == [second, first]
    mail = mails[0]
    assert set(mail) == {"to", "subject", "text", "html", "links", "sent_at"}
    assert mail["links"] == re.findall(r"https?://\S+", mail["text"])
    assert mail["links"][0].startswith(f"http://localhost:{instance.port}/sign-up/complete#token=")
    assert mail["links"][0] in mail["html"]
    age = datetime.now(UTC) - datetime.strptime(mail["sent_at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert timedelta(0) <= age < timedelta(minutes=1)


def test_eight_resets_with_one_token(instance: Running) -> None:
    """Of parallel resets with one mailed token, exactly one wins."""
    email, _ = instance.sign_up()
    instance.client.call("POST /forgot", {"email": email})
    token = instance.token_to(email, "new password")
    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(
            lambda number: (
                instance.client.call("POST /reset", {"token": token, "new_password": f"Third-Horse-{number}1"}).status
            ),
            range(8),
        )
        assert sorted(answers) == [204, *[400] * 7]


def test_a_mail_that_fails_is_put_aside(instance: Running) -> None:
    """A mail that SES refuses is tried again, then lies in the dead-letter queue; the mails after it are sent."""
    ses, sqs = instance.aws("sesv2"), instance.aws("sqs")
    queue, lane = (sqs.get_queue_url(QueueName=name)["QueueUrl"] for name in ("DeadLetters", "StrangersQueue"))
    timeout = sqs.get_queue_attributes(QueueUrl=lane, AttributeNames=["VisibilityTimeout"])["Attributes"]
    sqs.set_queue_attributes(QueueUrl=lane, Attributes={"VisibilityTimeout": "1"})  # nobody waits for the real one here
    ses.delete_email_identity(EmailIdentity="no-reply@example.com")
    instance.client.call("POST /sign-up", {"email": f"{secrets.token_hex(4)}@example.com"})
    messages = wait_for(lambda: sqs.receive_message(QueueUrl=queue, AttributeNames=["All"]).get("Messages"))
    ses.create_email_identity(EmailIdentity="no-reply@example.com")
    sqs.set_queue_attributes(QueueUrl=lane, Attributes=timeout)
    assert set(json.loads(messages[0]["Body"])) == {"pk", "sk"}
    assert int(messages[0]["Attributes"]["ApproximateReceiveCount"]) > 5
    assert "example.com" not in messages[0]["Body"]
    instance.sign_up()


@pytest.mark.parametrize("path", ["/_local/", "/_local/inbox", "/_local/api", "/reset", "/sign-up/complete"])
def test_pages_load_nothing_from_outside(instance: Running, path: str) -> None:
    """Each local page, and each that a mailed link leads to, is whole in itself."""
    html = instance.page(path)
    assert "<!doctype html>" in html
    assert not re.search(r"<(script|img|link|iframe)[^>]+(src|href)=.(https?:)?//", html)


def test_the_api_page_has_every_operation(instance: Running) -> None:
    """Each operation of docs/openapi.json has a form with its fields."""
    html = instance.page("/_local/api")
    for path, item in json.loads((ROOT / "docs" / "openapi.json").read_text())["paths"].items():
        for method in item:
            assert f'data-method="{method.upper()}" data-path="{path}"' in html
    assert 'name="challenge_token"' in html
    assert "totp_clock_off" in html


def test_a_mail_cannot_act_in_the_inbox(instance: Running) -> None:
    """A mail's HTML is shown in a frame that runs no script."""
    instance.sign_up()
    frames = re.findall(r"<iframe[^>]*>", instance.page("/_local/inbox"))
    assert frames
    assert all("sandbox=" in frame and "allow-scripts" not in frame for frame in frames)
    assert all("allow-same-origin" not in frame for frame in frames)
