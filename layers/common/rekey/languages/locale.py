"""The languages people read: their texts, and how they write times and durations."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Any

from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.units import format_unit

from rekey.languages.preference import LANGUAGES, SOURCE

# None for English, which is what stands in code and templates.
CATALOGUES = Path(__file__).parent / "catalogues"


@dataclass(frozen=True)
class Locale:
    """One language, as templates and mails use it. Fields of a text stand in braces: `{issuer}`."""

    language: str
    texts: NullTranslations

    def gettext(self, text: str, /, **fields: Any) -> str:
        return self.texts.gettext(text).format_map(fields)

    def ngettext(self, one: str, many: str, number: int, /, **fields: Any) -> str:
        """The form for a number, which is the field `{number}`."""
        return self.texts.ngettext(one, many, number).format_map({"number": number, **fields})

    def time(self, at: int) -> str:
        """A day and a minute, in UTC: where the reader is is not known."""
        moment = datetime.fromtimestamp(at, UTC)
        date = format_date(moment, "long", locale=LANGUAGES[self.language])
        return self.gettext("{date} at {time} UTC", date=date, time=f"{moment:%H:%M}")

    def duration(self, seconds: int) -> str:
        """In whole hours or else in minutes, rounded up."""
        unit, length = ("hour", 3600) if seconds % 3600 == 0 else ("minute", 60)
        return format_unit(-(-seconds // length), f"duration-{unit}", locale=LANGUAGES[self.language])


@cache
def locale(language: str) -> Locale:
    """Reads the language's catalogue, once."""
    return Locale(language, NullTranslations() if language == SOURCE else _translations(language))


def _translations(language: str) -> GNUTranslations:
    compiled = io.BytesIO()
    with (CATALOGUES / f"{language}.po").open("rb") as catalogue:
        write_mo(compiled, read_po(catalogue, language))
    compiled.seek(0)
    return GNUTranslations(compiled)
