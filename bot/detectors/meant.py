"""Who is meant by an insult: whom the words around it point at, or that it is told, denied, fond or about a thing.

Owns the signs of words (``lexicon/insults_de.toml``, ``insults_en.toml``) and the small grammar over rows of signs
(``lexicon/meant.toml``). It does not label a text: the detector does. Only a text with an insulting word is read.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from itertools import islice
from typing import Any

from ahocorasick_rs import AhoCorasick, Implementation

from bot.detectors.text import Clean, Remembered
from bot.model import Span

PERSON = frozenset({"you", "staff", "third", "group", "alone"})
"""Whom an attack can mean: the one spoken to, somebody of the firm, a third one, several, or who else reads it."""
FOND, PROUD, QUOTED, COUNTER, NEGATED, ONESELF = "fond", "proud", "quoted", "counter", "negated", "oneself"
_INSULTS = "NSwABRFf"
_SOUGHT = "NSwARFf"
_ONLY_WHEN_AIMED = "wB"
_INSIDE = re.compile(r"[ABFf][aABFe]*[NSwA]|F[aAB]*[tR]")
_WORTH_JUDGING = re.compile(r"[NSARFf]|c[^.?]{0,6}w|=[ae]?w|n[cadex]{0,3}B")
_ALSO = re.compile(r"[NSA](?=[,&]?[&,][eadAB]*([NSA]))")
_RUDE = frozenset("SRF")
_TOKEN = re.compile(
    r"[^\W\d_]+(?:(?:\*+|-)[^\W\d_]+)*|(?<=[^\W\d_])['’](?:[^\W\d_]{1,2}\b)|[.!\n…]+|\?|[,;:–—()/]|[\"„“”«»‟]|<3|="
    r"|(?<!\w)['‘’‚](?=\w)|(?<=[\w.!?,])['’](?!\w)|[☀-➿\U0001f300-\U0001faff]|\d+"
)
_MARKS = {**dict.fromkeys('"„“”«»‟', '"'), **dict.fromkeys(",;:–—()/", ","), "?": "?", "=": "c"}
_FOLDS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "’": "'"})
_LONGEST = 40
_APART = re.compile(r"(?<=[^_])'")
_QUOTED = re.compile(r"\"[^\"]{1,60}\"|'[^'\"]{1,40}'")
_SOMEBODY = re.compile("[vphNS]")
_MOST_SIGNS = 700
"""Signs that are read: a post of READ_LIMIT characters says long before that whom it means."""
_SHORT = 7
_STEM_TAIL = 12
_LEAST_REST = 2
_FOND_FROM, _FOND_RUDE_FROM = 2, 3


@dataclass(frozen=True, slots=True)
class Mention:
    """One insult: whom it means ("" when nothing tells), by which rule, where, and whether the word itself is rude."""

    meant: str
    rule: str
    span: Span
    rude: bool


@dataclass(frozen=True)
class _Rule:
    """One pattern over signs, compiled when it is first needed."""

    name: str
    meant: str
    source: str

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(self.source)


class WhoIsMeant:
    """The reader of insults in German and English."""

    def __init__(self) -> None:
        source = _lexicon("meant")
        self._sources = {language: _lexicon(f"insults_{language}") for language in ("de", "en")}
        self.version = ".".join(file["version"] for file in (source, *self._sources.values()))
        macros: dict[str, str] = source["macros"]
        self._shifts = [(re.compile(_filled(row["pattern"], macros)), row["sign"]) for row in source["shift"]]
        self._rules = {
            language: [
                _Rule(row["id"], row["meant"], _filled(row["pattern"], macros))
                for row in source["rule"]
                if row.get("language", language) == language
            ]
            for language in self._sources
        }

    @cached_property
    def _words(self) -> "dict[str, _Words]":
        """The words of each language, laid out when the first text comes."""
        return {language: _Words(source) for language, source in self._sources.items()}

    @cached_property
    def _insulting(self) -> tuple[AhoCorasick, list[tuple[bool, bool]]]:
        """What finds insulting words, and of each whether it must begin and end a word."""
        sought = sorted(set().union(*(words.sought for words in self._words.values())))
        automaton = AhoCorasick([entry.strip() for entry in sought], implementation=Implementation.DFA)
        return automaton, [(entry[0] == " ", entry[-1] == " ") for entry in sought]

    def mentions(self, seen: Clean, original: str, language: str) -> list[Mention]:
        """The insults of a cleaned text, in its order. ``original`` tells "Sie" from "sie" by its capital."""
        if not self._sought(seen.text):
            return []
        row, spans = self._read(seen, original, language)
        if not _WORTH_JUDGING.search(row):
            return []
        language = language if language in self._words else self._likeliest(seen, original)
        return self._judged(row, spans, language)

    def _sought(self, text: str) -> bool:
        """Whether an insulting word stands in ``text``, as a whole word or as the part of one that tells."""
        automaton, edges = self._insulting
        for entry, start, end in automaton.find_matches_as_indexes(text, overlapping=True):
            opens, closes = edges[entry]
            if not (opens and text[start - 1 : start].isalpha()) and not (closes and text[end : end + 1].isalpha()):
                return True
        return False

    def _read(self, seen: Clean, original: str, language: str) -> tuple[str, list[Span]]:
        words = self._words.get(language) or self._words[self._likeliest(seen, original)]
        row, spans = words.signs(seen.text, original if seen.origin is None else "")
        for pattern, sign in self._shifts:
            row = _covered(pattern, sign, row)
        return row, spans

    def _likeliest(self, seen: Clean, original: str) -> str:
        """The language whose words say more about the text."""
        unknown = {
            language: words.signs(seen.text, original if seen.origin is None else "")[0].count("-")
            for language, words in self._words.items()
        }
        return min(unknown, key=lambda language: unknown[language])

    def _judged(self, row: str, spans: Sequence[Span], language: str) -> list[Mention]:
        verdicts: dict[int, _Rule] = {}
        plain = _QUOTED.sub(lambda found: '"' + "-" * (len(found[0]) - 2) + '"', row)
        open_ = {place for place, sign in enumerate(plain) if sign in _INSULTS}
        for rule in self._rules[language]:
            found = rule.pattern.search(plain)
            while found:  # The next match may overlap this one.
                judged = open_.intersection(range(*found.span(found.lastindex or 0)))
                verdicts |= dict.fromkeys(judged, rule)
                open_ -= judged
                found = rule.pattern.search(plain, found.start() + 1)
            if not open_:
                break
        quoted = {place for found in _QUOTED.finditer(row) for place in range(*found.span())}
        for found in _ALSO.finditer(plain):
            if found.start() in verdicts:
                verdicts[found.start(1)] = verdicts[found.start()]
        places = [place for place in _heads(row) if row[place] not in _ONLY_WHEN_AIMED or _aimed(verdicts.get(place))]
        fond, proud = _fondness(row), "r" in row
        mentions = []
        for place in places:
            meant, name = _verdict(row, place, verdicts.get(place), quoted=place in quoted)
            rude = row[place] in _RUDE
            if meant in PERSON | {"", QUOTED} and fond >= (_FOND_RUDE_FROM if rude else _FOND_FROM):
                meant, name = FOND, "fond"
            elif meant in {"", QUOTED} and proud and any(sign in row for sign in "im"):
                meant, name = PROUD, "proud"
            mentions.append(Mention(meant, name, spans[place], rude))
        return mentions


def _aimed(rule: _Rule | None) -> bool:
    """Whether a word that is only sometimes an insult is one: somebody is called it, or it is denied."""
    return rule is not None and (rule.meant in PERSON or rule.meant == NEGATED)


def _verdict(row: str, place: int, rule: _Rule | None, *, quoted: bool) -> tuple[str, str]:
    """Whom the insult at ``place`` means, and what told it."""
    if quoted:
        return (COUNTER, "quoted-against") if _against(row, place) else (QUOTED, "quotation-marks")
    if rule is None:
        swearing = row[place] in "Ff" and not _SOMEBODY.search(_sentence(row, place))
        return ("nobody", "swearing") if swearing else ("", "")
    if rule.meant == QUOTED and _against(row, place):
        return COUNTER, rule.name
    return rule.meant, rule.name


def _against(row: str, place: int) -> bool:
    """Whether somebody objects near ``place``: "stop", "that is not on", "nobody deserves"."""
    start = max(row.rfind(".", 0, place), row.rfind("?", 0, place), 0)
    end = place
    for _ in range(2):
        end = min((stop for stop in (row.find(".", end + 1), row.find("?", end + 1)) if stop > 0), default=len(row))
    return "o" in row[start:end]


def _sentence(row: str, place: int) -> str:
    """The sentence around ``place``."""
    start = max(row.rfind(".", 0, place), row.rfind("?", 0, place)) + 1
    end = min((stop for stop in (row.find(".", place), row.find("?", place)) if stop > 0), default=len(row))
    return row[start:end]


def _fondness(row: str) -> int:
    """How fond a text sounds: love counts two, a friend, laughter or something shared one, scorn counts against it."""
    laughs = min(row.count("l"), 1)
    fond = 2 * row.count("L") + min(row.count("g"), 2) + min(row.count("C"), 2) + laughs
    return fond - 2 * row.count("H") - sum(row.count(sign) for sign in "pP")


def _heads(row: str) -> list[int]:
    """The places of insults; of several in one phrase only the last, which the others belong to."""
    places = [place for place, sign in enumerate(row) if sign in _INSULTS]
    return [place for place in places if not _INSIDE.match(row, place)]


def _lexicon(name: str) -> dict[str, Any]:
    return tomllib.loads(files("bot.detectors").joinpath("lexicon", f"{name}.toml").read_text("utf-8"))


def _filled(pattern: str, macros: Mapping[str, str]) -> str:
    for name, meaning in macros.items():
        pattern = pattern.replace(f"{{{name}}}", meaning)
    return pattern


class _Words:
    """The signs of one language's words."""

    def __init__(self, source: Mapping[str, Any]) -> None:
        self._exact: dict[str, str] = {}
        self._stems: dict[str, str] = {}
        self._phrases: dict[str, dict[str, list[tuple[tuple[str, ...], str]]]] = {}
        for signs, words in source["words"].items():
            for word in words.translate(_FOLDS).split():
                self._enter(word, "-" if signs == "harmless" else signs)
        for following in self._phrases.values():
            for known in following.values():
                known.sort(key=lambda phrase: -len(phrase[0]))
        self._lengths = sorted({len(stem) for stem in self._stems}, reverse=True)
        self._ends = _by_length(source.get("ends", {}))
        beginnings: str = source.get("beginnings", {}).get("words", "")
        self._beginnings = tuple(beginnings.translate(_FOLDS).split())
        self.sought = frozenset(self._sought(source))
        self._sign = Remembered(self._find, most=8_192)

    def _enter(self, word: str, signs: str) -> None:
        first, *rest = (_APART.sub(r"_\g<0>", word) if "'" in word else word).split("_")
        if rest:
            self._phrases.setdefault(first, {}).setdefault(rest[0], []).append((tuple(rest), signs))
        elif word.endswith("*"):
            self._stems.setdefault(word[:-1], signs)
        else:
            self._exact.setdefault(word, signs)

    def _sought(self, source: Mapping[str, Mapping[str, str]]) -> Iterable[str]:
        """What to look for, in every spelling, before a text is read."""
        entries = [word for signs in _SOUGHT for word in source["words"].get(signs, "").split()]
        entries += [f"{word}*" for word in source.get("beginnings", {}).get("words", "").split()]
        for entry in entries:
            word = " " + entry.rstrip("*").replace("_", " ").strip()
            word += "" if entry.endswith("*") or len(word) > _SHORT else " "
            yield from {word, word.translate(_FOLDS), word.replace("ß", "ss")}
        for sign, words in source.get("ends", {}).items():
            ends = words.split() if sign in _SOUGHT and sign != "w" else []
            yield from (f"{end} " for word in ends for end in (word, word.translate(_FOLDS)))

    def signs(self, text: str, original: str) -> tuple[str, list[Span]]:
        """The text as signs, and the place of each."""
        found = [token.span() for token in islice(_TOKEN.finditer(text), _MOST_SIGNS)]
        words = _folded(" ".join([text[start:end] for start, end in found])).split(" ") if found else []
        signs = list(map(self._sign.__getitem__, words))
        for place in [place for place, word in enumerate(words) if word == "sie" and signs[place] == "h"]:
            if original[found[place][0] : found[place][0] + 1] == "S":
                signs[place] = "v"
        done = 0
        for place in [place for place, word in enumerate(words[:-1]) if word in self._phrases]:
            phrase = self._phrase_at(words, place) if place >= done else None
            if phrase:
                done = place + phrase[1]
                signs[place:done] = [phrase[0]] + [""] * (phrase[1] - 1)
                found[place] = found[place][0], found[done - 1][1]
        row = "".join(signs)
        if done or len(row) != len(found):
            found = [span for sign, span in zip(signs, found, strict=True) for _ in sign]
        return row, found

    def _phrase_at(self, words: Sequence[str], place: int) -> tuple[str, int] | None:
        """The signs of the longest phrase that begins at ``place``, and how many words it has."""
        for rest, signs in self._phrases[words[place]].get(words[place + 1], ()):
            if tuple(words[place + 1 : place + 1 + len(rest)]) == rest:
                return signs, len(rest) + 1
        return None

    def _find(self, word: str) -> str:
        if len(word) > _LONGEST:
            return "-"
        known = self._exact.get(word)
        if known is not None:
            return known
        if not word[0].isalpha():
            return _MARKS.get(word[0], "." if word[0] in ".!\n…" else "'" if word[0] in "'‘‚" else "-")
        first, _, last = word.rpartition("-")
        if first:
            return self._swearing(last) if first in self._beginnings else self._sign[last]
        return self._by_parts(word)

    def _by_parts(self, word: str) -> str:
        """The sign of a word that is known by its stem, its end or the swear word that it begins with."""
        for length in self._lengths:
            if length <= len(word) <= length + _STEM_TAIL and word[:length] in self._stems:
                return self._stems[word[:length]]
        for beginning in self._beginnings:
            if word.startswith(beginning) and len(word) > len(beginning) + _LEAST_REST:
                return self._swearing(word[len(beginning) :])
        for length, ends in self._ends:
            if len(word) >= length + _LEAST_REST and word[-length:] in ends:
                return ends[word[-length:]]
        return "-"

    def _swearing(self, meant: str) -> str:
        """The sign of a word with a swear word before it: an insult for a person, else a rude name for a thing."""
        return "S" if self._sign[meant] in {"N", "S", "w", "p"} else "R"


def _folded(word: str) -> str:
    return word if word.isascii() else word.translate(_FOLDS)


def _by_length(ends: Mapping[str, str]) -> list[tuple[int, dict[str, str]]]:
    """Ends of words with their signs, the longest first."""
    signs = {end: sign for sign, words in ends.items() for end in words.translate(_FOLDS).split()}
    lengths = sorted({len(end) for end in signs}, reverse=True)
    return [(length, {end: sign for end, sign in signs.items() if len(end) == length}) for length in lengths]


def _covered(pattern: re.Pattern[str], sign: str, row: str) -> str:
    """The row with every sign that ``pattern`` finds turned into ``sign``; it keeps its length."""
    return pattern.sub(lambda found: sign * len(found[0]), row)
