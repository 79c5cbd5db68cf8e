"""How our own words look: no slur, no disguise, nobody else named, nothing echoed. C-16."""

import hashlib
import unicodedata

from bot.gate.folding import bare_words, handles, without_handles, words
from bot.gate.rule import Question, allow, deny, hold_self, missing
from bot.model import RuleResult

_JOINER = "\u200d"
_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE")
_PLAIN_CONTROLS = "\n\t"


def clean_words(question: Question) -> RuleResult:
    """C-16: no slur, no look-alike letters, no third person named, no eight words of theirs in a row."""
    snapshot, text = question.snapshot, question.draft.text
    if text is not None and _slurs(text, question.ruleset.speech.slurs):
        return deny("C-16", "slur")
    if text is not None and _disguised(text):
        return deny("C-16", "look-alike")
    if text is None or snapshot.text is None or snapshot.author_handle is None or snapshot.own_accounts is None:
        return missing("C-16", "text")
    if set(handles(text)) - {snapshot.author_handle.casefold()} - snapshot.own_accounts:
        return deny("C-16", "other handle")
    if any(_echoes(question, text, theirs) for theirs in (snapshot.text, *snapshot.quoted_texts)):
        return hold_self("C-16", "echo", words=question.ruleset.limits.echo_words, text=question.draft_hash)
    return allow("C-16")


def _slurs(text: str, masked: tuple[str, ...]) -> bool:
    return any(
        hashlib.sha256(word.encode("utf-8", "surrogatepass")).hexdigest()[:16] in masked for word in bare_words(text)
    )


def _disguised(text: str) -> bool:
    return any(_hides(text, place) for place in range(len(text))) or any(_mixes(word) for word in text.split())


def _hides(text: str, place: int) -> bool:
    """Whether the character at ``place`` draws nothing or only looks like a Latin letter."""
    char = text[place]
    category = unicodedata.category(char)
    if char == _JOINER:  # joins the parts of an emoji
        return place == 0 or unicodedata.category(text[place - 1]) not in {"So", "Sk", "Mn"}
    if category in {"Cf", "Cc", "Co", "Cs"}:
        return char not in _PLAIN_CONTROLS
    plain = unicodedata.normalize("NFKC", char)
    return category.startswith("L") and plain != char and plain.isascii()


def _mixes(word: str) -> bool:
    """Whether letters of two alphabets stand in one word."""
    names = (unicodedata.name(char, "") for char in word if char.isalpha())
    return len({script for name in names for script in _SCRIPTS if name.startswith(script)}) > 1


def _echoes(question: Question, ours: str, theirs: str) -> bool:
    length = question.ruleset.limits.echo_words
    brand = {word for name in question.context.brand_words for word in words(name)}
    return bool(_runs(ours, brand, length) & _runs(theirs, brand, length))


def _runs(text: str, without: set[str], length: int) -> frozenset[tuple[str, ...]]:
    spoken = [word for word in words(without_handles(text)) if word not in without]
    return frozenset(tuple(spoken[start : start + length]) for start in range(len(spoken) - length + 1))
