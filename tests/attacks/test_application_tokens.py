"""What somebody can do with a token of an application that is forged, another's, or meant for other APIs."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest

from rekey.aws.store import Row
from rekey.oauth import base64url, jwt
from rekey.sessions import tokens
from tests import seeds
from tests.actors import SERVICE, authorizing
from tests.stack import Answer, Stack, deployed_with

API = "https://api.example.com"


@pytest.fixture
def owner(stack: Stack) -> Row:  # noqa: ARG001 - the tables must be there
    return seeds.new_account()


@pytest.fixture
def signing(stack: Stack) -> Row:  # noqa: ARG001
    """An application whose access tokens are JWTs."""
    return seeds.register(access_tokens="jwt")


def part(text: str, index: int) -> dict[str, Any]:
    return dict(json.loads(base64.urlsafe_b64decode(text.split(".")[index] + "==")))


def put_together(header: dict[str, Any], claims: dict[str, Any], signature: bytes = b"") -> str:
    signed = ".".join(base64url.encode(json.dumps(each).encode()) for each in (header, claims))
    return f"{signed}.{base64url.encode(signature)}"


def with_alg_none(text: str) -> str:
    return put_together({"alg": "none", "typ": "at+jwt"}, part(text, 1))


def with_hs256(text: str) -> str:
    """Keyed by what everybody can read: the public key."""
    public = boto3.client("kms").get_public_key(KeyId=part(text, 0)["kid"])["PublicKey"]
    signed = put_together({**part(text, 0), "alg": "HS256"}, part(text, 1)).rpartition(".")[0]
    return f"{signed}.{base64url.encode(hmac.digest(public, signed.encode(), hashlib.sha256))}"


def with_another_typ(text: str) -> str:
    return jwt.sign("JWT", part(text, 1))


def with_another_audience(text: str) -> str:
    return jwt.sign("at+jwt", {**part(text, 1), "aud": "https://other.example.com"})


def with_more_scope(text: str) -> str:
    return jwt.sign("at+jwt", {**part(text, 1), "scope": "account openid"})


def with_another_signature(text: str) -> str:
    signed, _, signature = text.rpartition(".")
    return f"{signed}.{('B' if signature[0] != 'B' else 'C') + signature[1:]}"


def with_a_signature_that_decodes_alike(text: str) -> str:
    return text + "="


def with_another_session(text: str) -> str:
    return jwt.sign("at+jwt", {**part(text, 1), "sid": "0" * 28})


def with_nothing(_: str) -> str:
    return ".."


FORGED = [
    *(with_alg_none, with_hs256, with_another_typ, with_another_audience, with_more_scope, with_another_signature),
    *(with_a_signature_that_decodes_alike, with_another_session, with_nothing),
]


def is_taken(stack: Stack, text: str) -> list[bool]:
    """At each place that takes a token: userinfo, introspection, the authorizer, and the account's own routes."""
    introspected = stack.call("POST /oauth/introspect", form={"token": text}, caller=SERVICE).json
    return [
        stack.call("GET /oauth/userinfo", token=text).status == 200,
        introspected["active"],
        stack.invoke("authorizer", authorizing(text))["isAuthorized"],
        stack.is_signed_in(text),
    ]


@pytest.mark.parametrize("forge", FORGED)
def test_forged_jwt(stack: Stack, owner: Row, signing: Row, forge: Callable[[str], str]) -> None:
    """However it was made, by our own key even: only the very text that was handed out is a token."""
    text = seeds.issue_granted(owner, signing).access_token
    assert is_taken(stack, text) == [True, True, True, False]

    assert is_taken(stack, forge(text)) == [False] * 4


def test_an_id_token_is_no_access_token(stack: Stack, owner: Row) -> None:
    """It names the same account and session, and our key has signed it."""
    granted = seeds.issue_granted(owner, seeds.register())

    assert is_taken(stack, granted.id_token or "") == [False] * 4


@pytest.mark.parametrize("text", ["a.b.c", "eyJ.eyJ.eyJ", "..", "é.é.é", ".e30.", ".bnVsbA.", "." + "A" * 9000 + "."])
def test_nonsense(stack: Stack, text: str) -> None:
    assert is_taken(stack, text) == [False] * 4


def test_a_disguised_access_token(stack: Stack, owner: Row) -> None:
    """An application's, with the prefix of a direct sign-in's and a new checksum."""
    held = tokens.parse_access(seeds.issue_granted(owner, seeds.register()).access_token)
    assert held
    assert held.purpose == "rkn"

    assert is_taken(stack, str(tokens.Token("rka", held.owner, held.token_id, held.secret))) == [False] * 4


# Which APIs a token is for


def authorize(stack: Stack, text: str, audience: str = "", scope: str = "") -> dict[str, Any]:
    with deployed_with(AUTHORIZER_AUDIENCE=audience, AUTHORIZER_SCOPE=scope):
        answer: dict[str, Any] = stack.invoke("authorizer", authorizing(text))
    return answer


def test_the_authorizer_tells_what_a_token_is_for(stack: Stack, owner: Row) -> None:
    """An API that takes tokens of several applications decides by it."""
    client = seeds.register()
    text = seeds.issue_granted(owner, client, ["openid", "orders:read"]).access_token
    (session,) = seeds.sessions_of(owner)

    told = authorize(stack, text)["context"]

    assert told["client_id"] == client["client_id"]
    assert told["scope"] == "openid orders:read"
    assert told["sid"] == told["session_id"] == session["session_id"]
    direct = authorize(stack, seeds.issue_access(owner))["context"]
    assert (direct["client_id"], direct["scope"]) == ("", "account openid email profile offline_access")


@pytest.mark.parametrize(
    ("audience", "scope", "reason"),
    [
        (API, "", None),
        (API, "orders:read", None),
        ("", "openid orders:read", None),
        (API + "/", "", "audience"),
        ("https://api", "", "audience"),
        ("", "orders:write", "insufficient_scope"),
        ("", "orders:read orders:write", "insufficient_scope"),
        ("", "orders", "insufficient_scope"),
        ("", "account", "insufficient_scope"),
    ],
)
@pytest.mark.parametrize("kind", ["opaque", "jwt"])
def test_the_authorizer_asks_for_what_is_set(  # noqa: PLR0913, PLR0917 - a table's columns
    stack: Stack, owner: Row, kind: str, audience: str, scope: str, reason: str | None
) -> None:
    """A token for another API, or with less than this one asks for, does not get in; and it is told why."""
    text = seeds.issue_granted(owner, seeds.register(access_tokens=kind), ["openid", "orders:read"]).access_token

    answer = authorize(stack, text, audience, scope)

    assert answer["isAuthorized"] == (reason is None)
    assert answer["context"].get("reason") == reason


def test_a_direct_sign_in_names_no_api(stack: Stack, owner: Row) -> None:
    """An API that asks for an audience does not get to see a token that could change a password."""
    text = seeds.issue_access(owner)

    assert authorize(stack, text, API)["context"] == {"reason": "audience"}
    assert authorize(stack, text, "", "account openid")["isAuthorized"]


# Who may ask about tokens, and give them back


def introspect(stack: Stack, text: str, client: Row, secret: str | None = None) -> Answer:
    form = {"token": text, "client_id": client["client_id"], **({"client_secret": secret} if secret else {})}
    return stack.call("POST /oauth/introspect/client", form=form)


def test_introspection_of_what_concerns_nobody_else(stack: Stack, owner: Row) -> None:
    """Its own tokens, and those for an audience of its own: an API learns nothing of tokens for others."""
    client, secret = seeds.register_confidential(scopes=["openid"], audiences=[])
    api, api_secret = seeds.register_confidential(type="service", audiences=[API])
    other, other_secret = seeds.register_confidential(type="service", audiences=["https://other.example.com"])
    text = seeds.issue_granted(owner, seeds.register()).access_token

    told = introspect(stack, text, api, api_secret).json
    assert (told["active"], told["aud"], told["sub"]) == (True, [API], owner["account_id"])
    for who, proof in ((client, secret), (other, other_secret)):
        assert introspect(stack, text, who, proof).json == {"active": False}
    assert introspect(stack, seeds.issue_access(owner), api, api_secret).json == {"active": False}


def test_introspection_of_its_own(stack: Stack, owner: Row) -> None:
    """Without an audience; and what it tells of whom."""
    client, secret = seeds.register_confidential(audiences=[])
    form = seeds.redeeming(seeds.issue_code(owner, client), client, client_secret=secret)
    held = stack.call("POST /oauth/token", form=form).json

    told = introspect(stack, held["access_token"], client, secret).json

    assert (told["client_id"], told["scope"], "aud" in told) == (client["client_id"], held["scope"], False)
    assert introspect(stack, held["refresh_token"], client, secret).json == {"active": False}


def test_introspection_by_nobody(stack: Stack, owner: Row) -> None:
    """Else tokens could be tried here one by one (RFC 7662 §2.1): by who keeps no secret, or has a wrong one."""
    client = seeds.register()
    api, _ = seeds.register_confidential(type="service")
    _, wrong = seeds.register_confidential()
    text = seeds.issue_granted(owner, client).access_token

    for token in (text, "nonsense"):
        assert introspect(stack, token, client).code == "invalid_client"
        assert introspect(stack, token, api).code == "invalid_client"
        assert introspect(stack, token, api, wrong).code == "invalid_client"
        answer = stack.call("POST /oauth/introspect/client", form={"token": token}, caller=SERVICE)
        assert answer.code == "invalid_client"


def revoke(stack: Stack, text: str, **more: str) -> Answer:
    return stack.call("POST /oauth/revoke", form={"token": text, **more})


def test_revocation_by_its_application_alone(stack: Stack, owner: Row) -> None:
    """Whoever else holds a token does not end a session by it (RFC 7009 §2.1)."""
    client, secret = seeds.register_confidential()
    form = seeds.redeeming(seeds.issue_code(owner, client), client, client_secret=secret)
    held = stack.call("POST /oauth/token", form=form).json
    other, wrong = seeds.register_confidential()

    for text in (held["access_token"], held["refresh_token"]):
        assert revoke(stack, text).code == "invalid_client"
        assert revoke(stack, text, client_id=client["client_id"]).code == "invalid_client"
        assert revoke(stack, text, client_id=client["client_id"], client_secret=wrong).code == "invalid_client"
        assert revoke(stack, text, client_id=other["client_id"], client_secret=wrong).status == 200
        assert len(seeds.sessions_of(owner)) == 1
    assert revoke(stack, held["access_token"], client_id=client["client_id"], client_secret=secret).status == 200
    assert seeds.sessions_of(owner) == []


@pytest.mark.parametrize("kind", ["opaque", "jwt"])
def test_revocation_by_a_public_application(stack: Stack, owner: Row, kind: str) -> None:
    """It names itself; the token that it holds is its proof, in any form."""
    client, other = seeds.register(access_tokens=kind), seeds.register()
    granted = seeds.issue_granted(owner, client)

    assert revoke(stack, granted.access_token, client_id=other["client_id"]).status == 200
    assert len(seeds.sessions_of(owner)) == 1
    assert revoke(stack, granted.access_token, client_id=client["client_id"]).status == 200
    assert seeds.sessions_of(owner) == []


def test_revocation_of_a_direct_sign_in(stack: Stack, owner: Row) -> None:
    """By who holds its token, whole or narrowed, as it always was."""
    first, second = (seeds.issue_session(owner).refresh_token for _ in range(2))
    form = {"grant_type": "refresh_token", "refresh_token": second, "scope": "openid"}
    narrowed = stack.call("POST /oauth/token", form=form).json["access_token"]

    assert revoke(stack, narrowed, client_id=seeds.register()["client_id"]).status == 200
    assert len(seeds.sessions_of(owner)) == 2
    assert [revoke(stack, text).status for text in (first, narrowed)] == [200, 200]
    assert seeds.sessions_of(owner) == []


# A version before this one, or after it


def test_an_earlier_version_takes_none_of_it(owner: Row) -> None:
    """It looks for the tokens that it knows, and knows no scopes."""
    granted = seeds.issue_granted(owner, seeds.register())

    for text in (granted.access_token, granted.refresh_token or ""):
        assert tokens.parse_token(tokens.ACCESS, text) is None
        assert tokens.parse_token(tokens.REFRESH, text) is None


def test_an_earlier_version_refreshes_what_was_narrowed(stack: Stack) -> None:
    """It leaves the scopes of the token before on the row; what it hands out is whole all the same."""
    account = stack.sign_up()
    form = {"grant_type": "refresh_token", "refresh_token": account.refresh_token, "scope": "openid"}
    narrowed = stack.call("POST /oauth/token", form=form).json
    whole = stack.refresh(narrowed["refresh_token"]).json
    (row,) = [each for each in stack.rows("TokensTable") if each["sk"]["S"].startswith("session#")]
    stale = {**row, "access_scopes": {"L": [{"S": "openid"}]}, "previous_access_scopes": row["access_scopes"]}
    stack.restore("TokensTable", stale)

    assert stack.is_signed_in(whole["access_token"])
    assert not stack.is_signed_in(narrowed["access_token"])
