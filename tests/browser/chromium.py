"""Chromium: the system's own, found or named as lacking."""

from __future__ import annotations

import os
import shutil

NAMES = ("chromium", "google-chrome", "chromium-browser")


def find_chromium() -> str | None:
    return os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def lacking() -> str:
    """What this machine lacks to run a browser, and how to get it; empty where it lacks nothing."""
    if not find_chromium():
        return "Chromium is lacking: apt-get install chromium, or CHROMIUM=/path/to/chrome"
    return ""
