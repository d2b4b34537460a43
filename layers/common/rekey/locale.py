"""The languages people read: which one is theirs, its texts, and how it writes times and durations."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from gettext import GNUTranslations
from pathlib import Path
from typing import Any

from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.units import format_unit

# By language, the place whose customs its dates follow: English ones without America's order of month and day.
LANGUAGES = {"en": "en_GB", "sv": "sv_SE", "fr": "fr_FR"}
CATALOGUES = Path(__file__).parent / "locales"
_WEIGHED = re.compile(r"\s*([A-Za-z]{2,8})(?:[-_][A-Za-z0-9_-]*)?\s*(?:;\s*q\s*=\s*([01](?:\.[0-9]{0,3})?)\s*)?")


def choose(preferred: str | None, accept_language: str = "") -> str:
    """The first language that we have: the one a person named, then those of Accept-Language, else English."""
    for tag in (preferred or "", *_accepted(accept_language)):
        language = re.split("[-_]", tag)[0].lower()
        if language in LANGUAGES:
            return language
    return "en"


def _accepted(header: str) -> list[str]:
    """The languages of Accept-Language, the dearest first (RFC 9110 §12.5.4); what is malformed is passed over."""
    found = [match.groups(default="1") for match in map(_WEIGHED.fullmatch, header[:1000].split(",")) if match]
    return [language for language, weight in sorted(found, key=lambda each: -float(each[1])) if float(weight)]


@dataclass(frozen=True)
class Locale:
    """One language, as templates and mails use it. Fields of a text stand in braces: `{issuer}`."""

    language: str
    texts: GNUTranslations

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
    compiled = io.BytesIO()
    with (CATALOGUES / f"{language}.po").open("rb") as catalogue:
        write_mo(compiled, read_po(catalogue, language))
    compiled.seek(0)
    return Locale(language, GNUTranslations(compiled))
