"""What a scenario is. Each route has one or more, each function that no route leads to has one.

Budgets, faults, refusals, the story (policies, secrets, published events), samples and benchmarks read them: what is
right of a route is said in its scenario, and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from tests.actors import context
from tests.stack import Answer, Stack

Attempt = Callable[[], Answer]
_MEMBERS = {
    "authorizer": "isAuthorized",
    "cleanup": "finished",
    "feedback": "outcomes",
    "notify": "batchItemFailures",
    "mailer": "batchItemFailures",
}


@dataclass(frozen=True)
class Request:
    """The right request: what `Stack.call` takes."""

    body: dict[str, Any] | None = None
    form: dict[str, str] | None = None
    token: str | None = None
    caller: str | None = None
    query: dict[str, str] | None = None

    def varied(self, **fields: Any) -> Request:
        """The same but for some fields of its body or form."""
        if self.form is not None:
            return replace(self, form={**self.form, **fields})
        return replace(self, body={**(self.body or {}), **fields})

    def send(self, stack: Stack, route: str) -> Answer:
        return stack.call(route, self.body, form=self.form, token=self.token, caller=self.caller, query=self.query)


@dataclass(frozen=True)
class Scenario:
    """A route when all goes well.

    `calls` are those of AWS in their order, as `tests/faults/network.py` names them; `+` joins those under way at once.
    `answers` is said at first, `again` when the same request comes once more though it was done.
    """

    route: str
    variant: str
    prepare: Callable[[Stack], Request]
    calls: str
    answers: str
    again: str
    repeatable: bool  # done again, it happens again: each sign-in makes a session
    ends_again: bool = False  # done again, it ends what it gave: a code that comes twice

    @property
    def name(self) -> str:
        """`change`, or `sign-in, challenged`."""
        path = self.route.split()[1].strip("/")
        return f"{path}, {self.variant}" if self.variant else path

    def attempt(self, stack: Stack) -> Attempt:
        """All is prepared; what is returned sends the request, and again."""
        return partial(self.prepare(stack).send, stack, self.route)


@dataclass(frozen=True)
class Invocation:
    """A function that no route of the API leads to, or only files do, when all goes well. `calls` as in Scenario."""

    function: str
    variant: str
    prepare: Callable[[Stack], dict[str, Any]]
    calls: str
    answers: Any

    @property
    def name(self) -> str:
        return f"{self.function}, {self.variant}" if self.variant else self.function

    def attempt(self, stack: Stack) -> Callable[[], dict[str, Any]]:
        return partial(stack.invoke, self.function, self.prepare(stack), context())


def scenario(  # noqa: PLR0913 - what a scenario has
    route: str,
    variant: str = "",
    *,
    calls: str,
    answers: str,
    again: str,
    repeatable: bool = False,
    ends_again: bool = False,
) -> Callable[[Callable[[Stack], Request]], Scenario]:
    """Declare a scenario: the function prepares it and returns the right request."""
    return lambda prepare: Scenario(route, variant, prepare, calls, answers, again, repeatable, ends_again)


def invocation(
    function: str, variant: str = "", *, calls: str, answers: Any
) -> Callable[[Callable[[Stack], dict[str, Any]]], Invocation]:
    """Declare an invocation: the function prepares it and returns the event."""
    return lambda prepare: Invocation(function, variant, prepare, calls, answers)


def names_of(calls: str) -> list[str]:
    return re.split(r"[ +]", calls) if calls else []


def in_order(made: list[str], calls: str) -> str:
    """Calls that were made, written as `calls` are: those under way at once in the order they have there."""
    left, steps = list(made), []
    for step in calls.split():
        at_once, left = left[: (size := len(names_of(step)))], left[size:]
        steps.append(step if sorted(at_once) == sorted(names_of(step)) else "+".join(at_once))
    return " ".join([*filter(None, steps), *left])


def told(answer: Answer) -> str:
    """`204`, or `400 token_invalid`."""
    return f"{answer.status} {answer.code}".strip()


def outcome(function: str, answer: dict[str, Any]) -> Any:
    """What a function's answer comes to: the status of HTTP functions, the one member that matters of others."""
    return answer.get(_MEMBERS.get(function, "statusCode"), answer)
