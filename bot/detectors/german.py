"""The tone of a German text by a list of words: negation, stress, doubt, and what comes after "aber".

Owns the German lexicon of feelings. It knows no labels and no thresholds.
"""

import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from importlib.resources import files

from ahocorasick_rs import AhoCorasick, MatchKind

_TOKEN = re.compile(r"[^\W\d_]+|[.!?\n]+|[,;:]")
_ADDRESS = re.compile(r"https?://\S{1,500}|[@#][\w.-]{1,80}:?")
_ENDINGS = frozenset(
    {"e", "en", "em", "er", "es", "s", "n", "t", "st", "te", "ten", "ste", "sten", "ere", "eren", "eres"}
)
_PREFIX_LENGTHS = range(4, 12)
_NEGATED_BEFORE = 3
_NEGATED_POSITIVE, _NEGATED_NEGATIVE = -0.75, -0.3
"""A denied praise is a complaint; a denied complaint is only half a praise."""
_STRESS, _DOUBT = 1.35, 0.7
_BEFORE_TURN, _AFTER_TURN = 0.6, 1.3
_SOFTENING = 8.0
"""Sum of weights at which a text stops growing much more extreme: x / sqrt(x^2 + this)."""


class GermanFeeling:
    """Feels the tone of a text: -1 is worst, 1 is best, 0 says nothing."""

    def __init__(self) -> None:
        source = tomllib.loads(files("bot.detectors").joinpath("lexicon", "sentiment_de.toml").read_text("utf-8"))
        self._words = _weights(source["words"])
        self._prefixes = _weights(source["prefixes"])
        self._beginnings = frozenset(prefix[: _PREFIX_LENGTHS.start] for prefix in self._prefixes)
        self._negations = _folded(source["negations"])
        self._stress = _folded(source["intensifiers"])
        self._doubt = _folded(source["dampers"])
        self._turns = _folded(source["turns"])
        fixed = {_fold(phrase): float(weight) for weight, row in source["phrases"].items() for phrase in row}
        fixed |= {sign: float(weight) for weight, row in source["signs"].items() for sign in row.split()}
        self._fixed = tuple(fixed.values())
        self._automaton = AhoCorasick(list(fixed), matchkind=MatchKind.LeftmostLongest)

    def feeling(self, text: str) -> float:
        """The tone of ``text``, which is cleaned and in lower case."""
        folded = _fold(text)
        if "://" in folded or "@" in folded or "#" in folded:
            folded = _ADDRESS.sub(_words_of_tag, folded)
        spots = [
            (start, end, self._fixed[index]) for index, start, end in self._automaton.find_matches_as_indexes(folded)
        ]
        total = sum(weight for _, _, weight in spots)
        if spots:
            folded = _without(folded, spots)
        total += self._of_words(_TOKEN.findall(folded))
        return total / math.sqrt(total * total + _SOFTENING) if total else 0.0

    def _of_words(self, tokens: Sequence[str]) -> float:
        before = after = 0.0
        turned = False
        for place, token in enumerate(tokens):
            if token in self._turns:
                before, after, turned = before + after, 0.0, True
                continue
            weight = self._weight(token)
            if weight:
                after += self._in_context(weight, tokens[max(0, place - _NEGATED_BEFORE) : place])
        return before * _BEFORE_TURN + after * _AFTER_TURN if turned else after

    def _weight(self, token: str) -> float:
        """The weight of a word, of its stem, or of the word it begins with; 0 when it is not in the list."""
        words = self._words
        if token in words:
            return words[token]
        for cut in range(1, 5):
            if token[-cut:] in _ENDINGS and token[:-cut] in words:
                return words[token[:-cut]]
        for length in _PREFIX_LENGTHS if token[: _PREFIX_LENGTHS.start] in self._beginnings else ():
            if token[:length] in self._prefixes:
                return self._prefixes[token[:length]]
        return 0.0

    def _in_context(self, weight: float, before: Sequence[str]) -> float:
        """The weight of a word as changed by the words before it, back to the last sign of punctuation."""
        for word in reversed(before):
            if not word[0].isalpha():
                break
            if word in self._negations:
                weight *= _NEGATED_POSITIVE if weight > 0 else _NEGATED_NEGATIVE
            elif word in self._stress:
                weight *= _STRESS
            elif word in self._doubt:
                weight *= _DOUBT
        return weight


def _words_of_tag(found: re.Match[str]) -> str:
    """A hashtag is a word of the author's; an address or a name is not, and its ":/" is no face."""
    return found[0][1:] if found[0][0] == "#" else " "


def _fold(text: str) -> str:
    """Both spellings of the umlauts and of ß become one."""
    return text.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue").replace("ß", "ss")


def _folded(words: str) -> frozenset[str]:
    return frozenset(map(_fold, words.split()))


def _weights(rows: Mapping[str, str]) -> dict[str, float]:
    return {_fold(word): float(weight) for weight, words in rows.items() for word in words.split()}


def _without(text: str, spots: Sequence[tuple[int, int, float]]) -> str:
    """The text without what already counted, so that nothing counts twice."""
    pieces: list[str] = []
    done = 0
    for start, end, _ in spots:
        pieces += [text[done:start], " , "]
        done = end
    return "".join([*pieces, text[done:]])
