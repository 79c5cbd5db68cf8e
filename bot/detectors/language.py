"""Which language a post is in: German with its dialects and its English words, English, or another one.

Owns the labels de, en, other and undetermined. Every word votes by its letter groups and by the lists of common
words; the profiles were counted beforehand (``earshot train language``). It names no language that it has no
profile for.
"""

import re
from collections.abc import Sequence
from importlib.resources import files
from itertools import chain
from struct import Struct

from bot.detectors.rulebook import plainly
from bot.detectors.text import Remembered, clean
from bot.model import Finding

_DIALECTS = ("bar", "gsw", "ksh", "nds", "swg")
_GERMAN = 1 + len(_DIALECTS)
_ENGLISH = _GERMAN + 2
"""Where the profiles of German end, the first ones of the file, and those of English and Scots after them."""
_READ = 1_500
"""Characters read: language shows within a few sentences, and the rest of a long post costs time."""
_WORDS = 60
_LETTERS = 12
"""Letters read of a word: they and an edge, at most 15 steps each, stay below 256, one byte a language."""
_KNOWN_STRETCHES, _KNOWN_WORDS = 16_384, 8_192
"""What stands between two spaces, mostly one word, and words by their letters: how many are remembered, about 4 MB."""
_NOT_WORDS = re.compile(r"https?://\S{1,500}|(?:t|bit)\.\w{2,9}/\S{1,200}|@[\w.@-]{1,80}|&\w{1,8};")
_WORD = re.compile(r"[a-z]++(?![\w'’])|[^\W\d_]+(?:['’][^\W\d_]+)?")
"""The first way is the second one's for most words of ours, and takes half the time."""
_FOREIGN_SCRIPT = re.compile(
    r"[\u0370-\u1cff\u2e80-\ua6ff\ua840-\uaaff\uabc0-\ud7ff\uf900-\ufaff\U00010000-\U0003ffff]"
)
_COMMON_WORD = 8
"""Steps that a common word costs in every language that does not know it as one. A step is 0.4 nats."""
_DIALECT, _FOREIGN, _SCOTS = 6, 3, 4
"""Steps that a language is behind from the start: most posts are German or English, and few people write Scots."""
_CLEAR = 4 * _COMMON_WORD
"""Steps of lead by common words alone that make a look at letters needless."""
_LEAST_LEAD = 1
"""Steps of lead below which nobody could tell."""
_BORROWING = 2
"""German common words that make an English post German, when at most twice as many English ones stand beside them."""
_NAMED_LEAD = 5
"""Steps by which a foreign language must lead the next one to be named."""
_CERTAIN = 25
"""Steps of lead that count as certain: 1000 per mille."""


class Language:
    """Labels: de, en, other, undetermined. The score is how clear the lead is, per mille."""

    name = "language"
    version = "3"

    def __init__(self) -> None:
        self._profiles = _Profiles(files("bot.detectors").joinpath("weights", "language.profiles").read_bytes())
        self._words = Remembered(_own_words, _KNOWN_STRETCHES)
        self._spelt = Remembered(self._profiles.spell, _KNOWN_WORDS)
        self._last: tuple[tuple[str, ...], list[Finding]] = ((), [])

    def detect(self, texts: Sequence[str]) -> list[Finding]:
        """One finding per text. The reason is "letters", "german-words", "script" or "no-words".

        "letters:tr" names another language. The last batch is remembered: whoever needs the language as well asks for
        the same texts.
        """
        batch = tuple(texts)
        last = self._last  # Read once: another thread may put its own batch there at any time.
        if last[0] != batch:
            last = self._last = (batch, [self._look(text) for text in batch])
        return list(last[1])

    def _look(self, text: str) -> Finding:
        seen = clean(text, _READ)
        words = list(chain.from_iterable(map(self._words.__getitem__, seen.text.split())))[:_WORDS]
        if not words:
            return self._say("undetermined", 0, "no-words")
        if not seen.text.isascii():
            letters = sum(map(len, words))
            foreign = len(_FOREIGN_SCRIPT.findall("".join(words)))
            if 2 * foreign > letters:
                return self._say("other", 1000 * foreign // letters, "script")
        total = self._profiles.recognise(words)
        label, lead, named = self._profiles.cheapest(total)
        if lead < _CLEAR:
            label, lead, named = self._profiles.cheapest(sum(map(self._spelt.__getitem__, words), total))
        if lead < _LEAST_LEAD:
            return self._say("undetermined", 0, "letters")
        if label == "en" and self._profiles.borrows(words):
            return self._say("de", 500, "german-words")
        return self._say(label, 500 + 500 * lead // _CERTAIN, f"letters:{named}" if named else "letters")

    def _say(self, label: str, score: int, reason: str) -> Finding:
        return plainly(self.name, self.version, label, min(score, 1000), (), reason)


class _Profiles:
    """What each word costs in each language. A row of costs is one whole number, a few bits a language.

    So rows are added by adding numbers, which is what makes forty languages as fast as three.
    """

    def __init__(self, content: bytes) -> None:
        languages, neutral, rest = content.split(b"\n", 2)
        self._languages = languages.decode().split(" ")
        size = len(self._languages)
        *lists, groups, rows = rest.split(b"\n", size + 1)
        width = size + size % 2
        steps = rows.hex().encode().translate(bytes.maketrans(b"0123456789abcdef", bytes(range(16))))
        self._groups = {
            group: int.from_bytes(steps[place * width : place * width + size], "little")
            for place, group in enumerate(groups.decode().split(" "))
        }
        self._read = Struct(f"<{size}H")
        self._neutral = frozenset(neutral.decode().split(" "))
        self._common: dict[str, int] = {}
        unknown = sum(_COMMON_WORD << 16 * place for place in range(size))
        for place, words in enumerate(lists):
            for word in words.decode().split(" "):
                self._common[word] = self._common.get(word, unknown) - (_COMMON_WORD << 16 * place)
        german, english = (set(lists[place].decode().split(" ")) for place in (0, _GERMAN))
        self._only_german, self._only_english = german - english, english - german
        self._start = sum(_handicap(name) << 16 * place for place, name in enumerate(self._languages))

    def recognise(self, words: Sequence[str]) -> int:
        """The costs of the common words among these, sixteen bits a language, with the start of each language."""
        return sum(filter(None, map(self._common.get, words)), self._start)

    def borrows(self, words: Sequence[str]) -> bool:
        """Whether this is German with English words: common words that only German has stand thick among them."""
        if self._only_german.isdisjoint(words):
            return False
        german = sum([word in self._only_german for word in words])
        return german >= _BORROWING and _BORROWING * german >= sum([word in self._only_english for word in words])

    def spell(self, word: str) -> int:
        """The costs of a word's letters, sixteen bits a language."""
        if word in self._neutral:
            return 0
        edged = f"  _{word[:_LETTERS]}_"
        row, total = self._groups.get, 0
        for start in range(len(edged) - 3):
            group = edged[start : start + 4]
            total += row(group) or row(group[1:]) or row(group[2:]) or row(group[3:], 0)
        spread = bytearray(2 * len(self._languages))
        spread[::2] = total.to_bytes(len(self._languages), "little")
        return int.from_bytes(spread, "little")

    def cheapest(self, total: int) -> tuple[str, int, str]:
        """The cheapest language's label, its lead over other labels in steps, and a foreign one's name if clear."""
        costs = self._read.unpack(total.to_bytes(self._read.size, "little"))
        german, english, foreign = min(costs[:_GERMAN]), min(costs[_GERMAN:_ENGLISH]), min(costs[_ENGLISH:])
        if foreign < german and foreign < english:
            return "other", min(german, english) - foreign, self._name(costs, foreign)
        if german < english:
            return "de", min(english, foreign) - german, ""
        return "en", min(german, foreign) - english, ""

    def _name(self, costs: Sequence[int], least: int) -> str:
        """The only foreign language near the cheapest one, or ""."""
        near = [place for place, cost in enumerate(costs) if cost < least + _NAMED_LEAD and place >= _ENGLISH]
        return self._languages[near[0]] if len(near) == 1 else ""


def _handicap(language: str) -> int:
    if language in {"de", "en"}:
        return 0
    return _DIALECT if language in _DIALECTS else _SCOTS if language == "sco" else _FOREIGN


def _own_words(stretch: str) -> Sequence[str]:
    """The words between two spaces, without addresses and names, which speak no language."""
    return tuple(_WORD.findall(_NOT_WORDS.sub(" ", stretch)))
