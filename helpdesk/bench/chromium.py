"""Finds the Chromium of measurements and browser tests: the system's first, then the one Playwright installed."""

import os
import shutil
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str:
    """Return the path of a Chromium, or an empty text when there is none. CHROMIUM_PATH wins."""
    if chosen := os.environ.get("CHROMIUM_PATH"):
        return chosen
    for name in NAMES:
        if path := shutil.which(name):
            return path
    return _of_playwright()


def _of_playwright() -> str:
    home = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    programs = [*home.glob("chromium-*/chrome-linux*/chrome"), *home.glob("chromium-*/chrome-mac*/**/Chromium")]
    return str(max(programs)) if programs else ""
