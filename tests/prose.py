"""How Rekey writes, as far as a program can judge it: sentences that are short, and words that are left out.

The text is plain, or Markdown of which code in backticks is no prose.
"""

from __future__ import annotations

import re

LONGEST = 25  # words of a sentence
_FORBIDDEN = re.compile(
    r"(?<![\w.@/-])(?:e-mail(?:s|ed|ing)?|mail(?:s|ed|ing)?|mend(?:s|ed|ing)?)(?![\w@/]|-\w|\.\w)", re.IGNORECASE
)
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
# A stop within a word, as in 1.5 or name@example.com, ends none.
_END = re.compile(r"(?<=[.!?…])[\"”\u2019»)]*\s+|\n\s*\n")
_WORD = re.compile(r"[^\W_]")


def sentences(text: str) -> list[str]:
    """Each on one line. A blank line ends one, too: what stands in two paragraphs is not one sentence."""
    return [" ".join(each.split()) for each in _END.split(_CODE.sub("code", text)) if each and each.strip()]


def too_long(text: str, most: int = LONGEST) -> list[str]:
    """The sentences of more words than that. A number or a `{field}` is a word, a dash is none."""
    return [each for each in sentences(text) if len([word for word in each.split() if _WORD.search(word)]) > most]


def words_forbidden(text: str) -> list[str]:
    """Of an English text: "mail" and "e-mail", where we write "email", and "mend", where we write "fix"."""
    return [found[0] for found in _FORBIDDEN.finditer(_CODE.sub("code", text))]
