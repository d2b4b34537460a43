"""docs/openapi.json is what the code says."""

import json

from local import openapi
from local.template import ROOT, load_template
from rekey.api.http import Json


def test_document_is_current() -> None:
    """The committed document is the one drawn from the code now: `make openapi` writes it."""
    committed = json.loads((ROOT / "docs/openapi.json").read_text())

    assert json.loads(json.dumps(openapi.document())) == committed


def test_every_route_is_described() -> None:
    """Each route of the template but the pages is there, with a summary, its success and at least one refusal."""
    paths = openapi.document()["paths"]

    for key in (key for key, function in load_template().routes().items() if function != "pages"):
        method, path = key.split()
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
