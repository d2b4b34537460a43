"""POST /oauth/token with a code: a session of an application, once, for who asked for it."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any

import jwt as pyjwt
import pytest
from botocore.exceptions import ClientError

from rekey.accounts import keys
from rekey.aws import store
from rekey.aws.store import Row
from rekey.oauth import clients, redemption
from rekey.oauth.authentication import Claim
from rekey.oauth.redemption import Presented
from rekey.sessions import tokens
from rekey.settings import settings
from tests import seeds
from tests.actors import administer
from tests.calls import meanwhile
from tests.faults.network import LOST, THROTTLED, network
from tests.stack import Answer, Clock, Stack, deployed_with

TOKEN = "POST /oauth/token"


def redeem(stack: Stack, code: str, client: Row, **more: str) -> Answer:
    return stack.call(TOKEN, form=seeds.redeeming(code, client, **more))


def refresh(stack: Stack, answer: Answer, client: Row, **more: str) -> Answer:
    form = {"grant_type": "refresh_token", "refresh_token": answer.json["refresh_token"]}
    return stack.call(TOKEN, form={**form, "client_id": client["client_id"], **more})


def basic(client_id: str, secret: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()}


def without(form: dict[str, str], name: str) -> dict[str, str]:
    return {key: value for key, value in form.items() if key != name}


@pytest.fixture
def owner(stack: Stack) -> Row:  # noqa: ARG001 - the tables must be there
    return seeds.new_account()


@pytest.fixture
def client(stack: Stack) -> Row:  # noqa: ARG001
    return seeds.register()


def test_tokens(stack: Stack, owner: Row, client: Row, frozen: Clock) -> None:
    """All that was granted, and who signed in, when and how; the session is listed as the application's."""
    answer = redeem(stack, seeds.issue_code(owner, client), client)

    lives = {"expires_in", "refresh_expires_in"}
    assert set(answer.json) == {"access_token", "refresh_token", "id_token", "token_type", "scope", *lives}
    assert (answer.json["token_type"], answer.json["expires_in"]) == ("Bearer", 900)
    assert answer.json["scope"] == "openid email profile offline_access orders:read orders:write"
    told = pyjwt.decode(answer.json["id_token"], options={"verify_signature": False})
    digest = hashlib.sha256(answer.json["access_token"].encode()).digest()[:16]
    assert told["at_hash"] == base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert (told["sub"], told["aud"], told["nonce"]) == (owner["account_id"], client["client_id"], "n-0S6_WzA2Mj")
    (session,) = seeds.sessions_of(owner)
    assert (told["sid"], told["auth_time"], told["amr"]) == (session["session_id"], frozen.now, ["pwd"])
    listed = stack.call("GET /account", token=seeds.issue_access(owner)).json["sessions"]
    assert [each["client_id"] for each in listed] == [None, client["client_id"]]


def test_without_offline_access(stack: Stack, owner: Row, client: Row, frozen: Clock) -> None:
    """No refresh token, and the session ends with its access token."""
    answer = redeem(stack, seeds.issue_code(owner, client, ["openid"]), client)

    assert "refresh_token" not in answer.json
    assert stack.call("GET /oauth/userinfo", token=answer.json["access_token"]).status == 200
    assert [row["expires_at"] for row in seeds.sessions_of(owner)] == [frozen.now + 900]
    frozen.advance(900)
    assert stack.call("GET /oauth/userinfo", token=answer.json["access_token"]).code == "access_token_invalid"


def test_the_sign_in_is_as_old_as_it_was(stack: Stack, owner: Row, client: Row, frozen: Clock) -> None:
    """An application must not take a code for a fresh sign-in."""
    code = seeds.issue_code(owner, client, authenticated_at=frozen.now - 5000, method="pwd otp")

    told = pyjwt.decode(redeem(stack, code, client).json["id_token"], options={"verify_signature": False})

    assert (told["auth_time"], told["acr"]) == (frozen.now - 5000, "urn:rekey:acr:two-factors")


def test_only_what_is_still_registered(stack: Stack, owner: Row, client: Row) -> None:
    """A scope that an application has lost between code and token is not given any more."""
    code = seeds.issue_code(owner, client)
    store.put(settings().accounts_table, {**client, **keys.client(client["client_id"]), "scopes": ["openid"]})

    assert redeem(stack, code, client).json["scope"] == "openid"


@pytest.mark.parametrize(
    "wrong",
    [
        {"redirect_uri": seeds.REDIRECT_URI + "/"},
        {"redirect_uri": ""},
        {"code_verifier": ""},
        {"code_verifier": seeds.CHALLENGE},
        {"code_verifier": seeds.VERIFIER + "0"},
        {"code_verifier": "short"},
    ],
    ids=["redirect_uri", "no redirect_uri", "no verifier", "plain", "another verifier", "short verifier"],
)
def test_bound(stack: Stack, owner: Row, client: Row, wrong: dict[str, str]) -> None:
    """To its address and its challenge; and whoever lacks them has not spent it."""
    code = seeds.issue_code(owner, client)

    assert redeem(stack, code, client, **wrong).code == "invalid_grant"

    assert redeem(stack, code, client).status == 200


def test_of_another_client(stack: Stack, owner: Row, client: Row) -> None:
    """A code that was stolen on its way is of no use to another application, though it knows all the rest."""
    code, other = seeds.issue_code(owner, client), seeds.register()
    seeds.connect(owner, other)

    assert redeem(stack, code, other).code == "invalid_grant"
    assert redeem(stack, code, client).status == 200


def test_a_verifier_without_a_challenge(stack: Stack, owner: Row) -> None:
    """Somebody has taken the challenge out of the request, to use a code that is not theirs (RFC 9700 §4.8.2)."""
    client, secret = seeds.register_confidential(pkce="optional")
    code = seeds.issue_code(owner, client, code_challenge="")

    assert redeem(stack, code, client, client_secret=secret).code == "invalid_grant"
    form = without(seeds.redeeming(code, client, client_secret=secret), "code_verifier")
    assert stack.call(TOKEN, form=form).status == 200


def test_a_short_verifier(stack: Stack, owner: Row, client: Row) -> None:
    """One that could be guessed, whatever challenge was made of it (RFC 7636 §4.1)."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(b"short").digest()).rstrip(b"=").decode()
    code = seeds.issue_code(owner, client, code_challenge=challenge)

    assert redeem(stack, code, client, code_verifier="short").code == "invalid_grant"


def test_expires_to_the_second(stack: Stack, owner: Row, client: Row, frozen: Clock) -> None:
    """Good for 60 seconds."""
    first, second = (seeds.issue_code(owner, client) for _ in range(2))
    frozen.advance(59)
    assert redeem(stack, first, client).status == 200
    frozen.advance(1)
    assert redeem(stack, second, client).code == "invalid_grant"


def test_forged(stack: Stack, owner: Row, client: Row) -> None:
    """Whoever knows the ids of a code, redeemed or not, and not the code gets nothing, and ends nothing."""
    code = seeds.issue_code(owner, client)
    forged = code[:-53] + ("A" if code[-53] != "A" else "B") + code[-52:]
    token = tokens.parse_token("rkz", code)
    assert token
    guess = str(tokens.issue_token("rkz", token.owner, token.token_id))

    assert redeem(stack, forged, client).code == redeem(stack, guess, client).code == "invalid_grant"
    assert redeem(stack, code, client).status == 200
    assert redeem(stack, guess, client).code == "invalid_grant"
    assert len(seeds.sessions_of(owner)) == 1


def _disable(stack: Stack, owner: Row, _: Row) -> None:
    assert administer(stack, "disable", {"account_id": owner["account_id"]}).status == 204


def _revoke_all(stack: Stack, owner: Row, _: Row) -> None:
    token = seeds.issue_access(seeds.account_now(owner))
    assert stack.call("POST /revoke-tokens", {"scope": "all"}, token=token).status == 204


def _withdraw(_: Stack, owner: Row, __: Row) -> None:
    store.put(settings().accounts_table, {**seeds.account_now(owner), "applications": {}})


def _connect_anew(_: Stack, owner: Row, client: Row) -> None:
    seeds.connect(owner, client)


def _delete(stack: Stack, owner: Row, _: Row) -> None:
    assert administer(stack, "delete", {"account_id": owner["account_id"]}).status == 200


BETWEEN = [_disable, _revoke_all, _withdraw, _connect_anew, _delete]


@pytest.mark.parametrize("act", BETWEEN)
@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_what_ends_sessions_ends_codes(
    stack: Stack, owner: Row, client: Row, act: Callable[[Stack, Row, Row], None], when: str
) -> None:
    """Between code and token, and between the read and the write: no session comes of it."""
    code = seeds.issue_code(owner, client)
    if when == "before":
        act(stack, owner, client)
        answer = redeem(stack, code, client)
    else:
        with meanwhile("TransactWriteItems", lambda: act(stack, owner, client)):
            answer = redeem(stack, code, client)

    assert (answer.status, answer.code) == (400, "invalid_grant")
    assert "token" not in answer.text.replace("refresh token", "")
    assert [each for each in seeds.sessions_of(owner) if "client_id" in each] == []


def test_a_disabled_account_whose_epoch_stands(stack: Stack, owner: Row, client: Row) -> None:
    """As a row is that was put back by hand."""
    code = seeds.issue_code(owner, client)
    store.put(settings().accounts_table, {**seeds.account_now(owner), "disabled_at": 1})

    assert redeem(stack, code, client).code == "invalid_grant"


def test_a_client_that_is_removed(stack: Stack, owner: Row, client: Row) -> None:
    """It is nobody, for its codes and for its refresh tokens."""
    code, held = seeds.issue_code(owner, client), redeem(stack, seeds.issue_code(owner, client), client)
    store.transact(store.deleting(settings().accounts_table, keys.client(client["client_id"])))

    assert redeem(stack, code, client).code == "invalid_client"
    assert refresh(stack, held, client).code == "invalid_client"


def test_a_second_factor_that_is_required(stack: Stack, owner: Row, client: Row) -> None:
    """Until it is on, the account is nobody to applications; a JWT would be taken without asking."""
    code, held = seeds.issue_code(owner, client), redeem(stack, seeds.issue_code(owner, client), client)

    with deployed_with(REQUIRE_TOTP="all"):
        assert redeem(stack, code, client).code == "invalid_grant"
        assert refresh(stack, held, client).code == "invalid_grant"
        assert stack.call("GET /oauth/userinfo", token=held.json["access_token"]).code == "totp_required"


def test_withdrawn(stack: Stack, owner: Row, client: Row) -> None:
    """All sessions of an application end with its connection; another connection revives none; others go on."""
    other = seeds.register()
    held, others = (redeem(stack, seeds.issue_code(owner, each), each) for each in (client, other))
    direct = seeds.issue_access(owner)
    row = seeds.account_now(owner)
    left = {name: each for name, each in row["applications"].items() if name != client["client_id"]}
    store.put(settings().accounts_table, {**row, "applications": left})

    for _ in range(2):
        assert refresh(stack, held, client).code == "invalid_grant"
        assert stack.call("GET /oauth/userinfo", token=held.json["access_token"]).code == "access_token_invalid"
        listed = stack.call("GET /account", token=direct).json["sessions"]
        assert {each["client_id"] for each in listed} == {None, other["client_id"]}
        seeds.connect(owner, client)
    assert refresh(stack, others, other).status == 200
    assert stack.is_signed_in(direct)


@pytest.mark.parametrize("scope", ["all", "others"])
def test_revoking_ends_them_too(stack: Stack, owner: Row, client: Row, scope: str) -> None:
    """Signed out everywhere means everywhere."""
    held = redeem(stack, seeds.issue_code(owner, client), client)

    assert stack.call("POST /revoke-tokens", {"scope": scope}, token=seeds.issue_access(owner)).status == 204

    assert refresh(stack, held, client).code == "invalid_grant"
    assert stack.call("GET /oauth/userinfo", token=held.json["access_token"]).status == 401


def test_revoking_one(stack: Stack, owner: Row, client: Row) -> None:
    held, direct = redeem(stack, seeds.issue_code(owner, client), client), seeds.issue_access(owner)
    (listed,) = [each for each in stack.call("GET /account", token=direct).json["sessions"] if each["client_id"]]

    body = {"scope": "session", "session_id": listed["session_id"]}
    assert stack.call("POST /revoke-tokens", body, token=direct).status == 204

    assert refresh(stack, held, client).code == "invalid_grant"


def test_a_limit_of_sessions_counts_none_of_them(stack: Stack, client: Row) -> None:
    """Whoever signs in to applications is not signed out here for it, nor there for a sign-in here."""
    account = stack.sign_up()
    owner = seeds.account_now({"account_id": account.account_id})
    with deployed_with(SESSION_LIMIT="1"):
        held = [redeem(stack, seeds.issue_code(owner, client), client) for _ in range(3)]
        assert stack.is_signed_in(account.access_token)
        other = stack.sign_in_again(account)
    assert not stack.is_signed_in(account.access_token)
    assert stack.is_signed_in(other.access_token)
    assert [refresh(stack, each, client).status for each in held] == [200] * 3


# A code that comes twice


def told(owner: Row) -> list[str]:
    return [each for each in seeds.events_of(owner) if each == "code.reused"]


def test_twice(stack: Stack, owner: Row, client: Row) -> None:
    """The session that it gave ends, whoever brings it; its owner is told, once; other sessions stay."""
    code, direct = seeds.issue_code(owner, client), seeds.issue_access(owner)
    held = redeem(stack, code, client)
    stack.deliver()
    before = len(stack.inbox)

    for more in ({}, {"code_verifier": ""}, {"client_id": "nobody"}):
        assert redeem(stack, code, client, **more).code == "invalid_grant"

    assert stack.call("GET /oauth/userinfo", token=held.json["access_token"]).code == "access_token_invalid"
    assert refresh(stack, held, client).code == "invalid_grant"
    assert told(owner) == ["code.reused"]
    stack.deliver()
    assert [mail["Subject"] for mail in stack.inbox[before:]] == ["We ended a sign-in to an application"]
    assert stack.is_signed_in(direct)


def test_twice_when_it_has_expired(stack: Stack, owner: Row, client: Row, frozen: Clock) -> None:
    """It is remembered for ten minutes after it was good."""
    code = seeds.issue_code(owner, client)
    held = redeem(stack, code, client)
    frozen.advance(600)

    assert redeem(stack, code, client).code == "invalid_grant"

    assert stack.call("GET /oauth/userinfo", token=held.json["access_token"]).status == 401


def test_twice_at_once(stack: Stack, owner: Row, client: Row) -> None:
    """The second comes while the first is under way: one is told that it has tokens, and they are good for nothing."""
    code = seeds.issue_code(owner, client)
    first: list[Answer] = []
    with meanwhile("TransactWriteItems", lambda: first.append(redeem(stack, code, client))):
        second = redeem(stack, code, client)

    assert (first[0].status, second.code) == (200, "invalid_grant")
    assert seeds.sessions_of(owner) == []
    assert told(owner) == ["code.reused"]


def test_twice_after_an_answer_was_lost(stack: Stack, owner: Row, client: Row) -> None:
    """DynamoDB has committed, and its answers are lost on the way. The application that repeats its request is not told
    from a thief: the session ends, and it has to send the person through once more.
    """
    code = seeds.issue_code(owner, client)
    with network("TransactWriteItems", LOST, lasting=True):
        assert redeem(stack, code, client).status == 503
    assert len(seeds.sessions_of(owner)) == 1

    assert redeem(stack, code, client).code == "invalid_grant"

    assert seeds.sessions_of(owner) == []
    assert told(owner) == ["code.reused"]


def test_a_lost_answer_that_the_sdk_asks_for_again(stack: Stack, owner: Row, client: Row) -> None:
    """One answer is lost: the transaction that comes again is the same, and no second use."""
    code = seeds.issue_code(owner, client)
    with network("TransactWriteItems", LOST):
        answer = redeem(stack, code, client)

    assert answer.status == 200
    assert told(owner) == []
    assert refresh(stack, answer, client).status == 200


# The ID token's signature


def test_no_signature(stack: Stack, owner: Row, client: Row) -> None:
    """Nothing is handed out, nothing is left, and the repeat that the 503 asks for is no theft."""
    code = seeds.issue_code(owner, client)
    with network("Sign", THROTTLED, lasting=True):
        answer = redeem(stack, code, client)

    assert (answer.status, answer.code) == (503, "service_unavailable")
    assert seeds.sessions_of(owner) == []
    assert redeem(stack, code, client).status == 200
    assert told(owner) == []


def test_no_signature_and_a_thief_meanwhile(
    stack: Stack, owner: Row, client: Row, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever brings the code again before it is made good again has ended it for good."""
    code, signing = seeds.issue_code(owner, client), redemption._signing

    class Failing:
        def result(self) -> str:
            monkeypatch.setattr(redemption, "_signing", signing)
            assert redeem(stack, code, client).code == "invalid_grant"
            raise ClientError({"Error": {"Code": "KMSInternalException"}}, "Sign")

    monkeypatch.setattr(redemption, "_signing", lambda *_: Failing())
    assert redeem(stack, code, client).status == 503

    assert seeds.sessions_of(owner) == []
    assert redeem(stack, code, client).code == "invalid_grant"
    assert told(owner) == ["code.reused"]


def test_no_transaction(stack: Stack, owner: Row, client: Row, monkeypatch: pytest.MonkeyPatch) -> None:
    """A signature that was made for it is handed out to nobody."""
    code, signing, signed = seeds.issue_code(owner, client), redemption._signing, list[str]()

    def made_before(*arguments: Any) -> Any:
        begun = signing(*arguments)
        assert begun
        signed.append(begun.result())
        return begun

    monkeypatch.setattr(redemption, "_signing", made_before)
    with network("TransactWriteItems", THROTTLED, lasting=True):
        answer = redeem(stack, code, client)

    assert signed
    assert (answer.status, "token" in answer.text) == (503, False)
    assert redeem(stack, code, client).status == 200


def test_no_signature_of_a_jwt(stack: Stack, owner: Row) -> None:
    """It is signed before the code is spent."""
    client = seeds.register(access_tokens="jwt")
    code = seeds.issue_code(owner, client)
    with network("Sign", THROTTLED, lasting=True):
        assert redeem(stack, code, client).status == 503

    assert redeem(stack, code, client).status == 200


# Refreshing


def test_a_jwt(stack: Stack, owner: Row, frozen: Clock) -> None:
    """Five minutes at most, for the APIs that are registered; and the same for a repeated refresh."""
    client = seeds.register(access_tokens="jwt")
    first = redeem(stack, seeds.issue_code(owner, client), client)
    frozen.advance(10)
    again = [refresh(stack, first, client) for _ in range(2)]

    assert again[0].json == again[1].json
    for answer in (first, *again):
        told = pyjwt.decode(answer.json["access_token"], options={"verify_signature": False})
        assert pyjwt.get_unverified_header(answer.json["access_token"])["typ"] == "at+jwt"
        assert (told["aud"], told["client_id"]) == ("https://api.example.com", client["client_id"])
        assert told["exp"] - told["iat"] == answer.json["expires_in"] == 300
        assert stack.call("GET /oauth/userinfo", token=answer.json["access_token"]).status == 200


def test_an_application_that_turns_to_jwts_meanwhile(stack: Stack, owner: Row, client: Row) -> None:
    """A repeat cannot be given what it was given before, and is given nothing that the session does not know."""
    held = redeem(stack, seeds.issue_code(owner, client), client)
    assert refresh(stack, held, client).status == 200
    store.put(settings().accounts_table, {**client, **keys.client(client["client_id"]), "access_tokens": "jwt"})

    assert refresh(stack, held, client).code == "invalid_grant"
    assert len(seeds.sessions_of(owner)) == 1


def test_narrowed(stack: Stack, owner: Row, client: Row) -> None:
    """The access token, and never the session: the next refresh may have all of it again."""
    held = redeem(stack, seeds.issue_code(owner, client), client)

    less = refresh(stack, held, client, scope="orders:read openid")
    more = refresh(stack, less, client)

    assert less.json["scope"] == "openid orders:read"
    assert more.json["scope"] == held.json["scope"]
    userinfo = stack.call("GET /oauth/userinfo", token=less.json["access_token"])
    assert userinfo.json == {"sub": owner["account_id"]}


@pytest.mark.parametrize("scope", ["account", "openid account", "orders:delete", "openid orders:delete"])
def test_wider(stack: Stack, owner: Row, client: Row, scope: str) -> None:
    """Not beyond what was granted, whatever is registered; the session is as it was."""
    held = redeem(stack, seeds.issue_code(owner, client, ["openid", "offline_access"]), client)

    for asked in (scope, "orders:read"):
        assert refresh(stack, held, client, scope=asked).code == "invalid_scope"
    assert refresh(stack, held, client).status == 200


def test_narrower_by_registration(stack: Stack, owner: Row, client: Row) -> None:
    """What an application has lost, it loses with the next refresh."""
    held = redeem(stack, seeds.issue_code(owner, client), client)
    registered = {**client, **keys.client(client["client_id"]), "scopes": ["openid", "offline_access"]}
    store.put(settings().accounts_table, registered)
    held = refresh(stack, held, client)
    assert held.json["scope"] == "openid offline_access"

    store.put(settings().accounts_table, {**registered, "scopes": ["openid"]})
    assert refresh(stack, held, client).code == "invalid_grant"


def test_a_repeat_with_other_scopes(stack: Stack, owner: Row, client: Row) -> None:
    """An API that is to see less must not be handed more because the answer was kept."""
    held = redeem(stack, seeds.issue_code(owner, client), client)
    first = refresh(stack, held, client)

    assert refresh(stack, held, client, scope="openid").code == "invalid_scope"
    assert refresh(stack, held, client).json == first.json


def test_of_a_direct_sign_in(stack: Stack) -> None:
    """Narrowed for an API that must not see a token that could change a password; then whole again, and told only if
    it was asked for.
    """
    account = stack.sign_up()
    form = {"grant_type": "refresh_token", "refresh_token": account.refresh_token}

    less = stack.call(TOKEN, form={**form, "scope": "openid email"}).json
    again = stack.call(TOKEN, form={**form, "scope": "email openid"}).json

    assert less == again
    assert less["scope"] == "openid email"
    assert stack.call("GET /account", token=less["access_token"]).code == "insufficient_scope"
    assert stack.call("GET /oauth/userinfo", token=less["access_token"]).json["email"] == account.email
    whole = stack.refresh(less["refresh_token"]).json
    assert "scope" not in whole
    assert stack.is_signed_in(whole["access_token"])
    assert stack.call("GET /account", token=less["access_token"]).code == "insufficient_scope"


@pytest.mark.parametrize("more", [{}, {"client_id": "somebody"}, {"client_secret": "x"}])
def test_a_direct_sign_in_is_of_no_application(stack: Stack, more: dict[str, str]) -> None:
    """It refreshes as it always did, whatever a library sends along."""
    account = stack.sign_up()
    form = {"grant_type": "refresh_token", "refresh_token": account.refresh_token, **more}

    assert stack.call(TOKEN, form=form, headers=basic("somebody", "x")).status == 200


def test_of_another_client_s_session(stack: Stack, owner: Row, client: Row) -> None:
    """Nor does the attempt end it: whoever else holds the token may be an accident of the same machine."""
    held, other = redeem(stack, seeds.issue_code(owner, client), client), seeds.register()

    assert refresh(stack, held, other).code == "invalid_grant"
    assert refresh(stack, held, client).status == 200


def test_disguised(stack: Stack, owner: Row, client: Row) -> None:
    """A token of one kind with the other's prefix and a new checksum matches nothing."""
    account = seeds.issue_session(owner)
    direct = tokens.parse_token("rkr", account.refresh_token)
    held = tokens.parse_refresh(redeem(stack, seeds.issue_code(owner, client), client).json["refresh_token"])
    assert direct
    assert held
    as_application = str(tokens.Token("rko", direct.owner, direct.token_id, direct.secret))
    as_direct = str(tokens.Token("rkr", held.owner, held.token_id, held.secret))

    form = {"grant_type": "refresh_token", "refresh_token": as_application, "client_id": client["client_id"]}
    assert stack.call(TOKEN, form=form).code == "invalid_grant"
    assert stack.refresh(as_direct).code == "invalid_grant"
    assert len(seeds.sessions_of(owner)) == 2


# Who asks


@pytest.mark.parametrize("way", ["basic", "post"])
def test_a_secret(stack: Stack, owner: Row, way: str) -> None:
    """Either way, for both grants; and refused where it is wrong or missing."""
    client, secret = seeds.register_confidential()
    _, other_secret = seeds.register_confidential()

    def ask(form: dict[str, str], proof: str) -> Answer:
        if way == "post":
            return stack.call(TOKEN, form={**form, "client_secret": proof})
        return stack.call(TOKEN, form=without(form, "client_id"), headers=basic(client["client_id"], proof))

    form = seeds.redeeming(seeds.issue_code(owner, client), client)
    for wrong in (other_secret, "wrong", "é", str(clients.issue_secret(client["client_id"]))):
        answer = ask(form, wrong)
        assert (answer.status, answer.code) == (401, "invalid_client")
        assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    assert stack.call(TOKEN, form=form).code == "invalid_client"
    held = ask(form, secret)
    assert held.status == 200
    renewed = {
        "grant_type": "refresh_token",
        "refresh_token": held.json["refresh_token"],
        "client_id": client["client_id"],
    }
    assert ask(renewed, other_secret).code == "invalid_client"
    assert stack.call(TOKEN, form=renewed).code == "invalid_client"
    assert ask(renewed, secret).status == 200


def test_a_secret_of_who_has_none(stack: Stack, owner: Row, client: Row) -> None:
    """An application that is public on paper and confidential in its own eyes was registered wrong."""
    code = seeds.issue_code(owner, client)

    assert redeem(stack, code, client, client_secret="x").code == "invalid_client"
    assert stack.call(TOKEN, form=seeds.redeeming(code, client), headers=basic(client["client_id"], "")).status == 200


def test_two_ways_at_once(stack: Stack, owner: Row) -> None:
    """RFC 6749 §2.3: one way a request, and one application."""
    client, secret = seeds.register_confidential()
    form, header = seeds.redeeming(seeds.issue_code(owner, client), client), basic(client["client_id"], secret)

    assert stack.call(TOKEN, form={**form, "client_secret": secret}, headers=header).code == "invalid_request"
    assert stack.call(TOKEN, form={**form, "client_id": "other"}, headers=header).code == "invalid_request"
    assert stack.call(TOKEN, form=form, headers=header).status == 200


def test_a_header_is_decoded_as_a_form(stack: Stack, owner: Row) -> None:
    """RFC 6749 §2.3.1: a library may encode what needs no encoding."""
    client, secret = seeds.register_confidential()
    encoded = secret.replace("_", "%5F").replace(".", "%2e")
    form = without(seeds.redeeming(seeds.issue_code(owner, client), client), "client_id")

    assert stack.call(TOKEN, form=form, headers=basic(client["client_id"].replace("-", "%2D"), encoded)).status == 200


@pytest.mark.parametrize("header", ["Basic", "Basic !", "Basic YQ", "Basic /w==", "Basic w6k6eA=="])
def test_a_header_that_says_nothing(stack: Stack, owner: Row, client: Row, header: str) -> None:
    form = without(seeds.redeeming(seeds.issue_code(owner, client), client), "client_id")

    assert stack.call(TOKEN, form=form, headers={"authorization": header}).code == "invalid_client"


@pytest.mark.parametrize("client_id", ["", "X", "a" * 5000, "nobody", "a\0b"])
def test_nobody(stack: Stack, owner: Row, client: Row, client_id: str) -> None:
    """No id, none that could be one, none that is."""
    form = seeds.redeeming(seeds.issue_code(owner, client), client, client_id=client_id)

    assert stack.call(TOKEN, form=form).code == "invalid_client"


def test_an_earlier_secret(stack: Stack, owner: Row, frozen: Clock) -> None:
    """It is taken until the time that its replacement has set, to the second."""
    client, secret = seeds.register_confidential()
    replaced: dict[str, Any] = {
        "secret_digest": clients.issue_secret(client["client_id"]).digest(),
        "previous_secret_digest": client["secret_digest"],
        "previous_secret_until": frozen.now + 60,
    }
    store.put(settings().accounts_table, {**client, **keys.client(client["client_id"]), **replaced})
    assert redeem(stack, seeds.issue_code(owner, client), client, client_secret=secret).status == 200
    frozen.advance(60)
    assert redeem(stack, seeds.issue_code(owner, client), client, client_secret=secret).code == "invalid_client"


def test_grants_that_there_are_not(stack: Stack) -> None:
    for grant in ("client_credentials", "password", "implicit", "urn:ietf:params:oauth:grant-type:device_code"):
        assert stack.call(TOKEN, form={"grant_type": grant}).code == "unsupported_grant_type"


def test_a_secret_is_in_no_representation(stack: Stack) -> None:  # noqa: ARG001
    """Of what goes through a traceback."""
    claim = Claim("orders", "hush")
    presented = Presented(code="hush", redirect_uri="", verifier="hush", claim=claim, issuer="")

    assert "hush" not in f"{claim} {presented!r}"


def test_sessions_say_whose_they_are(stack: Stack, owner: Row, client: Row) -> None:
    """An admin is told, too."""
    redeem(stack, seeds.issue_code(owner, client), client)

    found = administer(stack, "find", {"account_id": owner["account_id"]}).json["sessions"]

    assert [each["client_id"] for each in found] == [client["client_id"]]
