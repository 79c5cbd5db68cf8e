"""A picture of the report, made by a headless Chromium where one is installed.

Only our own report is drawn here, from a file, without a network. It shows each post's address, its times and the time
of the capture. The page of the post itself is another picture: ``page``.
"""

import os
import re
import shutil
import signal
import struct
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.protect.evidence.chromium import QUIET

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "chrome-headless-shell")
WIDTH: Final = 1000
"""Pixels of the picture's width."""
TALLEST: Final = 16_000
"""Pixels that Chromium draws at most; what is longer is cut, and the bundle says so."""
SECONDS: Final = 40
"""How long each of the two starts may take."""

_HEIGHT = re.compile(r'data-height="([0-9]{1,7})"')
_PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG, or b"" and why there is none. ``told`` is "full page", "cut", "no browser" or "the browser failed"."""

    png: bytes
    told: str


def browser_of(environment: Mapping[str, str]) -> str | None:
    """The Chromium that ``environment`` leads to, if one is installed."""
    return next(filter(None, (shutil.which(name, path=environment.get("PATH")) for name in BROWSERS)), None)


def draw(render: Callable[[bool], str], environment: Mapping[str, str]) -> Picture:
    """Draw the page that ``render`` gives; asked with True it gives the page that tells its own height."""
    browser = browser_of(environment)
    if browser is None:
        return Picture(b"", "no browser")
    try:
        with tempfile.TemporaryDirectory(prefix="earshot-picture-") as folder:
            return _drawn(browser, Path(folder), render, environment)
    except (OSError, subprocess.SubprocessError):
        return Picture(b"", "the browser failed")


def _drawn(browser: str, folder: Path, render: Callable[[bool], str], environment: Mapping[str, str]) -> Picture:
    page, png = folder / "report.html", folder / "picture.png"
    words = [browser, *QUIET, f"--user-data-dir={folder / 'profile'}"]
    if os.geteuid() == 0:
        # Chromium's own sandbox does not start for root. The page is ours and runs nothing.
        words.append("--no-sandbox")
    page.write_text(render(True), "utf-8")  # noqa: FBT003 - see ``draw``
    told = _run([*words, f"--window-size={WIDTH},800", "--dump-dom", page.as_uri()], folder, environment)
    height = _HEIGHT.search(told)
    if height is None:
        return Picture(b"", "the browser failed")
    page.write_text(render(False), "utf-8")  # noqa: FBT003 - likewise
    tall = min(int(height[1]), TALLEST)
    _run([*words, f"--window-size={WIDTH},{tall}", f"--screenshot={png}", page.as_uri()], folder, environment)
    drawn = png.read_bytes()
    if not drawn.startswith(_PNG) or struct.unpack(">II", drawn[16:24]) != (WIDTH, tall):
        return Picture(b"", "the browser failed")
    return Picture(drawn, "full page" if tall == int(height[1]) else "cut")


def _run(words: Sequence[str], folder: Path, environment: Mapping[str, str]) -> str:
    with subprocess.Popen(  # noqa: S603 - fixed words and paths of our own, no shell
        words,
        cwd=folder,
        env={**environment, "HOME": str(folder)},
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as browser:
        try:
            told, _ = browser.communicate(timeout=SECONDS)
        finally:
            # What it started would live on, and hold the pipe open.
            with suppress(OSError):
                os.killpg(browser.pid, signal.SIGKILL)
    return told.decode("utf-8", "replace")
