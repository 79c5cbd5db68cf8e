"""Accounts that look like ours: false helpers reply to customers under a name that is nearly the brand's.

Owns the labels none and lookalike. It is shown handles, not texts, of accounts that are known not to be ours.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from rapidfuzz.distance import OSA

from bot.model import Finding

_LIKE = str.maketrans("013457$@аеорсухіјѕкмтвнοαερτυικν", "oieastsaaeopcyxijskmtbhoaeptyikv")
_PAIRS = (("rn", "m"), ("vv", "w"), ("l", "i"))
"""Letters that are read as others in most typefaces; "l" and "i" pass for each other everywhere."""
_SIGNS = re.compile(r"[\W_]+")
_HELPS = (
    "hilf",
    "help",
    "support",
    "service",
    "kunden",
    "care",
    "team",
    "offi",
    "verif",
    "desk",
    "refund",
    "erstatt",
    "agent",
)
"""What false helpers add to a brand's name."""
_ONE_SLIP_FROM = 7
"""Letters of a name from which one letter more, less, changed or swapped is no coincidence."""
_SAME, _SLIP, _HELPING = 950, 900, 850


class Lookalike:
    """Labels: none, lookalike. The reason says how: "same-letters", "one-letter" or "brand-and-service"."""

    name = "lookalike"
    version = "1"

    def __init__(self, handles: Iterable[str], brand: str) -> None:
        self._handles = frozenset(filter(None, map(_plain, handles)))
        self._brand = _plain(brand)

    def detect(self, texts: Sequence[str]) -> list[Finding]:
        """One finding per handle, with or without its server. Score: how near it is to one of ours, per mille."""
        return [self._look(_plain(handle)) for handle in texts]

    def _look(self, plain: str) -> Finding:
        if plain in self._handles:
            return self._say(_SAME, "same-letters")
        if any(len(own) >= _ONE_SLIP_FROM and OSA.distance(plain, own, score_cutoff=1) <= 1 for own in self._handles):
            return self._say(_SLIP, "one-letter")
        if self._brand and self._brand in plain and any(_plain(word) in plain for word in _HELPS):
            return self._say(_HELPING, "brand-and-service")
        return Finding(self.name, self.version, "none", 0)

    def _say(self, score: int, how: str) -> Finding:
        return Finding(self.name, self.version, "lookalike", score, (), how)


def _plain(handle: str) -> str:
    """The letters of a handle without its server, as a hurried reader sees them."""
    local = handle.removeprefix("@").partition("@")[0][:100]
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", local).casefold()).translate(_LIKE)
    letters = _SIGNS.sub("", "".join(sign for sign in folded if not unicodedata.combining(sign)))
    for pair, single in _PAIRS:
        letters = letters.replace(pair, single)
    return letters
