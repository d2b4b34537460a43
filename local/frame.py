"""The frame of the local pages: self-contained, nothing is loaded from outside."""

from __future__ import annotations

import html
from pathlib import Path

_ASSETS = Path(__file__).parent / "assets"


def page(title: str, body: str, *, script: str | None = None) -> bytes:
    """A whole page. `body` is HTML; `script` names an asset to run in it."""
    code = f"<script>\n{(_ASSETS / script).read_text()}</script>" if script else ""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>{html.escape(title)} · Rekey on this machine</title>
<style>
{(_ASSETS / "style.css").read_text()}</style>
</head>
<body>
<nav><strong>Rekey on this machine</strong> <a href="/_local/">Start</a> <a href="/_local/inbox">Inbox</a>
<a href="/_local/mails">Emails</a> <a href="/_local/api">API</a></nav>
<main>
{body}
</main>
{code}
</body>
</html>
""".encode()
