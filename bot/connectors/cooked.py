"""The markup of a Discourse post, taken apart: the author's own words, whom they quote, what they attached. Pure.

A quote, a preview of a linked page and a poll stand inside a post as markup, with words that its author never wrote.
"""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from bot.connectors.fields import clean
from bot.connectors.markup import LONGEST_MARKUP, Plain, plain
from bot.model import Media

LONGEST_COOKED: Final = 4 * LONGEST_MARKUP
"""Code points that are read. A post of 32,000 letters with its quotes and previews is shorter."""

# Names of attributes hold digits, and values may hold a ">"; with "<" excluded no crafted half tag takes long.
_TAG: Final = re.compile(
    r"<(/?)([a-zA-Z][a-zA-Z0-9]*+)"
    r"((?:\s++[a-zA-Z_:][\w:.-]*+(?:=(?:\"[^\"<]*+\"|'[^'<]*+'|[^\s\"'<>]++))?+)*+)\s*+/?>"
)
_ATTRIBUTE: Final = re.compile(r"([a-zA-Z_:][\w:.-]*+)=(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"']++))")
_FOREIGN_BLOCKS: Final = frozenset({"poll", "meta"})
"""Classes of blocks with words of the forum: votes counted so far, the name and size of a picture's file."""


@dataclass(frozen=True, slots=True)
class Quote:
    """Whom a post quotes: a lower-case handle, and where the quoted post stands."""

    author: str
    topic: str
    number: str


@dataclass(slots=True)
class Cooked:
    """A post taken apart."""

    own: Plain = field(default_factory=lambda: Plain(""))
    quotes: list[Quote] = field(default_factory=list)
    media: list[Media] = field(default_factory=list)


def taken_apart(cooked: object) -> Cooked:
    """The parts of a post's markup. An address that was turned into a preview stands in the words again."""
    found = Cooked()
    markup = clean(cooked)[:LONGEST_COOKED]
    kept: list[str] = []
    at, inside, depth = 0, "", 0
    for tag in _TAG.finditer(markup):
        closing, name, attributes = bool(tag[1]), tag[2].lower(), _attributes(tag[3])
        if not inside:
            kept.append(markup[at : tag.start()])
            if not closing and _foreign(name, attributes):
                inside, depth = name, 1
                kept.append(_what_stands_for(attributes, found))
            else:
                kept.append(_plainer(name, attributes, found, closing=closing))
        elif name == inside:
            depth += -1 if closing else 1
            inside = inside if depth else ""
        at = tag.end()
    if not inside:
        kept.append(markup[at:])
    found.own = plain("".join(kept))
    return found


def _attributes(text: str) -> Mapping[str, str]:
    return {
        match[1].lower(): html.unescape(match[2] or match[3] or match[4] or "") for match in _ATTRIBUTE.finditer(text)
    }


def _foreign(name: str, attributes: Mapping[str, str]) -> bool:
    """Whether a block that begins here holds other people's words or the forum's."""
    if name in {"aside", "blockquote"}:
        return True
    return name == "div" and bool(_FOREIGN_BLOCKS & set(attributes.get("class", "").split()))


def _what_stands_for(attributes: Mapping[str, str], found: Cooked) -> str:
    """Note a quote; what remains of a preview is the address that the author wrote."""
    author = clean(attributes.get("data-username")).lower()
    if author:
        found.quotes.append(Quote(author, attributes.get("data-topic", ""), attributes.get("data-post", "")))
    source = attributes.get("data-onebox-src", "")
    return f"<p>{html.escape(source)}</p>" if source else "<p>"


def _plainer(name: str, attributes: Mapping[str, str], found: Cooked, *, closing: bool) -> str:
    """A tag that every reader of markup understands: an emoji is its name, a picture is noted, a link keeps its end."""
    if name == "img" and not closing:
        if "emoji" in attributes.get("class", "").split():
            return html.escape(attributes.get("alt", ""))
        found.media.append(Media("image", clean(attributes.get("alt"))))
        return ""
    if name in {"video", "audio"} and not closing:
        found.media.append(Media(name))
    if closing:
        return f"</{name}>"
    if name != "a":
        return f"<{name}>"
    ends = "".join(f' {end}="{html.escape(attributes[end])}"' for end in ("href", "class") if attributes.get(end))
    return f"<a{ends}>"
