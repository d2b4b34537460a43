"""What the documents point at is there, and each of them is pointed at."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from local.template import ROOT

DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")])


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
