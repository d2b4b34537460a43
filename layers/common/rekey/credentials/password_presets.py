"""The password rules a template can choose from, without what judges by them: the pages show them, and load no more."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rekey.api.errors import PasswordCode

LONGEST = 256  # characters: beyond any manager's, and little work to normalise and hash
_SPECIAL = re.compile(r"[^\w\s]|_")

# Each rule: the least length, and what else must hold, by the code of its refusal.
RULES: dict[str, tuple[int, dict[PasswordCode, Callable[[str], bool]]]] = {
    "sales-connect": (
        9,
        {
            "needs_uppercase": lambda password: any(map(str.isupper, password)),
            "needs_lowercase": lambda password: any(map(str.islower, password)),
            "needs_digit": lambda password: any(map(str.isdigit, password)),
            "needs_special": lambda password: _SPECIAL.search(password) is not None,
        },
    ),
    "commerce": (6, {"has_whitespace": lambda password: not any(map(str.isspace, password))}),
    "nist": (15, {}),
}
