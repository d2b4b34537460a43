"""What is deployed: tables that keep what must be kept, routes that are meant, and functions that exist."""

from __future__ import annotations

import importlib
import json
from typing import Any

import pytest

import cleanup
import pages
from local import openapi
from local.template import ROOT, Template, load_template
from rekey.api.errors import IamRequiredError
from rekey.aws.sdk import CONFIG

FRONT_DOOR = ["change", "forgot", "reset", "totp_setup", "totp_verify", "revoke_tokens"]
PAGES = {f"GET {path}" for path in (*pages.PAGES, *pages.REDIRECTS, pages.ICON)} | {"GET /assets/{name}"}
REST = {"HEAD /", "HEAD /{proxy+}", "GET /{proxy+}", "POST /{proxy+}"}


@pytest.fixture
def template() -> Template:
    return load_template()


def test_routes_of_pages(template: Template) -> None:
    """The hosted pages are at the paths that their function knows; it answers what is no route, too."""
    apart = (PAGES | REST) ^ {key for key, name in template.routes().items() if name == "pages"}

    assert not apart, f"{apart}: each is in PAGES of functions/pages.py, and among the events of PagesFunction"


def test_what_is_no_route_is_bounded_apart(template: Template) -> None:
    """A flood of made-up paths is stopped long before the whole API's rate, and takes nothing of other routes'."""
    events = template.functions()["pages"]["Events"].values()
    bounded = {f"{each['Properties']['Method']} {each['Properties']['Path']}": each["Properties"] for each in events}

    for key in REST:
        settings = bounded[key]["RouteSettings"]
        assert 0 < settings["ThrottlingRateLimit"] <= int(template.parameters["ApiRate"]) / 10
        assert settings["ThrottlingRateLimit"] <= settings["ThrottlingBurstLimit"] <= 100
    assert {key for key, each in bounded.items() if "RouteSettings" in each} == REST


def test_no_route_takes_preflights(template: Template) -> None:
    """API Gateway answers them by itself, unless $default, ANY or OPTIONS sends them to a function."""
    methods = {key.partition(" ")[0] for key in template.routes()}

    assert methods == {"GET", "HEAD", "POST"}


def test_some_routes_need_iam_credentials(template: Template) -> None:
    """API Gateway asks for a signature on the routes that refuse without, and can: its authorizer is switched on.

    Those of admins are among them.
    """
    refusing = {key for key, (_, route) in openapi.routes().items() if IamRequiredError in route.refuses}

    assert template.signed_routes() == refusing
    assert {key for key in template.routes() if key.startswith("POST /admin/")} < refusing
    assert template.resources("AWS::Serverless::HttpApi")["Api"]["Auth"] == {"EnableIamAuthorizer": True}


def test_routes_are_of_the_one_api(template: Template) -> None:
    """Each names the API: one that does not would get an API of its own, at another address, without the domain."""
    routes = [
        event["Properties"]
        for properties in template.resources("AWS::Serverless::Function").values()
        for event in properties.get("Events", {}).values()
        if event["Type"] == "HttpApi"
    ]

    assert [route for route in routes if route.get("ApiId") != {"Ref": "Api"}] == []


def test_functions(template: Template) -> None:
    """Each function's handler exists, and each file of functions/ is deployed."""
    deployed = template.functions()

    assert set(deployed) == {path.stem for path in (ROOT / "functions").glob("*.py")}
    for name, properties in deployed.items():
        assert callable(importlib.import_module(name).lambda_handler)
        assert properties["Handler"] == f"{name}.lambda_handler"
        assert properties["CodeUri"] == "functions/"


def test_the_front_door_comes_first(template: Template) -> None:
    """Whoever opens the template meets the six flows before all other functions, within three screens of 50 lines."""
    text = (ROOT / "template.yaml").read_text()
    last = list(template.resources("AWS::Serverless::Function"))[len(FRONT_DOOR)]

    assert list(template.functions())[: len(FRONT_DOOR)] == FRONT_DOOR
    assert text.partition(f"\n  {last}:\n")[0].count("\n") < 150


def test_each_function_has_a_role_of_its_own(template: Template) -> None:
    """No function borrows another's role, and none has a policy by name, which would be wider."""
    for name, properties in template.functions().items():
        assert "Role" not in properties, name
        assert [set(policy) for policy in properties["Policies"]] == [{"Statement"}] * (name != "pages"), name


def test_time_for_retries(template: Template) -> None:
    """A function behind the API outlives the SDK's retries, so that a fault is a 503, and ends before the gateway."""
    config: Any = CONFIG  # its type says nothing of its options
    longest = config.retries["total_max_attempts"] * (config.connect_timeout + config.read_timeout)
    for name in set(template.routes().values()):
        assert longest < template.functions()[name]["Timeout"] < 30


@pytest.mark.parametrize("name", ["AccountsTable", "EventsTable", "TokensTable"])
def test_tables(template: Template, name: str) -> None:
    """On demand, encrypted, recoverable to a point in time, not to be deleted, and swept by TTL."""
    properties = template.resources("AWS::DynamoDB::Table")[name]
    resource = template.document["Resources"][name]

    assert properties["BillingMode"] == "PAY_PER_REQUEST"
    assert properties["SSESpecification"] == {"SSEEnabled": True}
    assert properties["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert properties["DeletionProtectionEnabled"] is True
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")


def test_no_other_table(template: Template) -> None:
    """There are three."""
    assert set(template.resources("AWS::DynamoDB::Table")) == {"AccountsTable", "EventsTable", "TokensTable"}


def test_key_of_totp_secrets(template: Template) -> None:
    """The key is rotated."""
    assert template.resources("AWS::KMS::Key")["TotpKey"]["EnableKeyRotation"] is True


@pytest.mark.parametrize("name", load_template().resources("AWS::KMS::Key"))
def test_keys_outlive_the_stack(template: Template, name: str) -> None:
    assert template.document["Resources"][name]["DeletionPolicy"] == "Retain"
    assert template.document["Resources"][name]["UpdateReplacePolicy"] == "Retain"


def test_key_of_signatures(template: Template) -> None:
    """RSA, which is all that API Gateway's own authorizer takes; and for signatures alone."""
    key = template.keys()["SigningKey"]

    assert (key["KeySpec"], key["KeyUsage"]) == ("RSA_2048", "SIGN_VERIFY")


def stream_of_notify(template: Template) -> dict[str, Any]:
    (event,) = template.functions()["notify"]["Events"].values()
    assert event["Type"] == "DynamoDB"
    properties = event["Properties"]
    assert isinstance(properties, dict)
    return properties


def test_no_event_is_lost(template: Template) -> None:
    """The stream of events is read from its beginning; what fails is tried again, alone, and then kept."""
    stream = stream_of_notify(template)

    assert stream["Stream"] == "arn:EventsTable"
    assert stream["StartingPosition"] == "TRIM_HORIZON"
    assert stream["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert stream["BisectBatchOnFunctionError"] is True
    assert 0 < stream["MaximumRetryAttempts"] < 100
    assert stream["DestinationConfig"]["OnFailure"] == {"Type": "SQS", "Destination": "arn:DeadLetters"}
    streams = {
        name: table.get("StreamSpecification") for name, table in template.resources("AWS::DynamoDB::Table").items()
    }
    assert streams == {"AccountsTable": None, "EventsTable": {"StreamViewType": "NEW_IMAGE"}, "TokensTable": None}


def test_only_new_events_wake_notify(template: Template) -> None:
    """The filter lets an event through when it is written and when it is replayed, not when it expires."""
    (only,) = stream_of_notify(template)["FilterCriteria"]["Filters"]

    assert json.loads(only["Pattern"]) == {"eventName": ["INSERT", "MODIFY"]}


def test_dead_letters_are_kept(template: Template) -> None:
    """A mail that cannot be delivered is kept for two weeks, encrypted. test_watching.py has its alarm."""
    queue = template.resources("AWS::SQS::Queue")["DeadLetters"]

    assert queue == {"MessageRetentionPeriod": 1209600, "SqsManagedSseEnabled": True}


def test_lanes(template: Template) -> None:
    """Each has its own concurrency; a letter that fails is received some times, long enough apart, and then kept."""
    mailer = template.functions()["mailer"]
    lanes = {
        event["Properties"]["Queue"].removeprefix("arn:"): event["Properties"] for event in mailer["Events"].values()
    }
    assert set(lanes) == {"OwnersQueue", "StrangersQueue"}

    for name, source in lanes.items():
        queue = template.resolve(template.resources("AWS::SQS::Queue")[name])
        assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert source["BatchSize"] == 1
        assert queue["VisibilityTimeout"] >= 6 * mailer["Timeout"]
        assert queue["RedrivePolicy"]["deadLetterTargetArn"] == "arn:DeadLetters"
        assert 3 <= queue["RedrivePolicy"]["maxReceiveCount"] <= 10
        assert queue["SqsManagedSseEnabled"] is True
    strangers, owners = (
        lanes[name]["ScalingConfig"]["MaximumConcurrency"] for name in ("StrangersQueue", "OwnersQueue")
    )
    assert strangers < owners


def test_bus_of_its_own(template: Template) -> None:
    """Two stacks do not share it, and nobody but the stream's reader may put events on it."""
    bus = template.resources("AWS::Events::EventBus")["EventBus"]
    policy = template.resources("AWS::Events::EventBusPolicy")["EventBusPolicy"]

    assert bus["Name"] == {"Fn::Sub": "${AWS::StackName}-events"}
    assert policy["EventBusName"] == {"Ref": "EventBus"}
    assert policy["Statement"] == {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "events:PutEvents",
        "Resource": {"Fn::GetAtt": ["EventBus", "Arn"]},
        "Condition": {"ArnNotEquals": {"aws:PrincipalArn": {"Fn::GetAtt": ["NotifyFunctionRole", "Arn"]}}},
    }
    (putting,) = [
        name for name, properties in template.functions().items() if "events:PutEvents" in str(properties["Policies"])
    ]
    assert putting == "notify"


def test_cleanup_is_scheduled() -> None:
    """Schedule and switch are parameters, a run may take minutes, and a failed one is not repeated long."""
    template = load_template({"CleanupSchedule": "rate(1 hour)", "Cleanup": "DISABLED"})
    (event,) = template.functions()["cleanup"]["Events"].values()
    retries = {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 3600}

    assert event["Type"] == "ScheduleV2"
    assert event["Properties"] == {
        "ScheduleExpression": "rate(1 hour)",
        "State": "DISABLED",
        "RetryPolicy": retries,
    }
    assert template.functions()["cleanup"]["EventInvokeConfig"]["MaximumRetryAttempts"] <= 1
    assert template.functions()["cleanup"]["Timeout"] * 1000 > 2 * cleanup.RESERVE


def test_cleanup_stops_in_time() -> None:
    """What a run keeps back is enough for a call that fails at its slowest, and for the write after it."""
    config: Any = CONFIG
    tries = config.retries["total_max_attempts"]
    slowest = tries * (config.connect_timeout + config.read_timeout) + sum(2**number for number in range(tries - 1))

    assert 2 * slowest * 1000 < cleanup.RESERVE


def test_cors_names_its_origins(template: Template) -> None:
    """Browsers are let in from named origins, without credentials, with the two headers that are needed."""
    cors = template.resolve(template.resources("AWS::Serverless::HttpApi")["Api"]["CorsConfiguration"])

    assert cors["AllowOrigins"] == ["http://localhost:3000"]
    assert "*" not in [*cors["AllowOrigins"], *cors["AllowHeaders"], *cors["AllowMethods"]]
    assert "AllowCredentials" not in cors


def test_access_log_names_no_secret(template: Template) -> None:
    """The gateway's log holds no path with a query, no header and no body."""
    written = template.resources("AWS::Serverless::HttpApi")["Api"]["AccessLogSettings"]["Format"]

    assert not any(part in written for part in ("$context.path", "querystring", "header", "authorizer", "requestBody"))


@pytest.mark.parametrize(("architecture", "name"), {"arm64": "Arm64Layer", "x86_64": "X86Layer"}.items())
def test_layer_fits_the_functions(architecture: str, name: str) -> None:
    """Whichever architecture is chosen, every function gets the layer built for it, which alone is deployed."""
    chosen = load_template({"Architecture": architecture})
    layers = chosen.document["Resources"]
    conditions = chosen.document["Conditions"]
    deployed = [each for each in ("Arm64Layer", "X86Layer") if chosen.resolve(conditions[layers[each]["Condition"]])]

    assert deployed == [name]
    assert layers[name]["Metadata"] == {"BuildMethod": "makefile", "BuildArchitecture": architecture}
    assert layers[name]["Properties"]["CompatibleArchitectures"] == [architecture]
    for properties in chosen.functions().values():
        assert properties["Layers"] == [name]
        assert properties["Architectures"] == [architecture]
        assert [properties["Runtime"]] == layers[name]["Properties"]["CompatibleRuntimes"]


def test_links_without_own_pages(template: Template) -> None:
    """Mailed links point at the API's own pages, unless the team has its own."""
    assert template.environment("mailer")["LINK_ORIGIN"].startswith("https://Api.execute-api.")
    assert (
        load_template({"LinkOrigin": "https://acme.test"}).environment("mailer")["LINK_ORIGIN"] == "https://acme.test"
    )


def test_own_domain() -> None:
    """With a domain, mailed links and the output lead there, and API Gateway's own address is closed."""
    certificate = "arn:aws:acm:eu-west-1:123456789012:certificate/0f"
    named = load_template({"DomainName": "id.example.com", "CertificateArn": certificate})
    api = named.resources("AWS::Serverless::HttpApi")["Api"]

    assert named.environment("mailer")["LINK_ORIGIN"] == "https://id.example.com"
    assert named.resolve(named.document["Outputs"]["ApiUrl"]["Value"]) == "https://id.example.com"
    assert named.resolve(api)["DisableExecuteApiEndpoint"] is True
    assert load_template().resolve(api)["DisableExecuteApiEndpoint"] is False
    assert [named.holds(condition) for condition in ("OwnDomain", "OwnZone")] == [True, False]


def test_own_key() -> None:
    """With a key of the team's, functions use that one, may use no other, and none is made."""
    key = "arn:aws:kms:eu-west-1:123456789012:key/0f"
    chosen = load_template({"KeyArn": key})
    granted = [
        statement["Resource"]
        for properties in chosen.functions().values()
        for policy in properties["Policies"]
        for statement in policy["Statement"]
        if statement["Action"] in ("kms:Encrypt", "kms:Decrypt")
    ]

    assert chosen.environment()["TOTP_KEY"] == key
    assert set(granted) == {key}
    assert not chosen.holds(chosen.document["Resources"]["TotpKey"]["Condition"])
