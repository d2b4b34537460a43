"""events/*.json: what `sam local invoke` and the tests of the built artefact send."""

import pytest

from local import demo_account
from local.template import ROOT, load_template
from tests.actors import context
from tests.demo_events import load_event
from tests.scenarios.samples import FUNCTIONS, answer_to_sample
from tests.scenarios.scenario import outcome
from tests.stack import Stack

SAMPLES = sorted(path.stem for path in (ROOT / "events").iterdir())
HTTP = sorted({*load_template().routes().values()} & {*SAMPLES})


@pytest.mark.parametrize("function", FUNCTIONS)
def test_each_function_has_its_event(function: str) -> None:
    """There is one event for each function of the template."""
    lacking = f"{function} has no sample: add events/{function}.json, for the account of local/demo_account.py"

    assert function in SAMPLES, lacking


def test_each_event_has_its_function() -> None:
    """There is no event besides."""
    beside = {*SAMPLES} - {*FUNCTIONS}

    assert not beside, f"events/ has samples of {beside}, which template.yaml has not"


@pytest.mark.parametrize("function", HTTP)
def test_event_takes_a_route_of_its_function(function: str) -> None:
    """An HTTP event's route is in the template and leads to that function, said the same throughout."""
    event = load_event(function)
    http = event["requestContext"]["http"]

    assert load_template().routes()[event["routeKey"]] == function
    assert event["routeKey"] == f"{http['method']} {http['path']}" == f"{http['method']} {event['rawPath']}"
    assert event["requestContext"]["routeKey"] == event["routeKey"]


@pytest.mark.parametrize("function", SAMPLES)
def test_event_is_answered(stack: Stack, function: str) -> None:
    """Where the demo account is, each event gets the answer that its scenario names."""
    demo_account.seed(stack.template)

    answer = stack.invoke(function, load_event(function), context())

    assert outcome(function, answer) == answer_to_sample(function), answer


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
