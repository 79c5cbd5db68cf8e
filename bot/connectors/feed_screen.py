"""Copies what is read of a feed into a small, well-formed document of its own, in one pass and linear time.

The library that reads feeds was not written for enemies: long authors, many categories, many namespaces or broken
XML make it compute for hours. So it only gets what passes here: the parts of entries that become a mention, each cut
to a length, and no declared entity, which could grow or fetch something. Pure.
"""

import html
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from html.entities import html5
from typing import Final
from xml.parsers import expat

MOST_ENTRIES: Final = 2_000
"""Entries that are read of one feed, the first ones in its own order."""

MOST_TAGS: Final = 40_000
"""Tags that the library gets of one feed, some twenty an entry; it is slow. The markup of texts does not count."""

MOST_MARKUP: Final = 100_000
"""Tags in the texts of one feed, beginnings and ends; after them only the words are read."""

_MOST_NESTED: Final = 60
_MOST_ALIKE: Final = 10
_MOST_SPACES: Final = 60
_LONGEST_VALUE: Final = 2_000
_LONGEST_TEXT: Final = 100_000
_TEXTS = dict.fromkeys(("title", "description", "summary", "content", "encoded", "group"), _LONGEST_TEXT)
_SHORT = dict.fromkeys(("author", "creator"), 300)
_ADDRESSES = dict.fromkeys(("guid", "id", "link", "enclosure", "thumbnail"), _LONGEST_VALUE)
_DATES = dict.fromkeys(("pubdate", "published", "updated", "modified", "issued", "date", "created"), 100)
_ROOM: Final = {**_TEXTS, **_SHORT, **_ADDRESSES, **_DATES}
"""Code points of each part of an entry. Words are cut there; an entry with a longer address or date is broken."""
_CUT = _TEXTS.keys() | _SHORT.keys()
_MARKUP = _TEXTS.keys() - {"group"}
"""Parts whose inner tags are markup: they are written as escaped markup, whatever way the feed chose."""
_XHTML = frozenset({"xhtml", "application/xhtml+xml"})
_HEAD: Final = {"author": _SHORT["author"], "language": 100}
"""What is read of the feed itself: who writes and in which language, unless an entry says it."""
_ENTRIES = frozenset({"item", "entry"})
_ROOTS = frozenset({"rss", "feed", "rdf"})
_ATTRIBUTES = frozenset(
    {"type", "href", "rel", "url", "medium", "ispermalink", "version", "src"} | {"xml:lang", "xml:base", "rdf:about"}
)
_NAME = re.compile(r"(?!xmlns:)[A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?", re.ASCII)
_RESERVED = frozenset({"http://www.w3.org/XML/1998/namespace", "http://www.w3.org/2000/xmlns/"})
# What feeds use without declaring it.
_KNOWN = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "media": "http://search.yahoo.com/mrss/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
}
_BARE = re.compile(r"&(?!(?:#\d{1,7}|#x[0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)")
_REFERENCE = re.compile(r"&#(?:x([0-9A-Fa-f]{1,6})|(\d{1,7}));")
_NOT_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
NOTHING: Final = "There is something else than a feed at this address."


class NoFeed(ValueError):
    """There is no feed in these bytes, or one that nobody should read. The message is a sentence."""


@dataclass(frozen=True, slots=True)
class Screened:
    """A document that any parser may read, and how many entries were left out as broken.

    ``whole`` is false when the feed ended or broke before its end.
    """

    document: bytes
    broken: int
    whole: bool


def screen(text: str) -> Screened:
    """The readable parts of the feed in ``text``. A slip of the pen is mended; other faults end the reading.

    Raises:
        NoFeed: it is something else than a feed, or declares entities.
    """
    text = text.lstrip("\ufeff \t\r\n")
    first = _Screen()
    if first.read(text):
        return first.screened(whole=True)
    second = _Screen()
    whole = second.read(_mended(text))
    best = second if len(second.entries) >= len(first.entries) else first
    return best.screened(whole=whole)


def _mended(text: str) -> str:
    """With lonely ampersands written as such, and without what XML cannot hold."""
    return _REFERENCE.sub(_storable, _NOT_XML.sub("", _BARE.sub("&amp;", text)))


def _storable(reference: re.Match[str]) -> str:
    number = int(reference[1], 16) if reference[1] else int(reference[2])
    fits = number <= 0x10FFFF and not _NOT_XML.match(chr(number))  # noqa: PLR2004 - the last code point
    return reference[0] if fits else "\ufffd"


class _Screen:
    """One reading. It stands outside of every entry, or inside a top: an entry or a part of the feed's own head."""

    def __init__(self) -> None:
        self.entries: list[str] = []
        self.broken = 0
        self._root = ""
        self._root_attributes = ""
        self._head: dict[str, str] = {}
        self._spaces: dict[str, str] = {}
        self._used: set[str] = set()
        self._depth = 0
        self._skipping = 0
        self._top = 0
        self._tags = self._markup_tags = 0
        self._begin_top("")

    def _begin_top(self, name: str) -> None:
        self._top, self._top_name = self._depth, name
        self._pieces: list[str] = []
        self._words: list[str] = []
        self._alike: Counter[str] = Counter()
        self._part, self._room = name, _HEAD.get(name, 0)
        self._xhtml = self._fault = False

    def read(self, text: str) -> bool:
        """Whether the document is whole.

        Raises:
            NoFeed: see ``screen``.
        """
        parser = expat.ParserCreate()
        parser.buffer_text = True
        # Entities that HTML knows but XML does not are reported instead of being faults.
        parser.UseForeignDTD(True)  # noqa: FBT003 - the signature of expat
        parser.EntityDeclHandler = self._declared
        parser.SkippedEntityHandler = self._entity
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        try:
            parser.Parse(text, True)  # noqa: FBT003 - likewise
        except expat.ExpatError:
            # What a host appends behind the root, a script for example, takes nothing from the feed.
            return bool(self._root) and self._depth == 0
        return True

    def screened(self, *, whole: bool) -> Screened:
        """What was read, as a document.

        Raises:
            NoFeed: not even a root was found.
        """
        if not self._root:
            raise NoFeed(NOTHING)
        known = {**_KNOWN, **self._spaces}
        spaces = "".join(
            f' xmlns:{prefix}="{html.escape(known.get(prefix, f"urn:{prefix}"))}"'
            for prefix in sorted(self._used - {"xml"})
        )
        body = "".join((*self._head.values(), *self.entries))
        if self._root == "rss":
            body = f"<channel>{body}</channel>"
        document = f"<{self._root}{self._root_attributes}{spaces}>{body}</{self._root}>"
        return Screened(document.encode(), self.broken, whole)

    def _declared(self, _name: str, parameter: object, *_: object) -> None:
        # Those of the document type itself are never looked up.
        if not parameter:
            raise NoFeed("This feed declares entities of its own; such a document is not read.")

    def _entity(self, name: str, _parameter: object) -> None:
        self._text(html5.get(f"{name};", f"&{name};"))

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._depth += 1
        if self._skipping:
            return
        local = name.rpartition(":")[2].lower()
        self._learn_spaces(attributes)
        if not _NAME.fullmatch(name):
            self._skipping = self._depth
        elif self._depth == 1:
            self._begin_root(name, local, attributes)
        elif self._in_markup():
            self._markup(f"<{local}>")
        elif not self._wanted(local):
            self._skipping = self._depth
        elif self._top or local != "channel":
            if not self._top:
                self._begin_top("entry" if local in _ENTRIES else local)
            self._tag(name, attributes)

    def _begin_root(self, name: str, local: str, attributes: Mapping[str, str]) -> None:
        if local not in _ROOTS:
            raise NoFeed(NOTHING)
        self._root = self._prefixed(name)
        default = attributes.get("xmlns", "")
        space = f' xmlns="{html.escape(default)}"' if _is_space(default) else ""
        self._root_attributes = space + self._written(attributes)

    def _wanted(self, local: str) -> bool:
        """Whether a tag is copied or looked into; what is not is passed over with all that it holds."""
        if not self._top:
            room_left = len(self.entries) + self.broken < MOST_ENTRIES and self._tags < MOST_TAGS
            return local == "channel" or (local in _ENTRIES and room_left) or local in _HEAD.keys() - self._head.keys()
        if self._depth == self._top + 1 and self._top_name == "entry":
            self._part, self._room = local, _ROOM.get(local, 0)
            self._alike[local] += 1
            return local in _ROOM and self._alike[local] <= (2 if local in _SHORT else _MOST_ALIKE)
        self._alike["within"] += 1
        return self._alike["within"] <= _MOST_NESTED and (self._part not in _SHORT or local == "name")

    def _in_markup(self) -> bool:
        return self._part in _MARKUP and 0 < self._top < self._depth - 1

    def _markup(self, tag: str) -> None:
        """A tag inside of a text, as a character of the text."""
        self._markup_tags += 1
        if len(tag) <= self._room and self._markup_tags <= MOST_MARKUP:
            self._words.append(tag)
            self._room -= len(tag)

    def _end(self, name: str) -> None:
        if self._skipping:
            self._skipping = 0 if self._depth == self._skipping else self._skipping
        elif self._in_markup():
            self._markup(f"</{name.rpartition(':')[2].lower()}>")
        elif self._top:
            self._write(f"</{name}>")
            if self._depth == self._top:
                self._end_top()
        self._depth -= 1

    def _end_top(self) -> None:
        written = "".join(self._pieces)
        if self._top_name != "entry":
            self._head[self._top_name] = written
        elif self._fault:
            self.broken += 1
        else:
            self.entries.append(written)
        self._top = 0

    def _text(self, text: str) -> None:
        if self._skipping or not self._top or (self._top_name == "entry" and self._depth == self._top):
            return
        if len(text) > self._room and self._part not in _CUT:
            self._fault = True
        cut = text[: self._room]
        self._words.append(html.escape(cut, quote=False) if self._xhtml else cut)
        self._room -= min(self._room, len(text))

    def _tag(self, name: str, attributes: Mapping[str, str]) -> None:
        self._tags += 1
        self._xhtml = self._part in _MARKUP and attributes.get("type", "").lower() in _XHTML
        written = self._written({**attributes, "type": "html"} if self._xhtml else attributes)
        self._write(f"<{self._prefixed(name)}{written}>")

    def _write(self, tag: str) -> None:
        """The words before ``tag``, in one piece, which is what the library reads fastest, and the tag."""
        words = "".join(self._words).replace("]]>", "]]]]><![CDATA[>")
        self._words.clear()
        self._pieces += [f"<![CDATA[{words}]]>", tag] if words else [tag]

    def _prefixed(self, name: str) -> str:
        """``name``, whose prefix is remembered."""
        self._used.update(name.split(":")[:-1])
        return name

    def _written(self, attributes: Mapping[str, str]) -> str:
        wanted = {name: value for name, value in attributes.items() if name.lower() in _ATTRIBUTES}
        return "".join(
            f' {self._prefixed(name)}="{html.escape(value)}"'
            for name, value in wanted.items()
            if len(value) <= _LONGEST_VALUE
        )

    def _learn_spaces(self, attributes: Mapping[str, str]) -> None:
        """All prefixes are declared at the root of the copy, as the feed declares each of them first."""
        for name, value in attributes.items():
            if name.startswith("xmlns:") and _is_space(value) and len(self._spaces) < _MOST_SPACES:
                self._spaces.setdefault(name.removeprefix("xmlns:"), value)


def _is_space(value: str) -> bool:
    return 0 < len(value) <= _LONGEST_VALUE and value not in _RESERVED
