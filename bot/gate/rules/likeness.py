"""Names that mislead: slurs, parodies and look-alikes of our own accounts. C-17."""

import hashlib
import re
from collections.abc import Iterable, Iterator

from rapidfuzz.distance import OSA

from bot.gate.folding import bare, bare_words, visible
from bot.gate.rule import Question, allow, hold_self, missing
from bot.gate.ruleset import LikenessWords
from bot.model import RuleResult

_SIGNS = re.compile(r"[\W_]+")
_HUMPS = re.compile(r"(?<=[a-zäöüß])(?=[A-ZÄÖÜ])")
_SAME_SIGHT = (("rn", "m"), ("vv", "w"), ("l", "i"))
"""Letters that are read as others in most typefaces; "l" and "I" pass for each other everywhere."""
_ONE, _TWO = 1, 2
_LONGEST = 200
_NO_NAME = "did:"
_LEAST_BRAND = 3
"""Letters of a brand word that tell it inside a longer name."""


def name_is_plain(question: Question) -> RuleResult:
    """C-17: the handle holds no slur, no mark of parody beside the brand, and is not nearly one of ours."""
    snapshot, context, ruleset = question.snapshot, question.context, question.ruleset
    if snapshot.author_handle is None or snapshot.own_accounts is None:
        return missing("C-17", "handle")
    handle = visible(snapshot.author_handle)[:_LONGEST].removeprefix("@")
    if _has_slur(handle, ruleset.speech.slurs):
        return hold_self("C-17", "slur")
    if handle.casefold() in snapshot.own_accounts:
        return allow("C-17")  # C-18 tells that it is ours
    local, lists = handle.partition("@")[0], ruleset.likeness
    brands = tuple(sorted({seen for word in context.brand_words if len(seen := _seen(word)) >= _LEAST_BRAND}))
    status, names = question.fresh_status, (*snapshot.own_accounts, *context.brand_words)
    if status is not None and status.author_parody:
        return hold_self("C-17", "parody")
    if any(_looks_like(local, name, brands, lists) for name in names):
        return hold_self("C-17", "look-alike")
    return hold_self("C-17", "parody") if _is_parody(local, brands, lists) else allow("C-17")


def _has_slur(handle: str, masked: tuple[str, ...]) -> bool:
    pieces = " ".join(_pieces(handle))
    return any(
        hashlib.sha256(word.encode("utf-8", "surrogatepass")).hexdigest()[:16] in masked
        for word in bare_words(f"{handle} {pieces}")
    )


def _pieces(handle: str) -> list[str]:
    """The words of a handle: parted by signs and by capitals."""
    return [piece for part in _HUMPS.split(handle) for piece in _SIGNS.split(part) if piece]


def _seen(name: str) -> str:
    """The letters of a name as a hurried reader sees them."""
    letters = _SIGNS.sub("", bare(name))
    for pair, single in _SAME_SIGHT:
        letters = letters.replace(pair, single)
    return letters


def _is_parody(local: str, brands: Iterable[str], lists: LikenessWords) -> bool:
    whole = _seen(local)
    if any(_seen(mark) in whole for mark in lists.marks):
        return True
    named = (brand for brand in brands if brand in whole or _near_piece(local, brand, lists))
    said = {part for brand in named for part in _around(local, whole, brand)}
    return any(_is_mark(part, mark) for part in said for mark in lists.brand_marks)


def _near_piece(local: str, brand: str, lists: LikenessWords) -> bool:
    return any(_near(_seen(piece), brand, lists) for piece in _pieces(local))


def _is_mark(part: str, mark: str) -> bool:
    return part.startswith(_seen(mark)) if mark.endswith("*") else part == _seen(mark)


def _around(local: str, whole: str, brand: str) -> Iterator[str]:
    """What a handle says beside the brand: its other pieces, and what stands before and behind the brand."""
    yield from map(_seen, _pieces(local))
    before, _, behind = whole.partition(brand)
    yield before
    yield behind


def _looks_like(local: str, own: str, brands: tuple[str, ...], lists: LikenessWords) -> bool:
    """Whether a handle is so near to one of ours that a reader may take it for that."""
    if own.startswith(_NO_NAME) or not any(map(str.isalpha, own)):
        return False  # an id, which nobody reads as a name
    theirs, ours = _without_common_end(local, own.partition("@")[0])
    if _near(_seen(theirs), _seen(ours), lists):
        return True
    first, ours_first = _seen(local.partition(".")[0]), _seen(own.partition(".")[0].partition("@")[0])
    return any(brand in ours_first for brand in brands) and _near(first, ours_first, lists)


def _without_common_end(theirs: str, ours: str) -> tuple[str, str]:
    """Two handles without the domain they share ("a.bsky.example", "b.bsky.example"): it makes strangers alike."""
    left, right = theirs.casefold().split("."), ours.casefold().split(".")
    while len(left) > 1 and len(right) > 1 and left[-1] == right[-1]:
        left.pop()
        right.pop()
    return ".".join(left), ".".join(right)


def _near(theirs: str, ours: str, lists: LikenessWords) -> bool:
    allowed = 0 if len(ours) <= lists.short else _ONE if len(ours) <= lists.middling else _TWO
    return OSA.distance(theirs, ours, score_cutoff=allowed) <= allowed
