"""docs/openapi.json is what the code says."""

import json

from local import openapi
from local.template import ROOT, load_template
from rekey.api.http import Json


def test_document_is_current() -> None:
    """The committed document is the one drawn from the code now: `make openapi` writes it."""
    committed = json.loads((ROOT / "docs/openapi.json").read_text())

    assert json.loads(json.dumps(openapi.document())) == committed, "run make openapi"


def test_every_route_is_described() -> None:
    """Each route of the template but the pages is there, with a summary, its success and at least one refusal."""
    paths = openapi.document()["paths"]

    for key in (key for key, function in load_template().routes().items() if function != "pages"):
        method, path = key.split()
        assert method.lower() in paths.get(path, {}), f"{key} is no @route of the function that template.yaml names"
        operation = paths[path][method.lower()]
        assert operation["summary"]
        assert len(operation["responses"]) > 1


def test_bodies_name_their_fields() -> None:
    """Each JSON body lists its fields and refuses all others."""
    schemas = openapi.document()["components"]["schemas"]

    for _, route in openapi.routes().values():
        if route.body and issubclass(route.body, Json):
            schema = schemas[route.body.__name__]
            assert schema["properties"]
            assert schema["additionalProperties"] is False


def test_a_refusal_names_what_can_be_wrong_with_a_field() -> None:
    """Each refusal of a field has its own codes for that, as its class declares them."""
    schemas = openapi.document()["components"]["schemas"]
    own = {name: schema["allOf"][1]["properties"] for name, schema in schemas.items() if "allOf" in schema}
    codes = {each["code"]["const"]: each["errors"]["items"]["properties"]["code"]["enum"] for each in own.values()}

    assert {"validation_failed", "weak_password", "same_password"} <= set(codes)
    assert all(codes.values()), "its `*codes` are a Literal"
    assert codes["same_password"] == ["unchanged"]
    assert {"too_short", "breached"} <= set(codes["weak_password"]) - set(codes["validation_failed"])
    assert {"missing", "unknown"} <= set(codes["validation_failed"]) - set(codes["weak_password"])
