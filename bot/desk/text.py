"""Hostile text made fit to be shown: cut, cleaned, split at spans. Pure; it makes no markup and trusts no length.

Everything here returns plain strings; the templates escape them. Spans are half-open offsets in code points
of the text as stored, so a text is split first and cleaned piece by piece afterwards.
"""

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.model import Span

SHOWN = 1_500
"""Code points of a post shown before "show all"."""

TEASER = 200
"""Code points of a post shown in a list."""

_DIFF_WORDS = 600
_MOST_MASKED = 12
_LINES = 40

_SILENT = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2064"
    "\u2066-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
"""Controls, direction overrides, invisible spaces, lone surrogates, tag characters. The joiners of emoji stay."""

_PICTURES = 0x2400


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text under the same marks. ``ends`` are the numbers whose span ends with this piece."""

    text: str
    marked: bool = False
    ends: tuple[int, ...] = ()
    masked: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """A run of words in a comparison: "same", "gone" or "new"."""

    kind: str
    text: str


def visible(text: str) -> str:
    """The text with everything invisible or direction-changing written out, so that nothing hides in it."""
    return _SILENT.sub(lambda match: _shown(match[0]), text.replace("\r\n", "\n").replace("\r", "\n"))


def _shown(sign: str) -> str:
    code = ord(sign)
    if code < 0x20:  # noqa: PLR2004 - the C0 controls, which Unicode gives a picture each
        return chr(_PICTURES + code)
    return "\N{REPLACEMENT CHARACTER}" if 0xD800 <= code <= 0xDFFF else f"\u2039U+{code:04X}\u203a"  # noqa: PLR2004


def name(handle: str) -> str:
    """An author's handle fit for a line: one line, cleaned, cut."""
    line = visible(" ".join(handle.split()))
    return line if len(line) <= 60 else f"{line[:59]}…"  # noqa: PLR2004 - fits every real handle


def cut(text: str, limit: int = SHOWN) -> tuple[str, bool]:
    """The beginning of a text, at most ``limit`` code points and 40 lines, and whether something was left out."""
    short = text[:limit]
    lines = short.split("\n", _LINES)
    if len(lines) > _LINES:
        short = "\n".join(lines[:_LINES])
    return short, len(short) < len(text)


def marked(text: str, spans: Iterable[tuple[Span, int]]) -> list[Piece]:
    """``text`` in pieces; each span carries a number, and spans may overlap or reach beyond the text."""
    known = [((max(0, first), min(len(text), last)), number) for (first, last), number in spans]
    known = [(span, number) for span, number in known if span[0] < span[1]]
    edges = sorted({0, len(text), *(edge for span, _ in known for edge in span)})
    pieces = []
    for first, last in pairwise(edges):
        covering = [(span, number) for span, number in known if span[0] <= first and span[1] >= last]
        ends = tuple(dict.fromkeys(number for span, number in covering if span[1] == last and number))
        pieces.append(Piece(visible(text[first:last]), bool(covering), ends))
    return pieces


def masked(text: str, spans: Sequence[Span]) -> list[Piece]:
    """``text`` with every spanned run replaced by crosses: the words themselves are not in the result."""
    pieces = []
    for piece in marked(text, ((span, 0) for span in spans)):
        hidden = "x" * min(len(piece.text), _MOST_MASKED)
        pieces.append(Piece(hidden, masked=True) if piece.marked else piece)
    return pieces


def covered(text: str, marks: Iterable[tuple[Span, int]], hidden: Iterable[Span]) -> list[Piece]:
    """``text`` in pieces as ``marked`` makes them, with every run of ``hidden`` replaced by crosses."""
    pieces: list[Piece] = []
    known, done = list(marks), 0
    for first, last in sorted(hidden):
        start, end = max(first, done), min(last, len(text))
        if start < end:
            pieces += _between(text, known, done, start)
            pieces.append(Piece("x" * min(end - start, _MOST_MASKED), masked=True))
            done = end
    return [*pieces, *_between(text, known, done, len(text))]


def _between(text: str, marks: Sequence[tuple[Span, int]], start: int, end: int) -> list[Piece]:
    return marked(text[start:end], (((first - start, last - start), number) for (first, last), number in marks))


def differences(old: str, new: str) -> list[Change]:
    """What changed from ``old`` to ``new``, word by word; long texts are compared as far as 600 words."""
    before, after = _words(old), _words(new)
    changes: list[Change] = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            changes.append(Change("same", visible("".join(before[a:b]))))
            continue
        if a < b:
            changes.append(Change("gone", visible("".join(before[a:b]))))
        if c < d:
            changes.append(Change("new", visible("".join(after[c:d]))))
    return changes


def _words(text: str) -> list[str]:
    return re.findall(r"\S+\s*|\s+", text)[:_DIFF_WORDS]


def fill(text: str, values: Sequence[tuple[str, str]]) -> str:
    """``text`` with each gap ``[name]`` replaced by its value, in order; empty values leave their gap open."""
    place = 0
    for gap, value in values:
        mark = f"[{gap}]"
        found = text.find(mark, place)
        if found < 0:
            continue
        told = value.strip()
        if told:
            text = text[:found] + told + text[found + len(mark) :]
        place = found + len(told or mark)
    return text
