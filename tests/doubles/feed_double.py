"""A double of a site with one feed, written from the RSS 2.0 and Atom 1.0 specifications and RFC 9110 on validators."""

from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path
from xml.sax.saxutils import escape

import http_double
from http_double import NOW, Budget, StillClock, answer

from bot.connectors.feed import Source, connector
from bot.connectors.tools import Tools
from bot.model import Platform, Target, Visibility

PATH = "/feed.xml"
MINUTE = 60_000
KIND = "application/rss+xml; charset=utf-8"
HEADERS = {"host", "user-agent", "accept", "accept-encoding", "connection", "if-none-match", "if-modified-since"}


@dataclass
class Entry:
    guid: str
    text: str
    author: str
    at: int | None
    updated: int | None = None
    marks: dict = field(default_factory=dict)

    def rss(self):
        lines = {"guid": self.guid, "description": self.text, "dc:creator": self.author, **self.marks}
        if self.at is not None:
            lines["pubDate"] = formatdate(self.at / 1000)
        if self.updated is not None:
            lines["atom:updated"] = formatdate(self.updated / 1000)
        return (
            "<item>" + "".join(f"<{name}>{escape(escape(text))}</{name}>" for name, text in lines.items()) + "</item>"
        )


def rss(*entries, head=""):
    """An RSS document of entries that are XML themselves."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        f"<channel><title>Kundenforum</title>{head}{''.join(entries)}</channel></rss>"
    ).encode()


def atom(*entries, head=""):
    """An Atom document of entries that are XML themselves."""
    return (
        '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de">'
        f"<title>Kundenforum</title>{head}{''.join(entries)}</feed>"
    ).encode()


class Double(http_double.Double):
    """A site whose feed shows the newest ``window`` entries, newest first. ``body``, if set, stands there instead."""

    def __init__(self):
        super().__init__()
        self.entries = []
        self.window = 10_000
        self.body = None
        self.kind = KIND
        self.validators = True
        self.complaints = []

    def document(self):
        shown = sorted(self.entries, key=lambda entry: entry.at or 0)[-self.window :]
        return rss(*(entry.rss() for entry in reversed(shown)))

    def take(self, method, path):
        seen = self.seen[-1]
        if (method, path, seen.query, seen.body) != ("GET", PATH, {}, {}) or not seen.headers.keys() <= HEADERS:
            self.complaints.append((method, path))
        if self.whole or path != PATH:
            return super().take(method, path)
        body = self.document() if self.body is None else self.body
        tag = f'"{hash(body)}"'
        if not self.validators:
            return answer(body, kind=self.kind)
        if seen.headers.get("if-none-match") == tag:
            return answer(b"", 304, {"ETag": tag})
        return answer(body, headers={"ETag": tag, "Last-Modified": formatdate(NOW / 1000, usegmt=True)}, kind=self.kind)


class Bench:
    """The site, and our reader of its feed."""

    platform = Platform.FEED

    def __init__(self):
        self.double = Double()
        self.source = Source(
            kind=Platform.FEED, name="forum", account="fjordfon", address=self.double.url + PATH, owned=True
        )
        self._minute = NOW - 10_000 * MINUTE

    def tools(self):
        return Tools(StillClock(), self.double.refusals, Budget(), str, Path("nowhere"), Path("nowhere"))

    def connector(self):
        return connector(self.source, self.tools())

    def publisher(self):
        return None

    def say(self, text, *, author="kundin", at=None, **marks):
        self._minute += MINUTE
        guid = f"tag:forum.example,2026:{len(self.double.entries)}"
        self.double.entries.append(Entry(guid, text, author, self._minute if at is None else at, marks=marks))
        return guid

    def say_private(self, text):
        return False

    def edit(self, native_id, text):
        for entry in self.double.entries:
            if entry.guid == native_id:
                entry.text, entry.updated = text, (entry.updated or entry.at) + MINUTE

    def delete(self, native_id):
        self.double.entries = [entry for entry in self.double.entries if entry.guid != native_id]

    def target(self, native_id):
        return Target(
            platform=Platform.FEED,
            surface=self.double.surface,
            account="fjordfon",
            native_id=native_id,
            canonical_key=f"feed {native_id}",
            author_handle="kundin",
            visibility=Visibility.PUBLIC,
        )

    def everything(self, give):
        self.double.whole = give

    def writes(self):
        return []

    def replies(self):
        return []

    def lose_answer(self):
        """Nothing is written here."""
