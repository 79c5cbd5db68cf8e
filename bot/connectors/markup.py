"""Markup as plain text, whatever somebody wrote into it. Pure."""

import re
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Final

from bot.connectors.fields import clean

LONGEST_MARKUP: Final = 65_536
"""Code points of markup that are read. Servers allow 500 to some thousand; the rest can only be an attack."""

_BLOCKS = frozenset(
    {"p", "div", "blockquote", "ul", "ol", "li", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "table", "tr"}
)
_UNREAD = frozenset({"script", "style", "template", "noscript", "textarea", "title"})
# The standard parser takes minutes over crafted half tags; so every "<" that begins no whole tag is a character.
_NOT_A_TAG = re.compile(
    r"<(?!/?[a-zA-Z][a-zA-Z0-9]*+"
    r"(?:\s++[a-zA-Z:-]++(?:=(?:\"[^\"<>]*+\"|'[^'<>]*+'|[^\s\"'<>]++))?+)*+\s*+/?>)"
)


# Python refuses to read numbers of thousands of digits; no sign has a number of more than seven.
_NO_SIGN = re.compile(r"&(?=#[0-9]{8}|#[xX][0-9a-fA-F]{7})")


@dataclass(frozen=True, slots=True)
class Plain:
    """The text of a piece of markup, and its links as (address, class, words)."""

    text: str
    links: tuple[tuple[str, str, str], ...] = ()


class _Reader(HTMLParser):
    """Collects the words. The hidden halves of a shortened address are words too: they make it readable."""

    def __init__(self, *, with_quote_line: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.links: list[tuple[str, str, str]] = []
        self._link: tuple[str, str, int] | None = None
        self._skipping = ""
        self._with_quote_line = with_quote_line

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a line, a paragraph, a link or something that is not read."""
        given = dict(attrs)
        if self._skipping:
            return
        if tag in _UNREAD or (not self._with_quote_line and "quote-inline" in (given.get("class") or "")):
            self._skipping = tag
        elif tag == "br":
            self.parts.append("\n")
        elif tag in _BLOCKS:
            self.parts.append("\n\n")
        elif tag == "a":
            self._link = (given.get("href") or "", given.get("class") or "", len(self.parts))

    def handle_endtag(self, tag: str) -> None:
        """End a paragraph, a link or something that is not read."""
        if self._skipping:
            self._skipping = "" if tag == self._skipping else self._skipping
        elif tag in _BLOCKS:
            self.parts.append("\n\n")
        elif tag == "a" and self._link is not None:
            address, kind, start = self._link
            self.links.append((address, kind, "".join(self.parts[start:])))
            self._link = None

    def handle_data(self, data: str) -> None:
        """Keep the words."""
        if not self._skipping:
            self.parts.append(data)


def plain(markup: object, *, with_quote_line: bool = True) -> Plain:
    """Markup as plain text: paragraphs are set apart by an empty line, entities are read, no tag remains.

    ``with_quote_line=False`` leaves out the line that servers add for readers that cannot show a quoted post.
    """
    reader = _Reader(with_quote_line=with_quote_line)
    whole = _NO_SIGN.sub("&amp;", clean(markup)[:LONGEST_MARKUP])
    reader.feed(_NOT_A_TAG.sub("&lt;", whole))
    reader.close()
    text = "\n".join(line.strip() for line in clean("".join(reader.parts)).split("\n"))
    return Plain(re.sub(r"\n{3,}", "\n\n", text).strip(), tuple(reader.links))
