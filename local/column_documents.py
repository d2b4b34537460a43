"""The columns of an import and an export, in their guide: drawn from where each is declared.

`make documents` writes them, a test compares.
"""

from __future__ import annotations

from local import tables
from local.template import ROOT
from rekey.accounts.attributes import COLUMNS
from rekey_admin.incoming import GUIDE, MARKERS

PAGE = ROOT / GUIDE


def document() -> str:
    """What the page is to hold."""
    told = {**COLUMNS, **MARKERS}
    return tables.redrawn(PAGE, ("column", "what it holds"), [(f"`{name}`", words) for name, words in told.items()])


if __name__ == "__main__":
    PAGE.write_text(document(), "utf-8")
