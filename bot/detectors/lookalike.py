"""Accounts that look like ours: false helpers reply to customers under a name that is nearly the brand's.

Owns the labels none and lookalike. It is shown handles, not texts, of accounts that are known not to be ours.

A handle is read as a hurried reader reads it: signs of other alphabets, digits and strokes count as the Latin letters
that they resemble, separators and invisible signs as nothing, "rn" as "m" and "l" as "i". What was read is a
look-alike if it is one of our names, one slip away from one, or our name with nothing beside it but words of an office.
"""

import re
import tomllib
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import lru_cache
from importlib.resources import files
from itertools import chain
from typing import Any

from rapidfuzz.distance import OSA

from bot.model import Finding

_READ = 100
"""Characters of a handle that are looked at."""
_LATIN = re.compile(
    r"LATIN (?:SMALL |CAPITAL )?(?:LETTER )?(?:SMALL CAPITAL )?(?:LETTER )?"
    r"(?:TURNED |REVERSED |OPEN |SCRIPT |DOTLESS |LONG )?([A-Z])\b"
)
_BOXED = re.compile(r"(?:SQUARED|CIRCLED|PARENTHESIZED|REGIONAL INDICATOR).* LETTER ([A-Z])$")
_DIGITS = re.compile(r"\d")
_SIGNS = re.compile(r"[\W_]+")
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("l", "i"))
"""Letters that are read as others in most typefaces; "l" and "i" pass for each other everywhere."""
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_ONE_SLIP_FROM, _TWO_SLIPS_FROM = 7, 12
"""Letters of a name from which one letter (two) more, less, changed or swapped is no coincidence."""
_SLIP_WITH_HELP_FROM = 5
"""Letters of a brand's name from which one slip is none beside a word of help."""
_SAME, _SLIP, _HELPING = 950, 900, 850


class Lookalike:
    """Labels: none, lookalike. The reason says how: "same-letters", "one-letter", "brand-and-service" or "server".

    ``handles`` are our own, ``domains`` the hosts that belong to us, ``friends`` handles that may look like ours: fan
    pages, shops, employees who write under their own name.
    """

    name = "lookalike"
    version = "2"

    def __init__(
        self, handles: Iterable[str], brand: str, *, domains: Iterable[str] = (), friends: Iterable[str] = ()
    ) -> None:
        own = [*handles, brand]
        self._names = frozenset(filter(None, chain.from_iterable(map(_readings, own))))
        self._brands = frozenset(filter(None, _readings(brand)))
        self._domains = tuple(domain.casefold().removeprefix("www.") for domain in domains)
        self._friends = frozenset(map(_bare, friends))

    def detect(self, texts: Sequence[str]) -> list[Finding]:
        """One finding per handle, with or without its server. Score: how near it is to one of ours, per mille."""
        return [self._look(_bare(handle)) for handle in texts]

    def _look(self, handle: str) -> Finding:
        if handle in self._friends or self._is_ours(handle):
            return Finding(self.name, self.version, "none", 0)
        local, _, server = handle.partition("@")
        for part, elsewhere in ((_without_host(local), False), (server, True)):
            told = self._of_name(part, whole=not elsewhere)
            if told is not None:
                return Finding(self.name, self.version, "lookalike", told[0], (), "server" if elsewhere else told[1])
        return Finding(self.name, self.version, "none", 0)

    def _is_ours(self, handle: str) -> bool:
        """Whether the handle stands below one of our own domains: nobody else can give it away."""
        host = handle.rpartition("@")[2]
        return any(host == domain or host.endswith(f".{domain}") for domain in self._domains)

    def _of_name(self, part: str, *, whole: bool) -> tuple[int, str] | None:
        """How near a name is: a local part and the label before its last, or all labels of a server but the last."""
        labels = part.split(".")[:-1]
        pieces = [*labels[-1:], part] if whole else labels
        readings = {reading for piece in pieces for reading in _readings(piece)}
        found = [told for reading in readings if (told := self._judged(reading, slips=whole)) is not None]
        return max(found, default=None)

    def _judged(self, reading: str, *, slips: bool) -> tuple[int, str] | None:
        if reading in self._names:
            return _SAME, "same-letters"
        if slips and any(_slipped(reading, name) for name in self._names):
            return _SLIP, "one-letter"
        for name in self._names | self._brands:
            for before, after in _around(reading, name):
                if before + after and _is_office(before) and _is_office(after):
                    return _HELPING, "brand-and-service"
        helps = any(word in reading for word in _words()[0] if len(word) >= 4)  # noqa: PLR2004 - the shorter are too common
        if slips and helps and any(self._nearly(reading, brand) for brand in self._brands):
            return _HELPING, "brand-and-service"
        return None

    @staticmethod
    def _nearly(reading: str, brand: str) -> bool:
        """Whether a slip away from the brand's name nothing is left but words of an office, one of them of help."""
        if len(brand) < _SLIP_WITH_HELP_FROM:
            return False
        for size in (len(brand), len(brand) - 1, len(brand) + 1):
            for start in range(len(reading) - size + 1):
                before, after = reading[:start], reading[start + size :]
                if (
                    before + after
                    and OSA.distance(reading[start : start + size], brand, score_cutoff=1) <= 1
                    and _is_office(before)
                    and _is_office(after)
                ):
                    return True
        return False


def _bare(handle: str) -> str:
    return handle.strip().removeprefix("@")[:_READ].casefold()


def _without_host(local: str) -> str:
    for host in _table()["hosts"]:
        local = local.removesuffix(f".{host}")
    return local


def _slipped(reading: str, name: str) -> bool:
    most = 2 if len(name) >= _TWO_SLIPS_FROM else 1 if len(name) >= _ONE_SLIP_FROM else 0
    return most > 0 and OSA.distance(reading, name, score_cutoff=most) <= most


def _around(reading: str, name: str) -> Iterator[tuple[str, str]]:
    """What stands before and after each place of ``name``."""
    start = reading.find(name)
    while start >= 0:
        yield reading[:start], reading[start + len(name) :]
        start = reading.find(name, start + 1)


@lru_cache(maxsize=4096)
def _is_office(text: str) -> bool:
    """Whether ``text`` is nothing but words of an office, one after the other."""
    reached = {0}
    for end in range(1, len(text) + 1):
        if any(start in reached and text[start:end] in _words()[1] for start in range(max(0, end - 20), end)):
            reached.add(end)
    return len(text) in reached


def _readings(name: str) -> tuple[str, ...]:
    """The letters of a name as a hurried reader sees them: its digits read as letters, or left out."""
    known = _decoded(name.casefold())
    spelt = (known, known.translate(_UMLAUTS))
    forms = (form for each in spelt for form in (each, each.rstrip("0123456789_.-"), _DIGITS.sub("", each)))
    return tuple(sorted(set(map(_plain, forms))))


def _decoded(name: str) -> str:
    """A name of the domain system in its own letters: "xn--" hides them."""
    try:
        return name.encode("ascii").decode("idna") if "xn--" in name else name
    except UnicodeError:
        return name


@lru_cache(maxsize=8192)
def _plain(name: str) -> str:
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    letters = _SIGNS.sub("", "".join(_latin(sign) for sign in folded if not unicodedata.combining(sign)))
    for pair, single in _PAIRS:
        letters = letters.replace(pair, single)
    return letters


@lru_cache(maxsize=4096)
def _latin(sign: str) -> str:
    """The Latin letter that a sign is read as, or the sign."""
    if "a" <= sign <= "z":
        return sign
    known = _likenesses().get(sign)
    if known is not None:
        return known
    named = unicodedata.name(sign, "")
    found = _LATIN.match(named) or _BOXED.search(named)
    return found[1].lower() if found else sign


@lru_cache(maxsize=1)
def _table() -> dict[str, Any]:
    return tomllib.loads(files("bot.detectors.lexicon").joinpath("handles.toml").read_text("utf-8"))


@lru_cache(maxsize=1)
def _likenesses() -> dict[str, str]:
    return dict(chain.from_iterable(map(tuple, pairs.split()) for pairs in _table()["signs"].values()))


@lru_cache(maxsize=1)
def _words() -> tuple[Collection[str], Collection[str]]:
    """Words of help, and all words of an office, both as they are read."""
    table = _table()
    helping = frozenset(map(_plain, table["helping"]))
    return helping, helping | frozenset(map(_plain, (*table["official"], *table["little"])))
