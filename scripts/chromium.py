"""Find a Chromium that starts, or get one: ``python scripts/chromium.py`` prints its path.

On the machine, else fetched by Playwright, else by apt when root, else a message that says what to install.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
APPLICATIONS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
CACHES = ("~/.cache/ms-playwright", "~/Library/Caches/ms-playwright")
FETCHED = ("chromium-*/chrome-linux*/chrome", "chromium-*/chrome-mac*/*.app/Contents/MacOS/*")
WAYS = (
    [sys.executable, "-m", "playwright", "install", "chromium"],
    ["apt-get", "update"],
    ["apt-get", "install", "--yes", "--no-install-recommends", "chromium", "fonts-liberation"],
)


def find() -> str | None:
    """Path of the first Chromium on this machine that starts."""
    return next(filter(_starts, _candidates()), None)


def get() -> str:
    """Path of a Chromium; one is fetched where there is none."""
    for way in WAYS:
        if path := find():
            return path
        if way[0] != "apt-get" or (shutil.which("apt-get") and os.geteuid() == 0):
            print(f"no Chromium yet: {' '.join(way)}", file=sys.stderr)
            subprocess.run(way, stdout=sys.stderr, check=False)
    if path := find():
        return path
    sys.exit(
        "The browser tests need Chromium, and none was found or could be fetched – "
        "install the package `chromium` or Google Chrome, or name one by RETRUST_CHROMIUM=/path/to/chromium."
    )


def _candidates() -> Iterator[str]:
    """Where a Chromium may be, likeliest first."""
    if named := os.environ.get("RETRUST_CHROMIUM"):
        yield named
    yield from filter(None, map(shutil.which, NAMES))
    yield from APPLICATIONS
    caches = (os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or "", *CACHES)
    for cache in filter(None, caches):
        for pattern in FETCHED:
            yield from map(str, Path(cache).expanduser().glob(pattern))


def _starts(path: str) -> bool:
    """Tell whether the program is there with all its libraries."""
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=30, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


if __name__ == "__main__":
    print(get())
