"""Ten thousand requests of strangers that aim at one owner, second by second, and what becomes of her emails.

The stream and the queues lead on as Lambda's event source mappings and SQS do: so many letters a second as there are
invocations at once, delays, time-outs, redrive. Time is the frozen clock's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import count
from random import Random
from threading import Event
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import ClientError

from local.queues import QueueMapping
from local.stream import Shards, StreamMapping
from rekey.accounts import addresses, keys
from rekey.aws import sdk, store
from rekey.limits import allowances
from rekey.sessions import links, tokens
from rekey.settings import settings
from tests.stack import GAP, WRONG_PASSWORD, Account, Clock, Stack, text_of

if TYPE_CHECKING:
    import pytest

PER_SECOND = 7  # letters that one of the invocations at once sends: a seventh of a second each
HER_NETWORK, HER_PHONE = "192.0.2.1", "192.0.2.77"  # strangers use the first one, too
RESET, REGISTERED, LOCKED = "password-reset_requested", "sign_up-requested-registered", "sign_in-locked"
_SHARES = {
    "forgot hers": 38,
    "guess hers": 45,
    "sign up hers": 4,
    "forgot made-up": 10,
    "sign up made-up": 3,
}  # per cent


@dataclass
class Siege:
    """`requests` of strangers over `seconds`, from `networks` networks and some from hers. It is told in `figures`."""

    stack: Stack
    owner: Account
    clock: Clock
    requests: int
    seconds: int
    networks: int
    random: Random = field(default_factory=lambda: Random(22))
    answers: Counter[str] = field(default_factory=Counter)
    sent: list[tuple[int, str, str]] = field(default_factory=list)
    """When, to whom, and of which kind."""
    links: list[str] = field(default_factory=list)
    """The tokens that she was sent."""

    def __post_init__(self) -> None:
        self._numbers = count()
        mappings = self.stack.template.functions()["notify"]["Events"].values()
        (source,) = (each["Properties"] for each in mappings)
        self._stream = StreamMapping("notify", source, self.stack.template, self.stack.invoke)
        self._shards = Shards(self._stream.table)
        self._shards.read()
        lanes = self.stack.template.functions()["mailer"]["Events"].values()
        at_once = [each["Properties"]["ScalingConfig"]["MaximumConcurrency"] for each in lanes]
        self._lanes: list[tuple[QueueMapping, int]] = list(zip(self.stack.mappings(), at_once, strict=True))

    def run(self, *each_second: Callable[[int], None]) -> None:
        """What else happens at a second is told its number, before the mailers have had their turn."""
        with ThreadPoolExecutor(8) as pool:
            for second in range(self.seconds):
                due = self.requests * (second + 1) // self.seconds - self.requests * second // self.seconds
                self.answers.update(pool.map(self._ask, [self._next() for _ in range(due)]))
                for happen in each_second:
                    happen(second)
                self._deliver()
                self.clock.advance(1)

    def _next(self) -> tuple[str, str, int]:
        number = next(self._numbers)
        network = self.random.randrange(self.networks)
        ip = HER_NETWORK if number % 50 == 0 else f"198.{18 + network // 65536}.{network // 256 % 256}.{network % 256}"
        (kind,) = self.random.choices([*_SHARES], [*_SHARES.values()])
        return kind, ip, number

    def _ask(self, request: tuple[str, str, int]) -> str:
        kind, ip, number = request
        made_up = f"{number}@{number % 50}.example"
        email = made_up if kind.endswith("made-up") else self.owner.email
        body = {"email": email, **({"password": WRONG_PASSWORD} if kind == "guess hers" else {})}
        route = {"forgot": "POST /forgot", "sign": "POST /sign-up", "guess": "POST /sign-in"}[kind.split()[0]]
        return f"{kind}: {self.stack.call(route, body, ip=ip).status}"

    def _deliver(self) -> None:
        self._stream.deliver(self._shards.read(), Event())
        for lane, at_once in self._lanes:
            for _ in range(at_once * PER_SECOND):
                if not lane.deliver():
                    break

    def send(self, send_email: Callable[..., Any]) -> Callable[..., Any]:
        """SES, which answers "throttled" to every second email."""
        calls = count()

        def every_second(**params: Any) -> Any:
            if next(calls) % 2 == 0:
                raise ClientError({"Error": {"Code": "TooManyRequestsException", "Message": "x"}}, "SendEmail")
            answer = send_email(**params)
            (kind,) = (tag["Value"] for tag in params["EmailTags"] if tag["Name"] == "kind")
            self.sent.append((self.clock.now, params["Destination"]["ToAddresses"][0], kind))
            if kind == RESET:
                self.links.append(text_of(self.stack.inbox[-1]).partition("#token=")[2].split()[0])
            return answer

        return every_second

    def waited(self, asked_at: int) -> int:
        """Seconds until she has a link that was sent no longer than the gap before she asked."""
        links = [at for at, to, kind in self.sent if (to, kind) == (self.owner.email, RESET)]
        return max(0, min(at for at in links if at > asked_at - GAP) - asked_at)

    def emails_to_her(self) -> Counter[str]:
        return Counter(kind for _, to, kind in self.sent if to == self.owner.email)

    def emails_to_strangers(self) -> int:
        return sum(to != self.owner.email for _, to, _ in self.sent)


def withstand(siege: Siege, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five times she signs in on her device and asks for a link; with the last she sets her password and signs in on
    another device. From the first on, the newest link that she has works at every second. The figures are printed.
    """
    stack, owner, clock = siege.stack, siege.owner, siege.clock
    asked: list[int] = []
    signed_in: list[int] = []
    locked: list[bool] = []
    live: list[bool] = []

    def ask(second: int) -> None:
        if second % (siege.seconds // 5) == siege.seconds // 10:
            asked.append(clock.now)
            assert stack.call("POST /forgot", {"email": owner.email}, ip=HER_PHONE).status == 202

    def sign_in(second: int) -> None:
        if second % (siege.seconds // 5) == siege.seconds // 10:
            signed_in.append(stack.sign_in(owner, ip=HER_NETWORK, device_token=owner.device_token).status)

    def look_at_lock(_: int) -> None:
        address = store.get(settings().accounts_table, keys.address(addresses.email_digest(owner.email)))
        locked.append(allowances.passwords().is_used_up(address or {}))

    def look_at_link(_: int) -> None:
        token = tokens.parse_token(tokens.RESET, siege.links[-1]) if siege.links else None
        if token:
            live.append(links.is_good(store.get(settings().tokens_table, keys.reset(owner.account_id)), token))

    with monkeypatch.context() as throttled:
        throttled.setattr(sdk.ses(), "send_email", siege.send(sdk.ses().send_email))
        siege.run(ask, sign_in, look_at_lock, look_at_link)
    waited, to_her = [siege.waited(each) for each in asked], siege.emails_to_her()
    guesses = {name.rpartition(" ")[2]: number for name, number in siege.answers.items() if name.startswith("guess")}
    print(f"requests: {dict(siege.answers)}")  # noqa: T201
    print(f"emails to her: {dict(to_her)}; to strangers: {siege.emails_to_strangers()}")  # noqa: T201
    print(f"seconds to a link: {waited}; sign-ins on her device: {signed_in}")  # noqa: T201
    print(f"guesses judged: {guesses.get('401', 0)}; her address was locked to strangers for {sum(locked)} s")  # noqa: T201

    parameters = {name: int(value) for name, value in stack.template.parameters.items() if value.isdigit()}
    assert siege.answers.total() == siege.requests
    assert len(waited) == 5
    assert max(waited) <= 60
    assert signed_in == [200] * 5
    assert sum(locked) > siege.seconds // 2
    assert len(live) > siege.seconds - 60
    assert all(live)
    assert to_her[RESET] <= siege.seconds // GAP + 1
    assert to_her[REGISTERED] <= parameters["MailLimit"]
    assert to_her[LOCKED] <= 1
    assert siege.emails_to_strangers() <= parameters["SignUpMailBudget"]
    assert guesses["401"] == parameters["AttemptLimit"]
    assert letters_in(stack, "DeadLetters") == 0
    body = {"token": siege.links[-1], "new_password": "Another-Horse-7"}
    assert stack.call("POST /reset", body, ip=HER_NETWORK).status == 204
    after_reset = replace(owner, password=body["new_password"])
    assert stack.sign_in(after_reset, ip=HER_NETWORK).status == 429
    assert stack.sign_in(after_reset, ip=HER_NETWORK, device_token=body["token"]).status == 200


def letters_in(stack: Stack, name: str) -> int:
    sqs: Any = boto3.client("sqs")
    counts = sqs.get_queue_attributes(QueueUrl=stack.template.physical[name], AttributeNames=["All"])["Attributes"]
    return sum(int(number) for name, number in counts.items() if name.startswith("ApproximateNumberOfMessages"))
