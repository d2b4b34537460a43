"""Calls of the admin routes, signed with the operator's credentials.

boto3 has no client for an API of one's own: botocore, which it is made of, has the signer.
"""

from __future__ import annotations

import contextlib
import json
from http import HTTPStatus
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import EndpointConnectionError, NoCredentialsError
from botocore.httpsession import URLLib3Session
from botocore.utils import get_environ_proxies

from rekey_admin.errors import CommandError
from rekey_admin.target import Target, no_instance

WAIT = 35  # seconds: API Gateway answers within 30


class RefusedError(CommandError):
    """The API refused, with the code of its problem."""

    def __init__(self, code: str, told: str) -> None:
        super().__init__(told)
        self.code = code


def call(target: Target, act: str, body: dict[str, Any]) -> Any:
    """`POST /admin/<act>`; what it answers, None where that is nothing. Raises CommandError."""
    path = f"/admin/{act}"
    request = AWSRequest("POST", target.api_url + path, _headers(), json.dumps(body).encode())
    credentials = target.session.get_credentials()
    if not credentials:
        raise NoCredentialsError
    SigV4Auth(credentials, "execute-api", target.region).add_auth(request)
    proxies = {} if target.is_local else get_environ_proxies(target.api_url)
    with contextlib.closing(URLLib3Session(timeout=WAIT, proxies=proxies)) as session:
        try:
            answer = session.send(request.prepare())
        except EndpointConnectionError as error:
            if not target.is_local:
                raise
            raise no_instance(str(error)) from None
    if answer.status_code < HTTPStatus.BAD_REQUEST:
        return json.loads(answer.content) if answer.content else None
    raise _refusal(target, path, answer)


def _headers() -> dict[str, str]:
    return {"Content-Type": "application/json", "User-Agent": "rekey-admin"}


def _refusal(target: Target, path: str, answer: Any) -> CommandError:
    """In words: API Gateway's own refusals say little."""
    try:
        problem = json.loads(answer.content)
    except ValueError:
        problem = {}
    code = problem.get("code", "")
    if not code and answer.status_code == HTTPStatus.FORBIDDEN:
        api = target.api_url.partition("//")[2].partition(".")[0]
        return CommandError(
            f"403: these credentials may not call POST {path}. They need execute-api:Invoke on "
            f"arn:aws:execute-api:{target.region}:*:{api}/*/POST{path} (and a clock that is right to five minutes)."
        )
    if code in {"", "not_found"} and answer.status_code == HTTPStatus.NOT_FOUND:
        return CommandError(f"404: {target.api_url} has no route POST {path}. Is it Rekey's, and of this version?")
    title = problem.get("title") or problem.get("message") or "no reason was given"
    fields = "".join(f" ({error['field']}: {error['code']})" for error in problem.get("errors", []))
    wait = answer.headers.get("Retry-After")
    after = f" Try again in {wait} seconds." if wait else ""
    return RefusedError(code, f"{answer.status_code} {code}: {title}{fields}{after}")
