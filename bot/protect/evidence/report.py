"""The report of a bundle: one HTML page in German and English, with a print style, that runs nothing and loads nothing.

Every word of a post is escaped by the template engine, and signs that hide or turn text around are written out.
"""

import base64
import hashlib
import unicodedata
from functools import cache
from importlib import resources

from jinja2 import Environment, Template

from bot.protect.evidence.capture import Captured, Told

ANSWERS = {
    "shown": ("Die Plattform zeigt den Beitrag.", "The platform shows the post."),
    "gone": (
        "Die Plattform zeigt den Beitrag nicht mehr; der Wortlaut stammt aus unserem Speicher.",
        "The platform no longer shows the post; the wording is from our store.",
    ),
    "refused": (
        "Die Plattform zeigt uns den Beitrag nicht; der Wortlaut stammt aus unserem Speicher.",
        "The platform does not show us the post; the wording is from our store.",
    ),
    "no_answer": (
        "Die Plattform antwortete nicht; der Wortlaut stammt aus unserem Speicher.",
        "The platform did not answer; the wording is from our store.",
    ),
    "not_asked": (
        "Die Plattform wurde nicht gefragt; der Wortlaut stammt aus unserem Speicher.",
        "The platform was not asked; the wording is from our store.",
    ),
}
"""What a platform answered about a post, for people of both languages."""

THREADS = {
    "shown": ("Die Plattform nannte uns den Faden.", "The platform gave us the thread."),
    "refused": (
        "Die Plattform zeigt uns den Faden nicht; hier steht, was wir selbst gehört hatten.",
        "The platform does not show us the thread; here is what we had heard ourselves.",
    ),
    "no_answer": (
        "Die Plattform antwortete nicht, als wir nach dem Faden fragten; hier steht, was wir selbst gehört hatten.",
        "The platform did not answer when we asked for the thread; here is what we had heard ourselves.",
    ),
    "not_asked": (
        "Nach dem Faden wurde die Plattform nicht gefragt; hier steht, was wir selbst gehört hatten.",
        "The platform was not asked for the thread; here is what we had heard ourselves.",
    ),
}
"""What a platform answered when it was asked for a thread."""

LEFT_OUT = {
    "not public": ("nicht öffentlich", "not public"),
    "too many": ("über der Obergrenze", "beyond the limit"),
    "broken": ("unlesbar", "unreadable"),
    "never kept": ("darf nie aufbewahrt werden", "must never be kept"),
    "over budget": ("Suche unterblieb, das Budget reicht nicht", "no search, the budget does not allow it"),
    "not offered": ("diese Quelle kennt keine Fäden", "this source knows no threads"),
}
"""Why posts of a thread are not in the bundle."""

_READ = "\n\t\u200c\u200d"
"""Line ends, and the joiners that emoji and some scripts need to be read: they hide nothing."""

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

_SCRIPT = "document.documentElement.dataset.height = document.documentElement.scrollHeight"
_DIGEST = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()


def visible(text: str) -> str:
    """A text with every sign written out that is invisible or turns text around, so that a reader sees all of it."""
    return "".join(map(_shown, text.replace("\r\n", "\n").replace("\r", "\n")))


def _shown(sign: str) -> str:
    if sign in _READ or unicodedata.category(sign) not in _HIDDEN:
        return sign
    return f"\N{MATHEMATICAL LEFT ANGLE BRACKET}U+{ord(sign):04X}\N{MATHEMATICAL RIGHT ANGLE BRACKET}"


@cache
def _template() -> Template:
    room = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    room.filters["visible"] = visible
    return room.from_string(resources.files("bot.protect.evidence").joinpath("report.html").read_text("utf-8"))


def render(facts: Told, found: Captured, *, measuring: bool = False) -> str:
    """The report. ``measuring``: with one script of ours that tells its height, only for making the picture."""
    policy = f"; script-src 'sha256-{_DIGEST}'" if measuring else ""
    script = _SCRIPT if measuring else ""
    return _template().render(
        facts=facts, found=found, answers=ANSWERS, threads=THREADS, reasons=LEFT_OUT, policy=policy, script=script
    )
