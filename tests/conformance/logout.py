"""The RP-Initiated Logout OP plan (oidcc-rp-initiated-logout-certification-test-plan)."""

from __future__ import annotations

import urllib.parse
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.conformance.config import require_https
from tests.conformance.modules import passes
from tests.conformance.party import POST_LOGOUT, Party
from tests.stack import Answer

PLAN = "RP-Initiated Logout OP"
NAME = "oidcc-rp-initiated-logout"
STATE = "s" * 128


@passes(PLAN, f"{NAME}-discovery-endpoint-verification")
def discovery(party: Party) -> None:
    """Discovery tells where a session is ended."""
    told = party.metadata()

    assert "end_session_endpoint" in told
    require_https(told)


@passes(PLAN, NAME)
def logout(party: Party) -> None:
    """With the ID token as a hint the browser comes back with the state, and nobody is signed in."""
    told, before = hint(party), {**party.browser.cookies}
    answer = party.log_out(id_token_hint=told, post_logout_redirect_uri=POST_LOGOUT, state=STATE)

    assert came_back(answer) == {"state": STATE}
    party.require_signed_out(before)


@passes(PLAN, f"{NAME}-bad-post-logout-redirect-uri")
def bad_address(party: Party) -> None:
    """An address that is not registered is told to the person."""
    require_kept_here(party, id_token_hint=hint(party), post_logout_redirect_uri=f"{POST_LOGOUT}/bad", state=STATE)


@passes(PLAN, f"{NAME}-modified-id-token-hint")
def modified_hint(party: Party) -> None:
    """A hint that was changed to `alg: none` proves nothing: the person is asked, and not sent on."""
    claims = jwt.decode(hint(party), options={"verify_signature": False})
    unsigned = jwt.encode(claims, key="", algorithm="none")

    require_kept_here(party, id_token_hint=unsigned, post_logout_redirect_uri=POST_LOGOUT, state=STATE)


@passes(PLAN, f"{NAME}-no-id-token-hint")
def no_hint(party: Party) -> None:
    """Without a hint the person is asked, and not sent on."""
    hint(party)

    require_kept_here(party, post_logout_redirect_uri=POST_LOGOUT, state=STATE)


@passes(PLAN, f"{NAME}-no-params")
def no_parameters(party: Party) -> None:
    """Without any parameter the person is asked, and signed out once they confirm."""
    hint(party)

    require_signed_out(party)


@passes(PLAN, f"{NAME}-no-post-logout-redirect-uri")
def no_address(party: Party) -> None:
    """Without an address the person is signed out at once, and told so."""
    require_signed_out(party, is_asked=False, id_token_hint=hint(party), state=STATE)


@passes(PLAN, f"{NAME}-no-state")
def no_state(party: Party) -> None:
    """Without a state none comes back."""
    told, before = hint(party), {**party.browser.cookies}
    answer = party.log_out(id_token_hint=told, post_logout_redirect_uri=POST_LOGOUT)

    assert came_back(answer) == {}
    party.require_signed_out(before)


@passes(PLAN, f"{NAME}-only-state")
def only_state(party: Party) -> None:
    """A state alone is as good as nothing."""
    hint(party)

    require_signed_out(party, state=STATE)


@passes(PLAN, f"{NAME}-query-added-to-post-logout-redirect-uri")
def query_added(party: Party) -> None:
    """A registered address with `?foo=bar` added is another address."""
    require_kept_here(party, id_token_hint=hint(party), post_logout_redirect_uri=f"{POST_LOGOUT}?foo=bar", state=STATE)


@passes(PLAN, f"{NAME}-bad-id-token-hint")
def bad_hint(party: Party) -> None:
    """A hint that somebody else signed proves nothing, whatever key it names."""
    right = hint(party)
    key = rsa.generate_private_key(65537, 2048)
    claims = jwt.decode(right, options={"verify_signature": False})
    for headers in ({"kid": "of-the-suite"}, {"kid": jwt.get_unverified_header(right)["kid"]}):
        forged = jwt.encode(claims, key, algorithm="RS256", headers=headers)
        require_kept_here(party, id_token_hint=forged, post_logout_redirect_uri=POST_LOGOUT, state=STATE)


def hint(party: Party) -> str:
    """The ID token of somebody who is signed in to the application."""
    return str(party.tokens(party.request())["id_token"])


def came_back(answer: Answer) -> dict[str, str]:
    assert answer.status == 200, answer.text
    address, _, query = answer.json["redirect_to"].partition("?")
    assert address == POST_LOGOUT
    return dict(urllib.parse.parse_qsl(query))


def require_kept_here(party: Party, **parameters: Any) -> None:
    """An error, or a question: no address to go on to, and nobody has been signed out."""
    answer = party.log_out(**parameters)

    assert (answer.status, answer.code) in {(400, "redirect_uri_invalid"), (403, "confirmation_required")}
    assert party.is_signed_in()


def require_signed_out(party: Party, *, is_asked: bool = True, **parameters: Any) -> None:
    """Here, and to nowhere else."""
    before = {**party.browser.cookies}
    answer = party.log_out(**parameters)
    if is_asked:
        assert (answer.status, answer.code) == (403, "confirmation_required")
        answer = party.log_out(**parameters, confirmed=True)

    assert (answer.status, answer.json["redirect_to"]) == (200, None)
    party.require_signed_out(before)
