"""The example of docs/guard-an-api.md under the Lambda Runtime Interface Emulator: authorizer, then function."""

import json
import os
from pathlib import Path

import pytest

from local.demo_account import ACCESS_TOKEN, ACCOUNT_ID
from local.template import ROOT, Template
from tests.demo_events import load_event
from tests.runtime import emulator
from tests.runtime.tools import lacking_emulator
from tests.stack import Stack

pytestmark = pytest.mark.runtime


def test_revoked_is_shut_out_at_the_next_request(
    built: Path, template: Template, embedded: Stack, tmp_path: Path
) -> None:
    """The built authorizer lets a session in and the function is told whose it is; once revoked, it is shut out."""
    if reason := lacking_emulator():
        pytest.skip(reason)
    request, home = load_event("authorizer"), ROOT / "examples/guarded-api"
    with (
        emulator.serve(built, template, "authorizer", tmp_path / "authorizer") as authorizer,
        emulator.serve_handler("who.lambda_handler", home, {"PATH": os.environ["PATH"]}, tmp_path / "who") as who,
    ):
        judged = authorizer.invoke(request)
        assert judged["isAuthorized"], judged
        answer = who.invoke({"requestContext": {"authorizer": {"lambda": judged["context"]}}})
        assert json.loads(answer["body"])["account_id"] == ACCOUNT_ID

        assert embedded.call("POST /revoke-tokens", {"scope": "all"}, token=str(ACCESS_TOKEN)).status == 204
        assert authorizer.invoke(request) == {"isAuthorized": False, "context": {"reason": "access_token_invalid"}}
