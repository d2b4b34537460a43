"""Which of our languages a person reads. No catalogue is loaded for that (`rekey.languages.locale` has them)."""

from __future__ import annotations

import re

# By language, the place whose customs its dates follow: English ones without America's order of month and day.
LANGUAGES = {"en": "en_GB", "sv": "sv_SE", "fr": "fr_FR"}
SOURCE = "en"  # of code and templates: it needs no catalogue, and who asks for none of ours gets it
_WEIGHED = re.compile(r"\s*([A-Za-z]{2,8})(?:[-_][A-Za-z0-9_-]*)?\s*(?:;\s*q\s*=\s*([01](?:\.[0-9]{0,3})?)\s*)?")


def choose(preferred: str | None, accept_language: str = "") -> str:
    """The first language that we have: the one a person named, then those of Accept-Language, else English."""
    return _first_of_ours(preferred or "", *_accepted(accept_language)) or SOURCE


def find_asked(named: str | None, accept_language: str) -> str | None:
    """What a request says of its language: by name, whether we have it or not, or else the best of Accept-Language.

    None where it says nothing of ours, as most programs do: then what is known of the account decides.
    """
    return named or _first_of_ours(*_accepted(accept_language))


def _first_of_ours(*tags: str) -> str | None:
    languages = (re.split("[-_]", tag)[0].lower() for tag in tags)
    return next((language for language in languages if language in LANGUAGES), None)


def _accepted(header: str) -> list[str]:
    """The languages of Accept-Language, the dearest first (RFC 9110 §12.5.4); what is malformed is passed over."""
    found = [match.groups(default="1") for match in map(_WEIGHED.fullmatch, header[:1000].split(",")) if match]
    return [language for language, weight in sorted(found, key=lambda each: -float(each[1])) if float(weight)]
