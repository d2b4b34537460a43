"""events/*.json: what `sam local invoke` and the tests of the built artefact send."""

from http import HTTPStatus

import pytest

from local import demo_account, samples
from local.template import ROOT, load_template
from rekey.api.http import Json, Route
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
    lacking = f"{function} has no sample: run make documents; if no @route leads to it, write events/{function}.json"

    assert function in SAMPLES, lacking


def test_each_event_has_its_function() -> None:
    """There is no event besides."""
    beside = {*SAMPLES} - {*FUNCTIONS}

    assert not beside, f"events/ has samples of {beside}, which template.yaml has not"


def test_samples_are_current() -> None:
    """The committed events of the API's routes are those drawn from the code now."""
    drawn = samples.documents()
    stale = [path.name for path, text in drawn.items() if not path.exists() or path.read_text() != text]

    assert not stale, f"{stale}: run make documents"


def test_a_field_without_example_is_named() -> None:
    """Nothing is made up for a field: who declares the route is told where to say what can be sent."""

    class Renaming(Json):
        display_name: str | None
        locale: str | None = None

    route = Route("POST /rename", lambda _: None, Renaming, (), HTTPStatus.OK, ())

    with pytest.raises(samples.NoExampleError, match="POST /rename: give its field `display_name` `examples`"):
        samples._event(route)


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

    assert outcome(function, answer) == answer_to_sample(function), f"{answer}: {samples.HERE} has its body"


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
