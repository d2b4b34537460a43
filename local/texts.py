"""The catalogues, brought up to date with the texts that code and templates mark: `make texts` writes, a test compares.

They hold what is marked, in the order of files and lines, so that a translator reads a page as people read it.
"""

from __future__ import annotations

import io
import re
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from local.template import ROOT
from rekey.languages.locale import CATALOGUES

FOLDERS = tuple(ROOT / folder for folder in ("functions", "layers/common/rekey", "web"))
_METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]
_WIDTH = 110  # characters
# Names and dates of who extracted and translated: git knows them, and each run would change them.
_NOISE = re.compile(
    r'^"(Project-Id-Version|Report-Msgid-Bugs-To|POT-Creation-Date|PO-Revision-Date|Last-Translator|Language-Team'
    r"|Generated-By):.*\n",
    re.MULTILINE,
)


def extract(*folders: Path) -> Catalog:
    """Every text that stands in `_`, `N_`, `ngettext` or the like."""
    marked = Catalog()
    for folder in folders:
        for _, _, message, _, context in extract_from_dir(folder, _METHODS):
            marked.add(message, context=context)
    return marked


def bring_up_to_date(path: Path, marked: Catalog) -> str:
    """A catalogue's file as it should be: what is new waits for its translation, and what is not marked is gone."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.stem, abort_invalid=True)
    catalogue.update(marked, no_fuzzy_matching=True)
    written = io.BytesIO()
    write_po(written, catalogue, width=_WIDTH, ignore_obsolete=True)
    return _NOISE.sub("", written.getvalue().decode())


if __name__ == "__main__":
    found = extract(*FOLDERS)
    for each in CATALOGUES.iterdir():
        each.write_text(bring_up_to_date(each, found))
