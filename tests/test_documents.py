"""What the documents point at and what they name is there, and each of them is pointed at."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from local import tables
from local.template import ROOT, load_template

DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")])

# The change log tells of what was, too.
PRESENT = [each for each in DOCUMENTS if each.name != "CHANGELOG.md"]
# What is written like a name of ours, and is AWS's, or a placeholder.
OTHERS = {
    *(
        "AccessDeniedException",
        "NotFoundException",
        "AccountSendingPausedException",
        "DisabledException",
        "MessageRejected",
    ),
    *("ProvisionedThroughputExceededException", "ThrottlingException", "EnforcementStatus", "SendingEnabled"),
    *("ProductionAccessEnabled", "PutItem", "UpdateItem", "SigV4Auth", "ParallelizationFactor", "BatchGetItem"),
    *("DeletionPolicy", "UpdateReplacePolicy", "DeletionProtectionEnabled", "LogicalResourceId", "OutputKey"),
    *("TableName", "ConditionExpression", "Item", "Key", "Name", "OpenAPI", "DynamoDB", "BuildMethod"),
    *("ReturnValuesOnConditionCheckFailure", "UserStatus", "UserCreateDate", "BatchSize", "MaximumConcurrency"),
    *("GetAccount", "Max24HourSend", "MaxSendRate", "SentLast24Hours", "ForAllValues"),
}


def text_of(document: Path) -> str:
    """Without what is quoted as code."""
    return re.sub(r"^```.*?^```", "", document.read_text(), flags=re.MULTILINE | re.DOTALL)


def links_of(document: Path) -> list[tuple[Path, str]]:
    """The file and the anchor of each link that stays in the repository."""
    found = [each for each in re.findall(r"\]\(([^)\s]+)\)", text_of(document)) if not re.match(r"[a-z]+:", each)]
    parts = [each.partition("#") for each in found]
    return [((document.parent / path).resolve() if path else document, anchor) for path, _, anchor in parts]


def anchors_of(document: Path) -> set[str]:
    """As GitHub makes them of the headings."""
    headings = re.findall(r"^#+ (.+)$", text_of(document), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: str(document.relative_to(ROOT)))
def test_links_lead_somewhere(document: Path) -> None:
    """Each relative link names a file or folder, and its anchor a heading of that file."""
    for target, anchor in links_of(document):
        assert target.exists(), target
        assert not anchor or anchor in anchors_of(target), f"{target}#{anchor}"


def test_every_page_can_be_found() -> None:
    """From the README, links lead to each page of docs."""
    reached, ahead = set(), [ROOT / "README.md"]
    while ahead:
        page = ahead.pop()
        if page.suffix == ".md" and page not in reached:
            reached.add(page)
            ahead += [target for target, _ in links_of(page)]

    assert set(ROOT.glob("docs/**/*.md")) <= reached


def code_of(document: Path) -> str:
    """What is quoted as code; all of a file that is no page."""
    text = document.read_text()
    if document.suffix != ".md":
        return text
    return "\n".join(re.findall(r"^```.*?^```|`[^`\n]+`", text, re.MULTILINE | re.DOTALL))


@cache
def declared(*parts: str) -> set[str]:
    """The names in these sections of the templates that people deploy: ours and the examples'."""
    paths = [ROOT / "template.yaml", *ROOT.glob("examples/*.yaml"), *ROOT.glob("examples/*/template.yaml")]
    documents = [load_template(path=path).document for path in paths]
    return {name for document in documents for part in parts for name in document.get(part, {})}


@cache
def alarms() -> set[str]:
    """The alarms' own names, which the runbook tells."""
    return set(load_template().nested("Watching").document["Resources"])


@cache
def metrics() -> set[str]:
    """What the code counts."""
    code = [*ROOT.glob("functions/*.py"), *ROOT.glob("layers/common/rekey/**/*.py")]
    return {name for path in code for name in re.findall(r'observability\.count\("(\w+)"', path.read_text())}


@pytest.mark.parametrize(
    "document", [*PRESENT, ROOT / "samconfig.toml", ROOT / "Makefile"], ids=lambda each: str(each.relative_to(ROOT))
)
def test_what_is_named_exists(document: Path) -> None:
    """What is set (`Name=`) is a parameter of a template, and what has a name's form is declared by one, or counted."""
    code = code_of(document)
    set_by = set(re.findall(r"(?<![\w./:$-])([A-Z][a-z]\w*)=", code))
    named = set(re.findall(r"(?<![\w./:$-])([A-Z][a-z0-9]+(?:[A-Z][A-Za-z0-9]*)+)(?![\w.])", code))

    ours = declared("Parameters", "Resources", "Outputs", "Conditions") | alarms() | metrics()

    assert set_by - declared("Parameters") - OTHERS == set(), f"{document.name}: no template has these parameters"
    assert named - ours - OTHERS == set(), f"{document.name}: nothing has these names now (AWS's own go to OTHERS)"


def test_a_page_that_has_lost_its_table_is_named(tmp_path: Path) -> None:
    """A table is drawn between its two markers, or not at all: else what follows it would be lost."""
    page = tmp_path / "page.md"
    page.write_text(f"Before\n{tables.BEGIN}After\n")

    with pytest.raises(tables.NoTableError, match=r"page\.md"):
        tables.redrawn(page, ("one",), [])
