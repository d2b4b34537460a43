"""events/*.json: what `sam local invoke` and the tests of the built artefact send."""

from types import SimpleNamespace

import pytest

from local import demo_account
from local.template import ROOT, load_template
from tests.demo_events import ANSWERS, FUNCTIONS, load_event, outcome
from tests.stack import Stack

HTTP = sorted(set(load_template().routes().values()))


def test_each_function_has_its_event() -> None:
    """There is one event for each function of the template, none besides, and each one's answer is known."""
    events = sorted(path.stem for path in (ROOT / "events").iterdir())

    assert events == FUNCTIONS == sorted(ANSWERS)


@pytest.mark.parametrize("function", HTTP)
def test_event_takes_a_route_of_its_function(function: str) -> None:
    """An HTTP event's route is in the template and leads to that function, said the same throughout."""
    event = load_event(function)
    http = event["requestContext"]["http"]

    assert load_template().routes()[event["routeKey"]] == function
    assert event["routeKey"] == f"{http['method']} {http['path']}" == f"{http['method']} {event['rawPath']}"
    assert event["requestContext"]["routeKey"] == event["routeKey"]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_event_is_answered(stack: Stack, function: str) -> None:
    """Where the demo account is, each event gets the answer that is written down for it."""
    demo_account.seed(stack.template)

    answer = stack.invoke(function, load_event(function), SimpleNamespace(get_remaining_time_in_millis=lambda: 60_000))

    assert outcome(function, answer) == ANSWERS[function], answer


def test_seeding_again_mends_what_events_have_spent(stack: Stack) -> None:
    """A spent link, a changed password and ended sessions are as new once the demo account is seeded again."""
    for _ in range(2):
        demo_account.seed(stack.template)
        assert [stack.invoke(name, load_event(name))["statusCode"] for name in ("change", "revoke_tokens")] == [
            204,
            204,
        ]
        demo_account.seed(stack.template)
        assert stack.invoke("reset", load_event("reset"))["statusCode"] == 204


def test_header_names_are_taken_in_any_case(stack: Stack) -> None:
    """`sam local start-api` writes names of headers as browsers do, API Gateway in lower case: both are understood."""
    demo_account.seed(stack.template)
    event = load_event("change")
    event["headers"] = {name.title(): value for name, value in event["headers"].items()}

    assert stack.invoke("change", event)["statusCode"] == 204
