"""What a test begins with, built once a process and kept pickled: each test unpickles a copy; copies share nothing.

To build it takes 40 requests' work, which was half of what the tests took.
"""

from __future__ import annotations

import copyreg
import pickle
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import Condition
from typing import Any

from cryptography.hazmat.bindings._rust import openssl
from cryptography.hazmat.primitives import serialization
from moto.core.base_backend import BackendDict

from local.template import Template
from tests.stack import Account, Stack, forget_caches


def _key_of(der: bytes) -> Any:
    """Unpickled for each test: whether the numbers are prime was known before."""
    return serialization.load_der_private_key(der, None, unsafe_skip_rsa_key_validation=True)


def _as_der(key: Any) -> Any:
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return _key_of, (key.private_bytes(serialization.Encoding.DER, form, plain),)


copyreg.pickle(openssl.rsa.RSAPrivateKey, _as_der)
copyreg.pickle(Condition, lambda _: (Condition, ()))  # a queue of moto's has one, held by nobody
_in_use: list[BackendDict[Any]] = vars(BackendDict)["_instances"]


@dataclass(frozen=True)
class Built:
    """A stack and perhaps an account: `pickled` has all that moto holds, by service in the order of `services`."""

    template: Template
    environment: dict[str, str]
    seen: str
    routes: dict[str, str]
    services: list[BackendDict[Any]]
    pickled: bytes

    def copy(self) -> tuple[Stack, Account | None]:
        """In place of all that moto holds."""
        contents, account = pickle.loads(self.pickled)
        BackendDict.reset()
        for service, content in zip(self.services, contents, strict=True):
            service.update(content)
        _in_use.extend(self.services)
        return Stack(replace(self.template, physical={**self.template.physical}), self.seen, self.routes), account


def build(template: Template, begin: Callable[[Stack], Account | None]) -> Built:
    """The environment must hold `template.environment()` already, and moto nothing."""
    stack = Stack(template)
    stack.create()
    account = begin(stack)
    forget_caches()
    services = list(_in_use)
    contents = [dict(service) for service in services]
    return Built(
        template, template.environment(), stack.seen, stack.routes, services, pickle.dumps((contents, account))
    )
