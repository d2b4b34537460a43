"""What an application finds out by itself: the first who asks an environment for keys has them looked up."""

from __future__ import annotations

from rekey.oauth import signing_keys
from tests.scenarios.scenario import Request, scenario
from tests.stack import Stack


@scenario("GET /.well-known/openid-configuration", calls="", answers="200", again="200")
def openid(_: Stack) -> Request:
    return Request()


@scenario("GET /.well-known/oauth-authorization-server", calls="", answers="200", again="200")
def oauth(_: Stack) -> Request:
    return Request()


@scenario("GET /.well-known/jwks.json", "cold", calls="GetItem.accounts GetPublicKey", answers="200", again="200")
def keys(_: Stack) -> Request:
    signing_keys.forget()
    signing_keys.modulus.cache_clear()
    return Request()


@scenario("GET /.well-known/jwks.json", calls="", answers="200", again="200")
def keys_again(stack: Stack) -> Request:
    assert stack.call("GET /.well-known/jwks.json").status == 200
    return Request()
