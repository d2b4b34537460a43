"""docs/openapi.json is what the code says, is valid, and says nothing that generators of clients stumble over."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from local import api_documents, openapi, openapi_refusals, openapi_schemas
from local.template import ROOT, load_template
from rekey import ids
from rekey.api import cookies, fields
from rekey.api.errors import IamRequiredError
from rekey.api.http import Json, Parameters
from rekey.credentials import recovery_codes, totp
from rekey.sessions import tokens

DOCUMENT = openapi.document()
SCHEMAS = DOCUMENT["components"]["schemas"]
OPERATIONS = {
    f"{method.upper()} {path}": operation
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
}
of_each_call = pytest.mark.parametrize("key", OPERATIONS)


def test_document_is_current() -> None:
    """The committed document is the one drawn from the code now: `make openapi` writes it."""
    committed = json.loads((ROOT / "docs/openapi.json").read_text())

    assert json.loads(json.dumps(DOCUMENT)) == committed, "run make openapi"


def test_document_is_valid() -> None:
    """It is OpenAPI 3.1, its examples and references too; tests/clients asks a second validator."""
    assert [*OpenAPIV31SpecValidator(DOCUMENT).iter_errors()] == []


def test_every_route_is_described() -> None:
    """Each route of the template but the pages, and HEAD, is there."""
    apart = {
        key for key, function in load_template().routes().items() if function != "pages" and not key.startswith("HEAD ")
    } ^ {*OPERATIONS}

    assert not apart, f"{apart}: each route has an event in template.yaml, and its @route in the function there"


@of_each_call
def test_calls(key: str) -> None:
    """A call has a name, a group, an imperative of a few words, its success and what API Gateway itself may say."""
    operation = OPERATIONS[key]

    assert re.fullmatch("[a-z]+([A-Z][a-z]+)*", operation["operationId"])
    assert operation["tags"][0] in openapi.TAGS
    assert 2 <= len(operation["summary"].split()) <= 12
    assert not operation["summary"].endswith(".")
    assert [status for status in operation["responses"] if status < "300"]
    assert {"429", "500", "503"} <= {*operation["responses"]}


def test_names_are_unique() -> None:
    """Generators name functions and types by them."""
    names = [operation["operationId"] for operation in OPERATIONS.values()]

    assert len({*names}) == len(names)
    assert "signUpComplete" in names


@of_each_call
def test_refusals_of_api_gateway(key: str) -> None:
    """Only what a function answers is a problem: for a call that is not signed, API Gateway has its own form."""
    signed = IamRequiredError in openapi.routes()[key][1].refuses
    forbidden = OPERATIONS[key]["responses"]["403"]["content"]
    throttled = OPERATIONS[key]["responses"]["429"]["content"]

    own = {"$ref": "#/components/schemas/GatewayAnswer"}
    assert (forbidden.get("application/json", {}).get("schema") == own) == signed
    assert throttled["application/json"]["schema"] == own


@of_each_call
def test_a_body_that_may_be_left_out(key: str) -> None:
    """A body is required where a field is."""
    route = openapi.routes()[key][1]
    without = {
        "GET /account",
        "POST /admin/clients/list",
        "POST /admin/signing-keys/list",
        "POST /oauth/logout",
        "POST /totp/setup",
        "POST /totp/disable",
        "POST /totp/recovery-codes",
        "POST /email/verify",
        "POST /oauth/authorize",  # it says itself what is missing
        "GET /oauth/userinfo",
        "POST /oauth/userinfo",
    }

    without |= {each for each in OPERATIONS if each.startswith("GET /.well-known/")}

    assert openapi.may_be_left_out(route) == (key in without)
    if route.body:
        assert OPERATIONS[key]["requestBody"]["required"] == (key not in without)


def test_bodies_name_their_fields() -> None:
    """Each JSON body lists its fields and refuses all others."""
    for _, route in openapi.routes().values():
        if route.body and issubclass(route.body, Json):
            name = route.body.__name__
            named, _ = openapi_schemas.fields_of(SCHEMAS, name)
            assert {*named} == {*route.body.__struct_fields__}
            for each in [name] if "properties" in SCHEMAS[name] else [f"{name}By{way}" for way in ways(route.body)]:
                is_shut = SCHEMAS[each].get("additionalProperties") is False
                assert is_shut != issubclass(route.body, Parameters), f"{each} takes what it does not name"


def ways(body: type[Json]) -> list[str]:
    return [field.title().replace("_", "") for field in body.one_of]


@pytest.mark.parametrize("name", ["TotpRequest", "FindRequest", "Change", "ConfirmedChange"])
def test_one_of_two(name: str) -> None:
    """A code or a recovery code, an address or an id: a schema has the one, requires it, and lacks the other."""
    variants = [SCHEMAS[openapi_schemas.name_of(each)] for each in SCHEMAS[name]["oneOf"]]

    (first,) = {*variants[0]["properties"]} - {*variants[1]["properties"]}
    (second,) = {*variants[1]["properties"]} - {*variants[0]["properties"]}
    assert first in variants[0]["required"]
    assert second in variants[1]["required"]


def test_what_pages_keep_in_cookies() -> None:
    """Every other client has to send it."""
    for schema in map(
        SCHEMAS.__getitem__, ("TokenRequestByRefreshToken", "TotpRequestByCode", "TotpRequestByRecoveryCode")
    ):
        assert {*schema["properties"]} & {*cookies.FIELDS} <= {*schema["required"]}
        assert {*schema["properties"]} & {*cookies.FIELDS}


def parts(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from parts(child)


def test_generators_take_it() -> None:
    """No enumeration of one value, none without a type, no default (openapi-typescript would require the field)."""
    for part in parts(SCHEMAS):
        if isinstance(part.get("enum"), list):
            assert len(part["enum"]) > 1, part
            assert part["type"] == "string", part
        if "const" in part:
            assert part["type"] in {"string", "boolean"}, part
        assert "default" not in part or "type" in part["default"], part


def field(name: str, schema: str) -> dict[str, Any]:
    found: dict[str, Any] = SCHEMAS[schema]["properties"][name]
    return found


@pytest.mark.parametrize(
    ("given", "name", "schema"),
    [
        (str(tokens.issue_token(tokens.RESET, ids.new_id(), ids.new_id())), "token", "ResetRequest"),
        (str(tokens.issue_token(tokens.SIGN_UP, "0" * 32, ids.new_id())), "token", "CompleteRequest"),
        (str(tokens.issue_token(tokens.CHALLENGE, ids.new_id(), ids.new_id())), "challenge_token", "TotpRequestByCode"),
        (
            str(tokens.issue_token(tokens.REFRESH, ids.new_id(), ids.new_id())),
            "refresh_token",
            "TokenRequestByRefreshToken",
        ),
        (totp.code_at(totp.new_secret(), 1), "code", "VerifyRequest"),
        ("123 456", "code", "VerifyRequest"),
        (ids.new_id(), "account_id", "DeleteRequest"),
        ("sv-SE", "locale", "ForgotRequest"),
    ],
    ids=range(8),
)
def test_patterns(given: str, name: str, schema: str) -> None:
    """What the code issues, and what apps show, has the form that is asked for."""
    assert re.search(field(name, schema)["pattern"], given)
    assert not re.search(field(name, schema)["pattern"], f"{given}?")


def test_limits() -> None:
    """Lengths stand in the document as the code has them, for whichever password rule a stack has chosen."""
    assert field("email", "SignInRequest")["maxLength"] == fields.LONGEST_EMAIL == 254
    assert field("email", "SignInRequest")["format"] == "email"
    password = field("new_password", "ChangeRequest")
    assert (password["minLength"], password["maxLength"]) == (6, 256)
    assert "maxLength" not in field("current_password", "ChangeRequest"), "one that was imported may be longer"
    shortest = field("recovery_code", "TotpRequestByRecoveryCode")["minLength"]
    assert all(len(code) >= shortest == 24 for code in recovery_codes.issue_recovery_codes())


def test_a_query_names_its_parameters() -> None:
    """Each is there with the form that it must have; a query has no null."""
    (parameter,) = OPERATIONS["GET /account"]["parameters"]

    assert (parameter["name"], parameter["in"], parameter["required"]) == ("events_before", "query", False)
    assert re.fullmatch(parameter["schema"]["pattern"], f"{'0' * 28}.{'f' * 28}")
    told = api_documents.document().partition("### `GET /account`")[2].partition("\n### ")[0]
    assert "| `events_before` | no |" in told


def test_a_refusal_names_what_can_be_wrong_with_a_field() -> None:
    """Each refusal of a field has its own codes for that, as its class declares them."""
    own = {name: schema["properties"] for name, schema in SCHEMAS.items() if "errors" in schema.get("properties", {})}
    codes = {each["code"]["const"]: each["errors"]["items"]["properties"]["code"] for each in own.values()}

    assert {*codes} == {each.code for each in openapi_refusals.input_errors()}
    assert codes["same_password"]["const"] == "unchanged"
    assert {"too_short", "breached"} <= {*codes["weak_password"]["enum"]} - {*codes["validation_failed"]["enum"]}
    assert {"missing", "unknown"} <= {*codes["validation_failed"]["enum"]} - {*codes["weak_password"]["enum"]}


def test_servers() -> None:
    """A stack's, by the host in its output, and the instance of `make run`."""
    stack, local = DOCUMENT["servers"]

    assert "ApiUrl" in stack["variables"]["host"]["description"]
    assert "ApiUrl" in load_template().document["Outputs"]
    assert local["url"] == "http://localhost:3000"
