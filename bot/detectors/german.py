"""The tone of a German text by a list of words: negation, stress, doubt, wishes, and what comes after "aber".

Owns the German lexicon of feelings. It knows no labels and no thresholds.
"""

import math
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from itertools import takewhile

from ahocorasick_rs import AhoCorasick, MatchKind

_TOKEN = re.compile(r"[^\W\d_]{1,40}|[.!?\n]+|[,;:]")
_ADDRESS = re.compile(r"https?://\S{1,500}|[@#][\w.-]{1,80}:?")
_PHRASE_END = re.compile(r"\s*[|\n]\s*")
_NOT_MEANT = re.compile(r"#(?:nicht|not|ironie|sarkasmus|sarcasm)\b|\bironie (?:off|aus|ende)\b|</?ironie>")
_DRAWN_OUT = re.compile(r"(.)\1{2,}")
# fmt: off
_ENDINGS = frozenset({
    "e", "en", "em", "er", "es", "s", "n", "t", "st", "te", "ten", "et", "est", "ete", "eten",
    "ste", "sten", "ster", "stes", "este", "esten", "ester", "estes", "ere", "eren", "eres", "erer", "erem",
    "end", "ende", "enden", "ender", "endes", "endem", "ung", "ungen", "heit", "keit", "in", "innen",
})
# fmt: on
_LONGEST_ENDING, _SHORTEST_STEM = 5, 3
_HEAD_ENDINGS = ("", "e", "en", "n", "s", "es", "er", "em", "ere", "igkeit")
_KNOWN_WORDS = 8192
"""Words whose weight is remembered, of at most 40 letters each: about 1.4 MB when full."""
_NEGATED_BEFORE = _NEGATED_AFTER = 3
"""Words a negation reaches: "nicht so richtig gut" before it, and after a verb "hilft mir leider nicht"."""
_NEGATED_POSITIVE, _NEGATED_NEGATIVE = -0.75, -0.3
"""A denied praise is a complaint; a denied complaint is only half a praise."""
_OPPOSITE, _WITHOUT = -0.8, 1.5
"""What "un-" makes of a praise, and the weight of lacking something: "lieblos" is bad, "angstfrei" good."""
_STRESS, _DOUBT = 1.35, 0.7
_BEFORE_TURN, _AFTER_TURN = 0.6, 1.3
_WISHED, _ASKED = 0.5, 0.75
"""What is wished for or asked about is not there yet."""
_REPORTED = 0.4
"""A text with a link and without I, you or we passes on what others wrote: a headline, an advertisement."""
_CALL = 0.5
"""An exclamation mark without a complaint is cheerful."""
_SOFTENING = 8.0
"""Sum of weights at which a text stops growing much more extreme: x / sqrt(x^2 + this)."""


class GermanFeeling:
    """Feels the tone of a text: -1 is worst, 1 is best, 0 says nothing."""

    def __init__(self) -> None:
        source = tomllib.loads(files("bot.detectors").joinpath("lexicon", "sentiment_de.toml").read_text("utf-8"))
        self._words = _weights(source["words"])
        parts = {f" {prefix}": weight for prefix, weight in _weights(source["prefixes"]).items()}
        for suffix, weight in _weights(source["suffixes"]).items():
            parts |= {f"{suffix}{ending} ": weight for ending in _HEAD_ENDINGS}
        self._part_weights = tuple(parts.values())
        lacks = [f"{lack}{ending} " for lack in ("los", "frei") for ending in _HEAD_ENDINGS]
        self._parts = AhoCorasick([*parts, *lacks], matchkind=MatchKind.LeftmostLongest)
        self._negations = _folded(source["negations"])
        self._stress = _folded(source["intensifiers"])
        self._doubt = _folded(source["dampers"])
        self._turns = _folded(source["turns"])
        self._wishes = _folded(source["wishes"])
        self._verbs = _folded(source["verbs"])
        self._people = _folded(source["people"])
        phrases = source["phrases"].items()
        fixed = {phrase: float(weight) for weight, row in phrases for phrase in _PHRASE_END.split(_fold(row).strip())}
        fixed |= {sign: float(weight) for weight, row in source["signs"].items() for sign in row.split()}
        self._fixed = tuple(fixed.values())
        self._automaton = AhoCorasick(list(fixed), matchkind=MatchKind.LeftmostLongest)
        self._weight = lru_cache(_KNOWN_WORDS)(self._weigh)

    def feeling(self, text: str) -> float:
        """The tone of ``text``, which is cleaned and in lower case."""
        folded = _fold(text)
        reported = "://" in folded
        meant = not (("#" in folded or "ironie" in folded) and _NOT_MEANT.search(folded))
        if reported or "@" in folded or "#" in folded:
            folded = _ADDRESS.sub(_words_of_tag, folded)
        spots = [
            (start, end, self._in_place(self._fixed[index], folded, start))
            for index, start, end in self._automaton.find_matches_as_indexes(folded)
            if _stands_alone(folded, start, end)
        ]
        tokens = _TOKEN.findall(_without(folded, spots) if spots else folded)
        total = sum(weight for _, _, weight in spots) + self._of_words(tokens)
        if total >= 0 and "!" in folded:
            total += _CALL
        if total > 0 and not meant:
            total = -total
        if reported and self._people.isdisjoint(tokens):
            total *= _REPORTED
        if "?" in folded:
            total *= _ASKED
        return total / math.sqrt(total * total + _SOFTENING)

    def _of_words(self, tokens: Sequence[str]) -> float:
        weights = [*map(self._weight, tokens), 0.0]
        turn = -1
        if not self._turns.isdisjoint(tokens):
            turn = max(place for place, token in enumerate(tokens) if token in self._turns)
        before = after = 0.0
        for place, weight in enumerate(weights):
            if not weight or (weights[place + 1] and tokens[place] in self._stress):
                continue
            if place <= turn:
                before += self._in_context(weight, tokens, place)
            else:
                after += self._in_context(weight, tokens, place)
        return after if turn < 0 else before * _BEFORE_TURN + after * _AFTER_TURN

    def _in_place(self, weight: float, text: str, start: int) -> float:
        """The weight of a phrase, denied when the word before it denies."""
        before = text[max(0, start - 12) : start].split()
        return weight * _NEGATED_POSITIVE if weight > 0 and before and before[-1] in self._negations else weight

    def _weigh(self, token: str) -> float:
        """The weight of a word, of its stem, or of the word it is made with; 0 when it is not in the list."""
        if len(token) <= _SHORTEST_STEM:
            return self._words.get(token, 0.0)
        weight = self._of_stem(token)
        if weight is None and token.startswith("ge"):
            weight = self._of_stem(token[2:])
        if weight is None and token.startswith("un"):
            weight = (self._of_stem(token[2:]) or 0.0) * _OPPOSITE or None
        if weight is None:
            weight = self._of_compound(token)
        if not weight and _DRAWN_OUT.search(token):
            weight = self._of_stem(_DRAWN_OUT.sub(r"\1", token)) or self._of_stem(_DRAWN_OUT.sub(r"\1\1", token))
        return weight or 0.0

    def _of_stem(self, token: str) -> float | None:
        words = self._words
        if token in words:
            return words[token]
        for cut in range(1, min(_LONGEST_ENDING, len(token) - _SHORTEST_STEM) + 1):
            if token[:-cut] in words and token[-cut:] in _ENDINGS:
                return words[token[:-cut]]
        return None

    def _of_compound(self, token: str) -> float:
        """The weight of the known part that stands last: the head of a German compound is its last word."""
        found = self._parts.find_matches_as_indexes(f" {token} ")
        if not found:
            return 0.0
        index, start, _ = found[-1]
        if index < len(self._part_weights):
            return self._part_weights[index]
        lacking = self._of_stem(token[: start - 1])
        return -math.copysign(_WITHOUT, lacking) if lacking else 0.0

    def _in_context(self, weight: float, tokens: Sequence[str], place: int) -> float:
        """The weight of a word as changed by the words around it, up to the next sign of punctuation."""
        before = _clause(reversed(tokens[max(0, place - _NEGATED_BEFORE) : place]))
        denying = before
        if weight > 0 and tokens[place] in self._verbs:
            denying = [*before, *_clause(tokens[place + 1 : place + 1 + _NEGATED_AFTER])]
        changed = weight
        if not self._negations.isdisjoint(denying):
            changed *= _NEGATED_POSITIVE if weight > 0 else _NEGATED_NEGATIVE
        if weight > 0 and not self._wishes.isdisjoint(before):
            changed *= _WISHED
        for word in before:
            if word in self._stress:
                changed *= _STRESS
            elif word in self._doubt:
                changed *= _DOUBT
        return changed


def _clause(words: Iterable[str]) -> list[str]:
    """The words up to the first sign of punctuation."""
    return list(takewhile(lambda word: word[0].isalpha(), words))


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether a phrase or a face is not a piece of a longer word: ":d" opens no word and "ein witz" ends none."""
    return not (
        (start and text[start].isalnum() and text[start - 1].isalnum())
        or (end < len(text) and text[end].isalnum() and text[end - 1].isalnum())
    )


def _words_of_tag(found: re.Match[str]) -> str:
    """A hashtag is a word of the author's; an address or a name is not, and its ":/" is no face."""
    return found[0][1:] if found[0][0] == "#" else " "


def _fold(text: str) -> str:
    """Both spellings of the umlauts and of ß become one."""
    return text.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue").replace("ß", "ss")


def _folded(words: str) -> frozenset[str]:
    return frozenset(_fold(words).split())


def _weights(rows: Mapping[str, str]) -> dict[str, float]:
    return {word: float(weight) for weight, words in rows.items() for word in _fold(words).split()}


def _without(text: str, spots: Sequence[tuple[int, int, float]]) -> str:
    """The text without what already counted, so that nothing counts twice."""
    pieces: list[str] = []
    done = 0
    for start, end, _ in spots:
        pieces += [text[done:start], " , "]
        done = end
    return "".join([*pieces, text[done:]])
