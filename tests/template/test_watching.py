"""Alarms and dashboard: what they look at exists, somebody is told, and what to do is written down."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from local import simulator
from local.template import ROOT, Template, load_template
from rekey import clock
from rekey.aws import sdk, store
from rekey.limits import breaker, mail_budgets
from rekey.mail import quota
from rekey_admin.main import main
from tests import story
from tests.actors import administer
from tests.stack import WRONG_PASSWORD, Account, Clock, Stack

Metric = tuple[str, str, frozenset[str]]
"""Namespace, name, names of the dimensions."""

# What AWS itself publishes, by its documentation.
KNOWN: set[Metric] = {
    *(("AWS/ApiGateway", name, frozenset({"ApiId"})) for name in ("Count", "4xx", "5xx", "Latency")),
    *(("AWS/Lambda", name, frozenset({"FunctionName"})) for name in ("Errors", "Throttles", "Duration", "IteratorAge")),
    ("AWS/Lambda", "Throttles", frozenset()),
    *(("AWS/DynamoDB", f"{way}ThrottleEvents", frozenset({"TableName"})) for way in ("Read", "Write")),
    ("AWS/DynamoDB", "SuccessfulRequestLatency", frozenset({"TableName", "Operation"})),
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible", frozenset({"QueueName"})),
    ("AWS/SQS", "ApproximateAgeOfOldestMessage", frozenset({"QueueName"})),
    *(("AWS/SES", name, frozenset()) for name in ("Send", "Delivery", "Bounce", "Complaint")),
    *(("AWS/SES", f"Reputation.{name}Rate", frozenset()) for name in ("Bounce", "Complaint")),
}
EMITTED: list[tuple[Metric, dict[str, str]]] = []
TEMPLATE = load_template()
WATCHING = TEMPLATE.nested("Watching")
ALARMS = WATCHING.resources("AWS::CloudWatch::Alarm")
QUESTIONS = ["Is it up?", "Is it slow?", "Is somebody attacking?", "Are emails going out?"]


def metrics_of(alarm: dict[str, Any]) -> list[dict[str, Any]]:
    """The metrics an alarm reads, one or many."""
    return [each["MetricStat"]["Metric"] for each in alarm.get("Metrics", []) if "MetricStat" in each] or [alarm]


def dimensions(metric: dict[str, Any]) -> dict[str, str]:
    return {each["Name"]: str(WATCHING.resolve(each["Value"])) for each in metric.get("Dimensions", [])}


def dashboard() -> dict[str, Any]:
    (properties,) = WATCHING.resources("AWS::CloudWatch::Dashboard").values()
    body: dict[str, Any] = json.loads(WATCHING.resolve(properties["DashboardBody"]))
    return body


def rows_of(widget: dict[str, Any]) -> list[list[Any]]:
    """A graph's metrics, spelt out: `.` is the part above it, `...` all of them."""
    rows: list[list[Any]] = []
    for row in widget["properties"].get("metrics", []):
        parts = [part for part in row if not isinstance(part, dict)]
        if parts == ["..."]:
            parts = rows[-1]
        rows.append([rows[-1][at] if part == "." else part for at, part in enumerate(parts)])
    return [row for row in rows if row]


def searches() -> list[str]:
    return [
        part["expression"]
        for widget in dashboard()["widgets"]
        for row in widget["properties"].get("metrics", [])
        for part in row
        if isinstance(part, dict) and "expression" in part
    ]


@pytest.fixture
def emitted(request: pytest.FixtureRequest) -> list[tuple[Metric, dict[str, str]]]:
    """The story takes seconds, so it is told once."""
    if not EMITTED:
        EMITTED.extend(_emit(*map(request.getfixturevalue, ("stack", "frozen", "capsys"))))
    return EMITTED


def _emit(stack: Stack, frozen: Clock, capsys: pytest.CaptureFixture[str]) -> list[tuple[Metric, dict[str, str]]]:
    """What the flows themselves publish: the whole story, a wrong recovery code, a lock met, a mail not taken."""
    account = story.tell(stack, frozen)
    frozen.advance(86400)
    for _ in range(1 + int(stack.template.parameters["AttemptLimit"])):
        stack.call("POST /sign-in", {"email": "mallory@example.com", "password": WRONG_PASSWORD})
    body = {"challenge_token": stack.challenge(account), "recovery_code": "AAAA-AAAA-AAAA-AAAA-AAAA-AAAA"}
    stack.call("POST /sign-in/totp", body)
    stack.call("POST /forgot", {"email": account.email})
    _hold_back(stack, account)
    sdk.ses().delete_email_identity(EmailIdentity=stack.template.parameters["MailFrom"])
    stack.deliver()
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith('{"_aws"')]
    return [
        ((each["Namespace"], each["Metrics"][0]["Name"], frozenset(names)), {name: line[name] for name in names})
        for line in lines
        for each in line["_aws"]["CloudWatchMetrics"]
        for names in each["Dimensions"]
    ]


def _hold_back(stack: Stack, account: Account) -> None:
    """Emails that no budget has anything left for, and a lane that closes."""
    for _ in range(1 + int(stack.template.parameters["NoticeLimit"])):
        administer(stack, "force-sign-in", {"account_id": account.account_id})
    budget = int(stack.template.parameters["SignUpMailBudget"])
    assert mail_budgets.take_for_stranger("one@domain.example") is None
    counted = [
        row for row in map(store.from_item, stack.rows("TokensTable")) if row["pk"].startswith("limit#strangers")
    ]
    counted.sort(key=lambda row: -len(row["pk"]))  # the hour's last
    for number, row in enumerate(counted):
        store.put("TokensTable", {**row, "mails": budget})
        stack.call("POST /sign-up", {"email": f"{number}@domain.example"})
        stack.deliver()
    quota._known().update(SentLast24Hours=quota._known()["Max24HourSend"])
    stack.call("POST /sign-up", {"email": "quota@domain.example"})
    stack.deliver()
    for _ in range(breaker.LEAST_KNOWN):
        tags = {"lane": ["strangers"]}
        news = simulator.fate("bounce@simulator.amazonses.com", clock.now(), tags)
        stack.invoke("feedback", simulator.sns_event(news))


def test_what_is_nested_is_told_what_it_asks_for() -> None:
    """Each parameter of the nested template is set by the outer one, from what has its name there, and is used.

    Defaults and limits are declared in the outer one alone.
    """
    (set_by,) = (each["Parameters"] for each in TEMPLATE.resources("AWS::Serverless::Application").values())
    used = json.dumps(WATCHING.document["Resources"])

    assert set(set_by) == set(WATCHING.document["Parameters"])
    assert all(set(rules) == {"Type"} for rules in WATCHING.document["Parameters"].values())
    for name, value in set_by.items():
        assert value in ({"Ref": "AWS::StackName"}, {"Ref": name}, {"Fn::GetAtt": [name, "QueueName"]}), name
        assert f'{{"Ref": "{name}"}}' in used or f"${{{name}}}" in used, name


def test_metrics_are_those_of_the_outer_stack() -> None:
    """The nested stack has a name of its own, which no metric has as a dimension."""
    assert "AWS::StackName" not in json.dumps(WATCHING.document)
    assert TEMPLATE.environment("forgot")["POWERTOOLS_SERVICE_NAME"] == WATCHING.parameters["Stack"]


def test_limits_of_alarms_are_parameters() -> None:
    """What a deployment says of them reaches the alarms of the nested stack."""
    chosen = load_template({"SignInFailureAlarm": "7", "LockoutAlarm": "3"}).nested("Watching")
    limits = {name: chosen.resolve(ALARMS[name]["Threshold"]) for name in ("SignInFailuresAlarm", "LockoutsAlarm")}

    assert limits == {"SignInFailuresAlarm": "7", "LockoutsAlarm": "3"}


def test_every_alarm_tells_somebody() -> None:
    """An alarm and its end are published, and missing data is no alarm."""
    for name, alarm in ALARMS.items():
        assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": "AlarmTopic"}], name
        assert alarm["TreatMissingData"] == "notBreaching", name


def test_who_gives_an_address_is_subscribed() -> None:
    """The topic has a subscription by mail where the parameter names one, and else none."""
    assert TEMPLATE.document["Resources"]["AlarmSubscription"]["Condition"] == "MailedAlarms"
    assert load_template({"AlarmMail": "ops@example.com"}).holds("MailedAlarms")
    assert not TEMPLATE.holds("MailedAlarms")


@pytest.mark.parametrize("name", ALARMS)
def test_every_alarm_has_its_page(name: str) -> None:
    """The description names a heading of the runbook, under which the alarm's own name stands."""
    runbook = (ROOT / "docs/runbook.md").read_text()
    found = re.search(r"docs/runbook\.md#([\w-]+)$", ALARMS[name]["AlarmDescription"])
    entries = {
        re.sub(r"[^\w -]", "", entry.partition("\n")[0].lower()).replace(" ", "-"): entry
        for entry in runbook.split("\n## ")[1:]
    }

    assert found
    assert f"`{name}`" in entries[found[1]]


def test_the_runbooks_commands_exist(capsys: pytest.CaptureFixture[str]) -> None:
    """Each command of rekey-admin that the runbook names is one."""
    named = set(re.findall(r"rekey-admin (?:--\S+ (?:rekey )?)?([a-z][a-z-]+)", (ROOT / "docs/runbook.md").read_text()))
    with pytest.raises(SystemExit):
        main(["--help"])
    offered = set(re.findall(r"^    ([a-z-]+)(?: |$)", capsys.readouterr().out, re.MULTILINE))

    assert {"replay", "find", "force-sign-in"} <= named
    assert named <= offered


def test_every_function_is_watched() -> None:
    """What is behind the API shows in its 5xx; every other function is named by the alarm for errors."""
    watched = {dimensions(metric)["FunctionName"] for metric in metrics_of(ALARMS["FunctionErrorsAlarm"])}
    behind_the_api = {
        name
        for name, properties in TEMPLATE.resources("AWS::Serverless::Function").items()
        if any(event["Type"] == "HttpApi" for event in properties.get("Events", {}).values())
    }

    assert watched | behind_the_api == set(TEMPLATE.resources("AWS::Serverless::Function"))
    assert not watched & behind_the_api


def test_alarms_read_what_is_published(emitted: list[tuple[Metric, dict[str, str]]]) -> None:
    """Each metric of ours that an alarm names is emitted by a flow with those very dimensions; AWS's are known ones."""
    ours = [(metric, values) for metric, values in emitted]
    for name, alarm in ALARMS.items():
        for metric in metrics_of(alarm):
            values = dimensions(metric)
            key = (metric["Namespace"], str(metric["MetricName"]), frozenset(values))
            assert key in KNOWN or (key, values) in ours, (name, metric)


def test_dashboard_shows_what_is_published(emitted: list[tuple[Metric, dict[str, str]]]) -> None:
    """Each metric and each search of the dashboard finds something that is emitted, or a known metric of AWS."""
    ours = [(metric, values) for metric, values in emitted]
    for widget in dashboard()["widgets"]:
        for namespace, name, *pairs in rows_of(widget):
            values = dict(zip(pairs[::2], pairs[1::2], strict=True))
            key = (namespace, name, frozenset(values))
            assert key in KNOWN or (key, values) in ours, (widget["properties"]["title"], key)
    for expression in searches():
        (schema,) = re.findall(r"\{(.*?)\}", expression)
        namespace, *names = schema.split(",")
        asked = {key: re.findall(r'"(.*?)"', value) for key, value in _conditions(expression)}
        for name in asked.pop("MetricName"):
            key = (namespace, name, frozenset(names))
            assert key in KNOWN or any(_finds(key, asked, found) for found in ours), expression
            if namespace == "Rekey":  # each of the values that a search allows is one that comes up
                for dimension, allowed in asked.items():
                    seen = {values[dimension] for metric, values in ours if metric == key}
                    assert set(allowed) <= seen, (expression, seen)


def _conditions(expression: str) -> list[tuple[str, str]]:
    return re.findall(r'(\w+)=(\([^)]*\)|"[^"]*"|[\w-]+)', expression.partition("}")[2])


def _finds(key: Metric, asked: dict[str, list[str]], found: tuple[Metric, dict[str, str]]) -> bool:
    metric, values = found
    return metric == key and all(values[name] in allowed for name, allowed in asked.items())


def test_dashboard_answers_four_questions() -> None:
    """Their titles are the questions an operator has, and every alarm is on it."""
    texts = [each["properties"]["markdown"] for each in dashboard()["widgets"] if each["type"] == "text"]
    (alarms,) = [each["properties"]["alarms"] for each in dashboard()["widgets"] if each["type"] == "alarm"]

    assert [text.partition("\n")[0].strip("# ") for text in texts] == QUESTIONS
    assert {name.removesuffix(".Arn") for name in alarms} == set(ALARMS)


def test_widgets_do_not_overlap() -> None:
    """The grid is 24 wide, and no two widgets share a cell of it."""
    cells = [
        (x, y)
        for each in dashboard()["widgets"]
        for x in range(each["x"], each["x"] + each["width"])
        for y in range(each["y"], each["y"] + each["height"])
    ]

    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


def test_every_log_is_kept_for_a_set_time() -> None:
    """All functions and the API write to the one log group, whose retention is a parameter."""
    (group,) = TEMPLATE.resources("AWS::Logs::LogGroup").values()
    stack: Template = load_template({"LogLife": "90"})

    assert stack.resolve(group) == {"RetentionInDays": "90"}
    assert all(each["LoggingConfig"]["LogGroup"] == "LogGroup" for each in stack.functions().values())
    destination = stack.resources("AWS::Serverless::HttpApi")["Api"]["AccessLogSettings"]["DestinationArn"]
    assert stack.resolve(destination) == "arn:LogGroup"
