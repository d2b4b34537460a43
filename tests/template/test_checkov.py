"""What checkov is told to leave out, and that each exception gives its reason."""

import yaml

from local.template import ROOT, load_template

DOCUMENT = load_template().document


def test_what_holds_for_all_is_said_in_the_template() -> None:
    """The checks that .checkov.yaml leaves out are those the template gives a reason for, and no others."""
    left_out = yaml.safe_load((ROOT / ".checkov.yaml").read_text())["skip-check"]

    assert left_out == [each["id"] for each in DOCUMENT["Metadata"]["checkov"]["skip"]]


def test_every_template_is_looked_through() -> None:
    """The template and what it nests are files that checkov is given."""
    nested = [each["Location"] for each in load_template().resources("AWS::Serverless::Application").values()]

    assert yaml.safe_load((ROOT / ".checkov.yaml").read_text())["file"] == ["template.yaml", *nested]


def test_every_exception_has_its_reason() -> None:
    """No check is left out without a word."""
    nested = load_template().nested("Watching").document
    owners = [DOCUMENT, *DOCUMENT["Resources"].values(), *nested["Resources"].values()]
    skipped = [each for owner in owners for each in owner.get("Metadata", {}).get("checkov", {}).get("skip", [])]

    assert len(skipped) > 4
    assert [each["id"] for each in skipped if len(each.get("comment", "")) < 40] == []
