"""How our own words look and sound: no slur, no disguise, nobody else named, nothing echoed, a decent tone. C-16."""

import hashlib
import re
import unicodedata
from collections.abc import Iterator

from bot.gate.concern import concern_marks
from bot.gate.folding import (
    Span,
    blanked,
    placed_bare_words,
    placed_handles,
    placed_people,
    spoken,
    without_handles,
    words,
)
from bot.gate.manner import manner_marks, name_marks
from bot.gate.marks import Mark, draft_of, not_released
from bot.gate.rule import Question, allow, deny, hold_self, missing
from bot.model import RuleResult

_JOINER = "\u200d"
_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE")
_UNBROKEN = re.compile(r"\S+")
_PLAIN_CONTROLS = "\n\t"
_NEVER = frozenset({"slur", "look-alike", "other handle", "insult", "name"})
"""What is denied. The rest asks a person."""
_BY_NAME = frozenset({"other name", "other concern"})
"""What is no matter of tone: the panel says it in a sentence of its own."""


def clean_words(question: Question) -> RuleResult:
    """C-16: no slur, no look-alike letters, nobody named, no eight words of theirs in a row, no word that hurts."""
    snapshot = question.snapshot
    found = {mark.code for mark in speech_marks(question)}
    if found & _NEVER:  # the gravest first
        return deny(
            "C-16", next(code for code in ("slur", "look-alike", "other handle", "insult", "name") if code in found)
        )
    if question.draft.text is None or None in (snapshot.text, snapshot.author_handle, snapshot.own_accounts):
        return missing("C-16", "text")
    if found == {"echo"}:
        return hold_self("C-16", "echo", words=question.ruleset.limits.echo_words, text=question.draft_hash)
    if len(found) == 1 and found <= _BY_NAME:
        return hold_self("C-16", found.pop(), text=question.draft_hash)
    if found:
        return hold_self("C-16", "tone", kinds=" ".join(sorted(found)), text=question.draft_hash)
    return allow("C-16")


def speech_marks(question: Question) -> Iterator[Mark]:
    """Every place of the draft that C-16 minds."""
    text = question.draft.text
    if text is None:
        return
    masked = frozenset(question.ruleset.speech.slurs)
    yield from (Mark("slur", *place) for word, place in placed_bare_words(text) if _masked(word) in masked)
    yield from (Mark("look-alike", *place) for place in _disguised(text))
    yield from _strangers(question, text)
    draft = draft_of(text, question.ruleset)
    yield from not_released(manner_marks(draft, question), text, question.draft.template_text)
    yield from name_marks(draft, question)
    yield from _echoes(question, text)
    yield from concern_marks(question)


def _masked(word: str) -> str:
    return hashlib.sha256(word.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _strangers(question: Question, text: str) -> Iterator[Mark]:
    """Handles that are neither the author's nor ours."""
    author, own = question.snapshot.author_handle, question.snapshot.own_accounts
    if author is not None and own is not None:
        known = own | {author.casefold()}
        yield from (Mark("other handle", *place) for handle, place in placed_people(text) if handle not in known)


def _disguised(text: str) -> Iterator[Span]:
    yield from ((place, place + 1) for place in range(len(text)) if _hides(text, place))
    yield from (word.span() for word in _UNBROKEN.finditer(text) if _mixes(word[0]))


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


def _echoes(question: Question, text: str) -> Iterator[Mark]:
    """Passages of the draft that stand in the post, or in what it quotes, word for word."""
    length, snapshot = question.ruleset.limits.echo_words, question.snapshot
    brand = {word for name in question.context.brand_words for word in words(name)}
    theirs = frozenset[tuple[str, ...]]().union(
        *(_runs(said, brand, length) for said in (snapshot.text or "", *snapshot.quoted_texts))
    )
    plain = blanked(text, (place for _, place in placed_handles(text)))
    ours = [
        pair
        for clause in spoken(plain)
        for pair in zip(clause.words, clause.spans, strict=True)
        if pair[0] not in brand
    ]
    begun: Span | None = None
    for start in range(len(ours) - length + 1):
        run = ours[start : start + length]
        if tuple(word for word, _ in run) in theirs:
            begun = (begun[0] if begun else run[0][1][0], run[-1][1][1])
        elif begun:
            yield Mark("echo", *begun)
            begun = None
    if begun:
        yield Mark("echo", *begun)


def _runs(text: str, without: set[str], length: int) -> frozenset[tuple[str, ...]]:
    told = [word for word in words(without_handles(text)) if word not in without]
    return frozenset(tuple(told[start : start + length]) for start in range(len(told) - length + 1))
