"""What Lambda does between a source and a function: filters, batches, retries, rates."""

from __future__ import annotations

import threading
from typing import Any, cast

import pytest

from local import schedule
from local.patterns import matches
from local.schedule import parse_rate
from local.stream import StreamMapping

NAMED = {"name": "event#1", "size": 3, "at": {"zone": "UTC"}}


@pytest.mark.parametrize(
    ("pattern", "agrees"),
    [
        ({}, True),
        ({"name": ["event#1"]}, True),
        ({"name": ["other", "event#1"]}, True),
        ({"name": ["other"]}, False),
        ({"name": [{"prefix": "event#"}]}, True),
        ({"name": [{"prefix": "account#"}]}, False),
        ({"name": [{"suffix": "#1"}]}, True),
        ({"size": [{"prefix": "3"}]}, False),
        ({"at": {"zone": ["UTC"]}}, True),
        ({"at": {"zone": ["CET"]}}, False),
        ({"name": {"zone": ["UTC"]}}, False),
        ({"absent": ["x"]}, False),
        ({"absent": [{"exists": False}]}, True),
        ({"name": [{"exists": False}]}, False),
        ({"name": [{"anything-but": ["event#1"]}]}, False),
        ({"size": [{"anything-but": 4}]}, True),
        ({"absent": [{"anything-but": 4}]}, False),
        ({"name": ["event#1"], "size": [4]}, False),
    ],
)
def test_patterns(pattern: Any, *, agrees: bool) -> None:
    """A pattern lets through what agrees with one alternative of each of its fields."""
    assert matches(pattern, NAMED) is agrees


def test_an_unknown_operator_is_said() -> None:
    """A filter that is not carried out here is an error, not a silence."""
    with pytest.raises(ValueError, match="numeric"):
        matches({"size": [{"numeric": [">", 1]}]}, NAMED)


@pytest.mark.parametrize(
    ("expression", "seconds"),
    [("rate(15 minutes)", 900), ("rate(1 hour)", 3600), ("rate(2 days)", 172800), ("cron(0 * * * ? *)", None)],
)
def test_rates(expression: str, seconds: int | None) -> None:
    """A rate is so many seconds; a cron is none."""
    assert parse_rate(expression) == seconds


class Lambdas:
    """Delivers each record unless it is told to fail, and says so as it is told: by its answer, or by raising."""

    def __init__(self, *failing: str, raises: bool = False) -> None:
        self.failing = failing
        self.raises = raises
        self.delivered: list[str] = []
        self.batches: list[list[str]] = []

    def invoke(self, _function: str, event: dict[str, Any]) -> dict[str, Any]:
        numbers = [record["dynamodb"]["SequenceNumber"] for record in event["Records"]]
        self.batches.append(numbers)
        if self.raises and set(numbers) & set(self.failing):
            raise RuntimeError
        for number in numbers:
            if number in self.failing:
                return {"batchItemFailures": [{"itemIdentifier": number}]}
            self.delivered.append(number)
        return {"batchItemFailures": []}


def deliver(lambdas: Lambdas, monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], int]]:
    """Hand on five records, and return which were put aside together after how many tries."""
    mapping = object.__new__(StreamMapping)
    vars(mapping).update(_function="notify", _invoke=lambdas.invoke, _batch=3, _tries=3, _bisects=True)
    aside: list[tuple[list[str], int]] = []
    monkeypatch.setattr("local.stream.PAUSE", 0)
    monkeypatch.setattr(
        mapping,
        "_put_aside",
        lambda batch, tries: aside.append(([record["dynamodb"]["SequenceNumber"] for record in batch], tries)),
    )
    mapping.deliver([{"dynamodb": {"SequenceNumber": str(n)}} for n in range(5)], threading.Event())
    return aside


def test_records_go_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """All records are delivered once, in order, no more at a time than the batch size."""
    lambdas = Lambdas()
    assert deliver(lambdas, monkeypatch) == []
    assert lambdas.batches == [["0", "1", "2"], ["3", "4"]]


def test_what_a_batch_has_left_is_put_aside_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """A record that is named is tried as often as the template says; given up, it takes along what is behind it."""
    lambdas = Lambdas("1")
    assert deliver(lambdas, monkeypatch) == [(["1", "2"], 3)]
    assert lambdas.delivered == ["0", "3", "4"]


def test_a_batch_at_which_the_function_raises_is_halved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the record that fails is alone: it alone is put aside, and all others are delivered once."""
    lambdas = Lambdas("1", raises=True)
    assert deliver(lambdas, monkeypatch) == [(["1"], 3)]
    assert lambdas.delivered == ["0", "2", "3", "4"]


def test_a_scheduled_run_says_what_it_did(capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody calls cleanup, so its answer is printed: else nobody could see that it runs."""
    stopping = threading.Event()

    class Once:
        def invoke(self, _function: str, event: dict[str, Any]) -> dict[str, Any]:
            stopping.set()
            return {"source": event["source"], "deleted": 3}

    schedule.run("cleanup", 0, cast("Any", Once()), stopping)

    assert capsys.readouterr().out == 'cleanup: {"source": "aws.scheduler", "deleted": 3}\n'
