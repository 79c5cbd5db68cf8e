"""Counts the language profiles: which letter groups and words speak for which language.

Owns the making of ``bot/detectors/weights/language.profiles``; the detector reads it. German and English are
counted from posts that the caller reads, every language besides from the words and sentences in ``languages``.
No sentence and no pair of words survives the counting.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files

from bot.config.models import TOLD_APART

GERMAN = ("de", "bar", "gsw", "ksh", "nds", "swg")
"""Standard German first, then the dialects that count as German."""
ENGLISH = ("en", "sco")
"""English, and Scots, which counts as English: whoever writes it reads our English answer."""
OTHERS = tuple(language for language in TOLD_APART if language not in {"de", "en"})
LANGUAGES = (*GERMAN, *ENGLISH, *OTHERS)
NEUTRAL = "neutral"
"""The list of words that people write in every language, such as "ok" and "wow"."""

FAMILIES = (
    GERMAN,
    ("nl", "af", "lb"),
    ("da", "no", "sv", "is"),
    ("fr", "es", "it", "pt", "ca", "gl", "ro", "ht"),
    ("pl", "cs", "sk", "hr", "sl"),
    ("lt", "lv"),
    ("fi", "et"),
    ("tr", "az"),
    ("ga", "cy"),
    ("id", "tl"),
    ("sw", "so"),
    ENGLISH,
)
"""What a language's own few words do not show, its relatives do."""

_LONGEST = 4
"""Letters in the longest group: three that foretell the fourth."""
_GROUPS = 7_650
_COMMON_WORDS = 1_800
"""Words of German and English that count as common, taken from the posts."""
_STEP = 0.4
"""Nats of one step of a cost; costs have 16 steps."""
_LARGEST = 15
_FAMILY_SHARE = 0.4
"""Weight of the family where the language's own words say nothing."""
_POOLED = 10_000.0
"""Letters that each language gives to its family."""
_ALPHABET = 120
"""Letters that Latin script has for all these languages together, about."""
_LISTED_TWICE = 3
"""How often a listed common word counts beside those of the sentences."""
_BARE_SHARE = 0.35
"""Weight of spellings without accents: many people type so."""
_OWN_SHARE = 8
"""Weight of our own words beside the posts."""
_LEAST_LIKELY = 0.02
"""A common word of one of ours that another uses 50 times as often is a loan."""
_NOT_WORDS = re.compile(r"https?://\S+|@\S+|&\w{1,8};|#\w+|\brt\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def build(de_texts: Iterable[str], en_texts: Iterable[str]) -> bytes:
    """The profiles' file from German and English posts; the same posts give the same bytes.

    Layout: four kinds of lines in UTF-8, each ended by a line feed - the languages; the neutral words; the common
    words of each language, one line a language; the letter groups, with "_" for the edge of a word - and after
    them one row a group, four bits a language: how many steps dearer than in the likeliest language it is there.
    """
    words = {language: _weighted(language) for language in LANGUAGES}
    posts = {"de": _counted(de_texts), "en": _counted(en_texts)}
    for language, counts in posts.items():
        for word, count in counts.items():
            words[language][word] = words[language].get(word, 0.0) + count
    groups = {language: _grouped(counts) for language, counts in words.items()}
    kept = _most_telling(groups.values())
    models = _models(groups)
    rows = b"".join(_row([model.cost(group) for model in models]) for group in kept)
    listed = {language: _listed(language) for language in LANGUAGES}
    for language, rival in (("de", "en"), ("en", "de")):
        listed[language] += _common(posts[language], posts[rival])
    neutral = set(_listed(NEUTRAL))
    lines = [" ".join(LANGUAGES), " ".join(sorted(neutral))]
    lines += [" ".join(sorted(set(listed[language]) - neutral)) for language in LANGUAGES]
    return "\n".join([*lines, " ".join(kept), ""]).encode() + rows


def _models(groups: Mapping[str, Mapping[str, float]]) -> list["_Model"]:
    """One model a language, each leaning on its family and that on all the languages that nobody posted in for us."""
    latin = _Model(_together(groups, OTHERS), None)
    families = {name: _Model(_together(groups, family), latin) for family in FAMILIES for name in family}
    return [_Model(groups[name], None if name in {"de", "en"} else families.get(name, latin)) for name in LANGUAGES]


def _together(groups: Mapping[str, Mapping[str, float]], languages: Iterable[str]) -> dict[str, float]:
    """The groups of several languages, each language counting the same."""
    pool: dict[str, float] = {}
    for language in languages:
        size = sum(count for group, count in groups[language].items() if len(group) == 1)
        for group, count in groups[language].items():
            pool[group] = pool.get(group, 0.0) + count * _POOLED / size
    return pool


class _Model:
    """How likely a letter is after those before it: longer groups where they were seen, shorter ones elsewhere."""

    def __init__(self, groups: Mapping[str, float], family: "_Model | None") -> None:
        self._groups = groups
        self._family = family
        self._after: dict[str, list[float]] = {}
        for group, count in groups.items():
            total = self._after.setdefault(group[:-1], [0.0, 0.0])
            total[0] += count
            total[1] += 1

    def cost(self, group: str) -> float:
        """Nats that the last letter costs after the ones before it."""
        return -math.log(self.likelihood(group))

    def likelihood(self, group: str) -> float:
        """How often the last letter follows the ones before it, 0 to 1."""
        if not group:
            return 1 / _ALPHABET
        shorter = self.likelihood(group[1:])
        if self._family:
            shorter = (1 - _FAMILY_SHARE) * shorter + _FAMILY_SHARE * self._family.likelihood(group)
        total, kinds = self._after.get(group[:-1], (0.0, 0.0))
        if not total:
            return shorter
        return (self._groups.get(group, 0.0) + kinds * shorter) / (total + kinds)


def bare(word: str) -> str:
    """The word as typed without accents: "přes" becomes "pres"; umlauts become ae, oe, ue."""
    return "".join(
        letter for letter in unicodedata.normalize("NFD", word.translate(_UMLAUTS)) if not unicodedata.combining(letter)
    ).translate({0x131: "i", 0x142: "l", 0x111: "d", 0xF8: "o", 0xE6: "ae"})


def _lines(language: str) -> list[str]:
    return files("bot.training").joinpath("languages", f"{language}.txt").read_text("utf-8").lower().splitlines()


def _listed(language: str) -> list[str]:
    return sorted({word for line in _lines(language) if line.startswith("=") for word in line[1:].split()})


def _weighted(language: str) -> dict[str, float]:
    """Our own words of a language, the listed ones more than those of sentences, and their bare spellings less."""
    counts = Counter(dict.fromkeys(_listed(language), _LISTED_TWICE))
    for line in _lines(language):
        if line[:1] not in {"=", "#"}:
            counts.update(_WORD.findall(line))
    share = _OWN_SHARE if language in {"de", "en"} else 1
    weighted: dict[str, float] = {}
    for word, count in counts.items():
        weighted[word] = weighted.get(word, 0.0) + count * share
        plain = bare(word)
        if plain != word:
            weighted[plain] = weighted.get(plain, 0.0) + count * share * _BARE_SHARE
    return weighted


def _counted(texts: Iterable[str]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(_WORD.findall(_NOT_WORDS.sub(" ", unicodedata.normalize("NFKC", text)).lower()))
    return counts


def _common(counts: Counter[str], rival: Counter[str]) -> list[str]:
    """The words that most posts hold, without those that the other language uses far more."""
    total, others = counts.total(), rival.total()
    frequent = sorted(counts, key=lambda word: (-counts[word], word))[:_COMMON_WORDS]
    return [word for word in frequent if counts[word] / total > _LEAST_LIKELY * rival[word] / max(others, 1)]


def _grouped(counts: Mapping[str, float]) -> dict[str, float]:
    """Letter groups of every length with edges marked "_"; each ends in a letter that was to be foretold."""
    groups: dict[str, float] = {}
    for word, count in sorted(counts.items()):
        edged = f"_{word}_"
        for end in range(2, len(edged) + 1):
            for start in range(max(0, end - _LONGEST), end):
                group = edged[start:end]
                groups[group] = groups.get(group, 0.0) + count
    return groups


def _most_telling(profiles: Iterable[Mapping[str, float]]) -> list[str]:
    """The groups that are most frequent in some language. A group's shorter ends are as frequent, so they are in."""
    share: dict[str, float] = {}
    for groups in profiles:
        total = sum(count for group, count in groups.items() if len(group) == 1)
        for group, count in groups.items():
            share[group] = max(share.get(group, 0.0), count / total)
    return sorted(sorted(share, key=lambda group: (-share[group], len(group), group))[:_GROUPS])


def _row(costs: Sequence[float]) -> bytes:
    least = min(costs)
    steps = [min(_LARGEST, round((cost - least) / _STEP)) for cost in costs]
    steps += [0] * (len(steps) % 2)
    return bytes(high << 4 | low for high, low in zip(steps[::2], steps[1::2], strict=True))
