"""How a reply speaks to its reader: blame, sarcasm, talking down, insult, shouting, and names. A part of C-16."""

import re
from collections.abc import Iterator

from bot.gate.folding import Spoken, bare, blanked
from bot.gate.marks import Draft, Mark, pair_marks, phrase_marks, whole_marks
from bot.gate.phrases import said, word_set
from bot.gate.rule import Question
from bot.model import Lane

_TITLE = re.compile(r"\b([A-ZÄÖÜ][a-zäöü]{1,5})\.?\s(?=([A-ZÄÖÜ][\w-]*))")
_LOUD_RUN = 3
_LONGEST_NAME = 4
_LOUD_SIGNS = re.compile(r"[!?]{3,}")
_CAPITALS = re.compile(r"(?<![\w^#@/.-])[A-ZÄÖÜ]{2,}(?![\w@/-])")
_LINK = re.compile(r"https?://\S+")
_SPACE = re.compile(r"[\s,]*")
_PART = re.compile(r"[^\W\d_]{3,}")
"""What a handle is put together from."""


def manner_marks(draft: Draft, question: Question) -> Iterator[Mark]:
    """Everything in the draft that no reader should be told in this way."""
    lists = question.ruleset.manner
    yield from phrase_marks(draft, lists.insults, "insult")
    yield from phrase_marks(draft, lists.blame, "blame")
    yield from phrase_marks(draft, lists.sarcasm, "sarcasm")
    yield from phrase_marks(draft, lists.down, "down")
    lanes = set(question.snapshot.lanes or ())
    if Lane.PRAISE not in lanes:
        yield from whole_marks(draft, lists.alone, "sarcasm")
    if lanes & {Lane.COMPLAINT, Lane.ABUSE}:
        yield from whole_marks(draft, lists.celebrations, "sarcasm")
    for pair in lists.pairs:
        yield from pair_marks(draft, pair)
    yield from _shouted(draft, question)


def _shouted(draft: Draft, question: Question) -> Iterator[Mark]:
    """Three marks in a row, and capitals but abbreviations: three words, two with an everyday one, or a loud one."""
    for signs in _LOUD_SIGNS.finditer(draft.text):
        yield Mark("shouting", *signs.span())
    lists = question.ruleset.manner
    everyday = word_set(*question.ruleset.tongue.function_words.values())
    for run in _capitals(draft.text, _ours(question) | frozenset(lists.capitals)):
        told = {found[0].casefold() for found in run}
        if len(run) >= _LOUD_RUN or (len(run) > 1 and told & everyday) or told & set(lists.loud):
            yield Mark("shouting", run[0].start(), run[-1].end())


def _capitals(text: str, calm: frozenset[str]) -> Iterator[list[re.Match[str]]]:
    """Neighbouring words in capitals, links and what may be written so left out."""
    plain = blanked(text, (link.span() for link in _LINK.finditer(text)))
    run = list[re.Match[str]]()
    for found in _CAPITALS.finditer(plain):
        if found[0].casefold() in calm:
            continue
        if run and not _SPACE.fullmatch(plain, run[-1].end(), found.start()):
            yield run
            run = []
        run.append(found)
    if run:
        yield run


def name_marks(draft: Draft, question: Question) -> Iterator[Mark]:
    """People called by a name: ``name`` if the author's handle shows it, ``other name`` else.

    We keep no display names (P-04): a name is what ends the clause after a greeting or follows a title, with a capital.
    """
    lists = question.ruleset.manner
    known = {
        part for part in map(bare, _PART.findall(question.snapshot.author_handle or "")) if part not in _ours(question)
    }
    for clause, _, end in said(draft.told, lists.greetings):
        named = _named(draft.text, clause, end, question)
        if named and end + named == len(clause.words):
            shown = any(bare(word) in known for word in clause.words[end:])
            yield Mark("name" if shown else "other name", *clause.span(end, end + named))
    for title in _TITLE.finditer(draft.text):
        if title[1].casefold() in lists.titles and title[2].casefold() not in _ours(question):
            yield Mark("other name", title.start(), title.end(2))
    for clause in draft.told:
        if len(clause.words) == 1 and bare(clause.words[0]) in known and _named(draft.text, clause, 0, question):
            yield Mark("name", *clause.span(0, 1))


def _named(text: str, clause: Spoken, start: int, question: Question) -> int:
    """How many words from ``start`` on could be a name: written with capitals, and not all of them ordinary words."""
    lists = question.ruleset.manner
    ordinary = _ours(question) | word_set(
        lists.no_names, lists.titles, *question.ruleset.tongue.function_words.values()
    )
    length, strange = 0, False
    for word, (place, _) in list(zip(clause.words, clause.spans, strict=True))[start : start + _LONGEST_NAME]:
        capital = text[place].isupper() and text[place - 1 : place] != "^"
        if not capital and (length == 0 or word not in lists.joiners):
            break
        length += 1
        strange = strange or (capital and word not in ordinary)
    return length if strange else 0


def _ours(question: Question) -> frozenset[str]:
    return word_set(tuple(question.context.brand_words))
