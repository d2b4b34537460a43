"""Fixtures: a clock that stands still, the stack on moto, cheap hashes."""

from __future__ import annotations

import gc
import os
import re
import sys
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from functools import cache, partial
from typing import IO, TYPE_CHECKING, Any, cast

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from aws_lambda_powertools.logging import Logger
from moto import mock_aws
from xdist.scheduler import LoadFileScheduling

from local import moto_patches, moto_shortcuts  # noqa: F401 - they patch on import
from local.template import REGION, Template, load_template
from rekey import clock, observability
from rekey.accounts import events
from rekey.accounts.event_types import EVENT_TYPES
from rekey.api.client import Client
from rekey.aws.store import Row
from rekey.credentials import passwords
from tests.browser.chromium import find_chromium, lacking
from tests.built import Built, build
from tests.made_once import made_once
from tests.stack import Account, Clock, Stack, forget_caches

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI everything is installed: a skipped test is a failed one."""
    report = yield
    if report.skipped and os.environ.get("CI"):
        report.outcome = "failed"
    return report


class _Sharing(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
    """A file's tests stay together, as they share an engine; so do folders that share what takes longer still.

    The longest groups go first: one that began when all others are done would leave the other processors idle.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = str(super()._split_scope(nodeid))
        if file in _SPLIT:
            return file + re.split(r"[-\]]", nodeid.partition("[")[2])[0]
        return next((folder for folder in _TOGETHER if file.startswith(folder)), file)

    def _assign_work_unit(self, node: Any) -> None:
        self.workqueue.move_to_end(min(self.workqueue, key=_place), last=False)
        super()._assign_work_unit(node)


# Whose files share what takes long to make: what `sam build` makes, a running instance.
_TOGETHER = ("tests/runtime/", "tests/local/", "tests/clients/")
# Long ones whose cases need not wait for each other: a group a flow, or a language.
_SPLIT = {
    *("tests/faults/test_matrix.py", "tests/engine/test_faults.py"),
    *("tests/browser/test_states.py", "tests/browser/test_stories.py", "tests/browser/test_mails.py"),
}
# The groups that take longest, as --durations=200 told, those that share an instance after each other; what is not here
# comes after them.
_LONGEST = (
    *(
        "tests/runtime/",
        "tests/browser/test_states.py",
        "tests/browser/test_forms.py",
        "tests/browser/",
        "tests/local/",
    ),
    *("tests/clients/", "tests/engine/test_cleanup.py", "tests/engine/test_import.py"),
    *("tests/engine/test_refresh.py", "tests/engine/test_admin.py", "tests/engine/test_one_time.py", "tests/attacks/"),
    *("tests/test_ci.py", "tests/engine/"),
)


def _place(scope: str) -> int:
    """Of a group in the order in which groups begin; those of one place as xdist has them."""
    return next((place for place, each in enumerate(_LONGEST) if scope.startswith(each)), len(_LONGEST))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling:
    return _Sharing(config, log)


def pytest_configure() -> None:
    """Collected or imported, all of it stays: no cycle to be found."""
    gc.disable()


def pytest_collection_finish() -> None:
    """A sixth of the time went into looking through what stays, over and over."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    gc.enable()


@pytest.fixture(autouse=True, scope="session")
def _made_once() -> Iterator[None]:
    with made_once():
        yield


class _StandardOutput:
    """Standard output as it is when written to: the logger is made once, and each test captures by a stream anew."""

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.stdout, name)


@pytest.fixture(autouse=True, scope="session")
def _log_to_the_test_that_runs() -> Iterator[None]:
    """The first test's stream is closed after it: the logger would complain there with the fault's whole text."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(observability, "Logger", partial(Logger, stream=cast("IO[str]", _StandardOutput())))
        yield


@pytest.fixture(autouse=True, scope="session")
def _events_add_what_they_declare() -> Iterator[None]:
    """Whichever event a test has recorded, published or not: it adds what the entry of its type says, and no more."""
    recording = events.recording

    def checked(owner: Row, kind: str, *, email: str | None, client: Client, **detail: Any) -> dict[str, Any]:
        given = {name for name, value in detail.items() if value is not None}
        for names, condition in EVENT_TYPES[kind].adds:
            if given & {*names} != {*names} and (given & {*names} or not condition):
                pytest.fail(f"{kind} was recorded with {given}: accounts/event_types.py says with {[*names]}")
            given -= {*names}
        if given:
            pytest.fail(f"{kind} was recorded with {given}: say so in its entry in accounts/event_types.py")
        return recording(owner, kind, email=email, client=client, **detail)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(events, "recording", checked)
        yield


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No credentials of the machine, no cache of the test before."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": REGION,
    }.items():
        monkeypatch.setenv(name, value)
    forget_caches()
    yield
    forget_caches()


@pytest.fixture
def frozen(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """10 s into a TOTP step, and 100 s into a period of attempts."""
    frozen = Clock(1_800_000_000 - 1_800_000_000 % 3600 + 100)
    monkeypatch.setattr(clock, "now", lambda: frozen.now)
    monkeypatch.setattr("moto.sqs.models.unix_time_millis", lambda: frozen.now * 1000.0)  # time-outs and delays
    began = time.monotonic()  # whoever waits for a letter waits for real
    monkeypatch.setattr("moto.sqs.models.unix_time", lambda: frozen.now + time.monotonic() - began)
    return frozen


@pytest.fixture
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 at its cheapest: a hash takes 0.04 ms. One test pins the real parameters."""
    cheap = PasswordHasher.from_parameters(CHEAPEST)
    monkeypatch.setattr(passwords, "hasher", lambda: cheap)


@pytest.fixture
def parameters() -> dict[str, str]:
    """Template parameters of a test; override the fixture, or parametrise it, to set some."""
    return {}


@cache
def _template(parameters: tuple[tuple[str, str], ...]) -> Template:
    return load_template(dict(parameters))


_BEGINNINGS: dict[str, Callable[[Stack], Account | None]] = {
    "protected": lambda stack: stack.enable_totp(stack.sign_up()),
    "account": lambda stack: stack.sign_up(),
    "stack": lambda _: None,
}
_built: dict[Any, Built] = {}


@pytest.fixture
def beginning(  # the clock and the hashes must be in place first
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    parameters: dict[str, str],
    frozen: Clock,
    cheap_hashes: None,  # noqa: ARG001
) -> Iterator[tuple[Stack, Account | None]]:
    """The stack on moto, its clock standing still, and the account that the test asks for."""
    chosen = tuple({"LinkOrigin": "https://app.example.com", **parameters}.items())
    wanted = next((name for name in _BEGINNINGS if name in request.fixturenames), "stack")
    with mock_aws():
        key = (chosen, wanted, frozen.now)
        if key not in _built:
            template = replace(_template(chosen), physical=Stack.physical_names(_template(chosen)))
            _set(monkeypatch, template.environment())
            _built[key] = build(template, _BEGINNINGS[wanted])
        beginning = _built[key].copy()
        _set(monkeypatch, _built[key].environment)
        yield beginning


def _set(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def stack(beginning: tuple[Stack, Account | None]) -> Stack:
    """The stack on moto, its clock standing still."""
    return beginning[0]


@pytest.fixture
def account(beginning: tuple[Stack, Account | None]) -> Account:
    """An account, signed in."""
    assert beginning[1]
    return beginning[1]


@pytest.fixture
def protected(account: Account) -> Account:
    """An account with two-factor sign-in on."""
    return account


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, for all that look at pages: Playwright runs but once in a process."""
    if reason := lacking():
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright  # few tests need it

    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=find_chromium()) as launched:
        yield launched
