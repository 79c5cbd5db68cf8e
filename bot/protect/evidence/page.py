"""A picture of the public page of a post, as its platform shows it to a stranger: without scripts and without images.

Chromium draws, but it does not ask: what a page needs is read by Earshot's own HTTP door, from the hosts that the
operator named, and is in the raw answers of the bundle. Scripts stay off, because this machine holds keys and tokens
and runs nobody's code; images stay off, because a picture must never hold what rule E-08 forbids, nor anybody's face.
"""

import base64
import html
import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from bot.errors import Gone, Permanent, PlatformError
from bot.model import READABLE_BY_ALL, Visibility
from bot.model.evidence import Exchange
from bot.protect.evidence.capture import Captured, Told, moment
from bot.protect.evidence.chromium import BrowserFailed, Chromium
from bot.protect.evidence.picture import TALLEST, WIDTH, browser_of
from bot.protect.evidence.report import visible

SECONDS: Final = 60
"""How long all of it may take: reading the page, drawing it, and putting address and time above it."""
MOST_BYTES: Final = 24 * 1024 * 1024
MOST_STYLES: Final = 20
"""Style sheets that one page is read with; a page with more of them is drawn without the rest."""
_SIGNS: Final = 40
"""So many signs of the post's own words must stand on the page; of a shorter post all of them."""

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_CHANNELS: Final = {2: 3, 6: 4}
"""Kind of a PNG -> bytes of a point: with colours, or with colours and transparency."""
_LINES: Final = (
    '<!doctype html><meta charset="utf-8"><body style="margin:0"><p style="margin:0;padding:12px 16px;'
    'background:#1b2430;color:#fff;font:15px/1.5 monospace;overflow-wrap:anywhere">{above}</p>'
)
_LOCKED: Final = (
    "default-src 'none'; style-src 'unsafe-inline' {styles}; img-src 'none'; form-action 'none'; base-uri 'none'"
)
_FITTING: Final = {"Document": ("text/html", "application/xhtml+xml"), "Stylesheet": ("text/css",)}

Fetch = Callable[[str, Callable[[Exchange], None]], tuple[str, bytes]]
"""Reads one address through the door, tells a recorder, and gives its content type and body."""


@dataclass(frozen=True, slots=True)
class Pages:
    """What may be read for a picture: ``hosts`` that the operator named, with their ports; none: pictures are off."""

    hosts: frozenset[str]
    fetch: Fetch


OFF: Final = Pages(frozenset(), lambda *_: ("", b""))
"""No server is named."""


@dataclass(frozen=True, slots=True)
class Page:
    """A PNG, or b"" and why there is none; ``told`` is one of ``WORDS``. ``url`` is the address that was asked for."""

    png: bytes
    told: str
    url: str = ""
    at: int = 0
    heard: list[tuple[int, Exchange]] = field(default_factory=list)


WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "full page": ("die ganze Seite", "the full page"),
    "cut": ("der Anfang der Seite", "the beginning of the page"),
    "off": ("kein Bild: nicht eingerichtet", "no picture: not set up"),
    "no post": ("kein Bild: die Plattform zeigt den Beitrag nicht öffentlich", "no picture: the post is not public"),
    "never kept": (
        "kein Bild: auf der Seite stünde, was nie aufbewahrt werden darf",
        "no picture: what must never be kept would stand on the page",
    ),
    "no address": ("kein Bild: der Beitrag hat keine https-Adresse", "no picture: the post has no https address"),
    "other host": (
        "kein Bild: die Adresse liegt auf einem Server, der nicht eingerichtet ist",
        "no picture: the address is on a host that is not set up",
    ),
    "no browser": ("kein Bild: kein Browser ist installiert", "no picture: no browser is installed"),
    "not given": ("kein Bild: die Seite wurde nicht herausgegeben", "no picture: the page was not given out"),
    "not there": (
        "kein Bild: unter der Adresse steht nichts mehr",
        "no picture: nothing stands at the address any more",
    ),
    "no answer": ("kein Bild: die Seite antwortete nicht", "no picture: the page did not answer"),
    "other words": (
        "kein Bild: ohne Skripte stehen die Worte des Beitrags nicht auf der Seite",
        "no picture: without scripts the words of the post are not on the page",
    ),
    "too slow": ("kein Bild: es dauerte zu lange", "no picture: it took too long"),
    "too large": ("kein Bild: es wäre zu groß", "no picture: it would be too large"),
    "the browser failed": ("kein Bild: der Browser scheiterte", "no picture: the browser failed"),
}
"""Everything that a bundle says of the picture of the page, for people of both languages."""


def photograph(
    found: Captured, pages: Pages, now: Callable[[], int], zone: ZoneInfo, environment: Mapping[str, str]
) -> Page:
    """Take the picture of the page of the case's newest post, or say why there is none."""
    post = found.posts[0] if found.posts else {}
    url = str(post.get("url", ""))
    program = browser_of(environment)
    if not pages.hosts:
        return Page(b"", "off")
    if found.barred:
        return Page(b"", "never kept")
    if not _public(post):
        return Page(b"", "no post")
    objection = _objection(url, pages.hosts)
    if objection or program is None:
        return Page(b"", objection or "no browser")
    look = _Look(url, pages, now)
    try:
        with Chromium(program, environment, SECONDS, look.heard) as tab:
            look.tab = tab
            png, told = _drawn(tab, look, _needle(post), _above(url, now(), zone))
    except BrowserFailed as failure:
        png, told = b"", look.trouble or ("too slow" if failure.slow else "the browser failed")
    except (OSError, ValueError, KeyError, TypeError, struct.error, zlib.error):
        png, told = b"", look.trouble or "the browser failed"
    return Page(png, told, url, look.at, look.read)


def _public(post: Told) -> bool:
    said = post.get("platform_now") or {}
    if said.get("answer") in {"gone", "refused"} or said.get("visibility", Visibility.PUBLIC) not in READABLE_BY_ALL:
        return False
    return post.get("visibility") in READABLE_BY_ALL


def _objection(url: str, hosts: frozenset[str]) -> str:
    try:
        parts = urlsplit(url)
        host, loopback = parts.netloc.lower(), parts.hostname in {"127.0.0.1", "::1", "localhost"}
    except ValueError:
        return "no address"
    if parts.scheme != "https" and not (parts.scheme == "http" and loopback):
        return "no address"
    return "" if host in hosts else "other host"


def _needle(post: Told) -> str:
    """The post's own words without white space, from behind the handles that its author put first."""
    words = [word for word in str(post.get("text", "")).split() if not word.startswith("@")]
    return "".join(words)[:_SIGNS]


def _above(url: str, at: int, zone: ZoneInfo) -> str:
    """The lines above the page: its address and when it was read, in UTC and here."""
    when = moment(at, zone) or {}
    lines = [visible(url), f"{when.get('utc', '')} UTC · {when.get('local', '')} {when.get('zone', '')}"]
    told = "Ohne Skripte und Bilder gelesen, ohne Anmeldung / read without scripts and images, not signed in"
    return "<br>".join(html.escape(line) for line in [*lines, told])


class _Look:
    """Answers what the tab asks for while it loads one page."""

    def __init__(self, url: str, pages: Pages, now: Callable[[], int]) -> None:
        self.tab: Chromium
        self.read: list[tuple[int, Exchange]] = []
        self.at, self.trouble = now(), ""
        self._url, self._pages, self._now = url, pages, now
        self._styles = 0
        self._begun = False

    def heard(self, event: str, told: Told) -> None:
        """Read what is fitting through the door; everything else is refused."""
        if event != "Fetch.requestPaused":
            return
        number, kind, url = told["requestId"], told["resourceType"], told["request"]["url"].partition("#")[0]
        content = self._content(kind, url) if self._fitting(kind, url, told) else None
        if content is None:
            self.tab.tell("Fetch.failRequest", requestId=number, errorReason="BlockedByClient")
            return
        styles = " ".join(f"{scheme}//{host}" for host in sorted(self._pages.hosts) for scheme in ("https:", "http:"))
        headers = {"Content-Type": content[0], "Content-Security-Policy": _LOCKED.format(styles=styles)}
        self.tab.tell(
            "Fetch.fulfillRequest",
            requestId=number,
            responseCode=200,
            responseHeaders=[{"name": name, "value": value} for name, value in headers.items()],
            body=base64.b64encode(content[1]).decode(),
        )

    def _fitting(self, kind: str, url: str, told: Told) -> bool:
        if told["request"]["method"] != "GET" or _objection(url, self._pages.hosts):
            return False
        if kind == "Document":
            first, self._begun = not self._begun, True
            return first and url == self._url.partition("#")[0]
        self._styles += kind == "Stylesheet"
        return kind == "Stylesheet" and self._styles <= MOST_STYLES

    def _content(self, kind: str, url: str) -> tuple[str, bytes] | None:
        try:
            content_type, body = self._pages.fetch(url, lambda heard: self.read.append((self._now(), heard)))
        except PlatformError as error:
            if kind == "Document":
                gone = "not there" if isinstance(error, Gone) else "not given"
                self.trouble = gone if isinstance(error, Permanent) else "no answer"
            return None
        if content_type.partition(";")[0].strip().lower() not in _FITTING[kind]:
            self.trouble = self.trouble or ("not given" if kind == "Document" else "")
            return None
        return content_type, body


def _drawn(tab: Chromium, look: _Look, needle: str, above: str) -> tuple[bytes, str]:
    tab.ask("Page.enable")
    tab.ask("Fetch.enable", patterns=[{"urlPattern": "*"}])
    tab.ask("Emulation.setScriptExecutionDisabled", value=True)
    _sized(tab, 800)
    frame = tab.ask("Page.navigate", url=look._url)  # noqa: SLF001 - the two are one
    if frame.get("errorText") or look.trouble:
        return b"", look.trouble or "no answer"
    tab.wait_for("Page.loadEventFired")
    words = tab.ask("Runtime.evaluate", expression="document.body ? document.body.innerText : ''")["result"]["value"]
    if not needle or needle not in "".join(str(words).split()):
        return b"", "other words"
    tall, whole = _height(tab)
    body = _shot(tab, tall)
    # Address and time stand in the picture itself: a picture is passed on without its bundle.
    tab.ask("Fetch.disable")
    tab.ask("Page.navigate", url="about:blank")
    _sized(tab, 10)
    tab.ask("Page.setDocumentContent", frameId=frame["frameId"], html=_LINES.format(above=above))
    png = stacked(_shot(tab, _height(tab)[0]), body)
    return (b"", "too large") if len(png) > MOST_BYTES else (png, "full page" if whole else "cut")


def _sized(tab: Chromium, tall: int) -> None:
    tab.ask("Emulation.setDeviceMetricsOverride", width=WIDTH, height=tall, deviceScaleFactor=1, mobile=False)


def _height(tab: Chromium) -> tuple[int, bool]:
    """Pixels to draw, and whether that is all of it."""
    height = int(tab.ask("Page.getLayoutMetrics")["cssContentSize"]["height"])
    return min(max(height, 1), TALLEST), height <= TALLEST


def _shot(tab: Chromium, tall: int) -> bytes:
    clip = {"x": 0, "y": 0, "width": WIDTH, "height": tall, "scale": 1}
    told = tab.ask("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
    return base64.b64decode(told["data"], validate=True)


def stacked(upper: bytes, lower: bytes) -> bytes:
    """One picture of two of the same width and kind, with a black line between them.

    The lines of a PNG are written as differences to the line above. The first of a picture has zeros above it, so below
    a line of zeros it means what it meant.

    Raises:
        ValueError: one is no PNG of Chromium's kind, or they differ.
    """
    (wide, high, kind), above = _lines(upper)
    (width, tall, other), below = _lines(lower)
    if (wide, kind) != (width, other):
        raise ValueError
    rows = zlib.compress(above + bytes(1 + wide * _CHANNELS[kind]) + below, 6)
    head = struct.pack(">2I5B", wide, high + 1 + tall, 8, kind, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", rows), (b"IEND", b""))
    return _PNG + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )


def _lines(png: bytes) -> tuple[tuple[int, int, int], bytes]:
    """Width, height and kind of a picture, and its lines as they stand in it."""
    if not png.startswith(_PNG):
        raise ValueError
    packed, place, head = bytearray(), len(_PNG), b""
    while place < len(png):
        size, name = struct.unpack_from(">I4s", png, place)
        body = png[place + 8 : place + 8 + size]
        head = body if name == b"IHDR" else head
        packed += body if name == b"IDAT" else b""
        place += size + 12
    wide, high, depth, kind, _, _, woven = struct.unpack(">2I5B", head)
    rows = zlib.decompress(packed)
    if depth != 8 or woven or len(rows) != high * (1 + wide * _CHANNELS[kind]):  # noqa: PLR2004 - bits of a channel
        raise ValueError
    return (wide, high, kind), rows
