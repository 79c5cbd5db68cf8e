"""Whether a reply feels for something that the author never told: then it was written for somebody else (C-16).

Whoever pastes a text into the wrong case, or thanks for a complaint, is noticed here and nowhere else.
"""

import re
from collections.abc import Iterator

from bot.gate.folding import words
from bot.gate.marks import Mark
from bot.gate.phrases import Clause, find_phrases, phrase_book
from bot.gate.rule import Question
from bot.gate.ruleset import Phrases

_LINK = re.compile(r"https?://\S+")
_SENTENCE = re.compile(r"[^.!?\n]+")


def concern_marks(question: Question) -> Iterator[Mark]:
    """Sentences of the draft that thank or pity over a topic that stands in none of the thread's posts."""
    text, lists = question.draft.text, question.ruleset.concern
    if text is None or question.snapshot.text is None:
        return
    plain = _LINK.sub(lambda link: " " * len(link[0]), text)
    felt = [(found, words(found[0])) for found in _SENTENCE.finditer(plain)]
    felt = [(found, told) for found, told in felt if find_phrases(told, phrase_book(lists.feelings))]
    named = [(found, topics) for found, told in felt if (topics := _topics(told, question))]
    if not named:
        return
    known = _topics(_theirs(question), question) or [lists.ours]
    for sentence, topics in named:
        if not any(topic in known for topic in topics):
            start = sentence.start() + len(sentence[0]) - len(sentence[0].lstrip())
            yield Mark("other concern", start, sentence.start() + len(sentence[0].rstrip()))


def _theirs(question: Question) -> Clause:
    snapshot = question.snapshot
    texts = (snapshot.text or "", *snapshot.quoted_texts, *snapshot.earlier_texts)
    return words(" \n ".join(texts))


def _topics(told: Clause, question: Question) -> list[Phrases]:
    lists = question.ruleset.concern
    return [topic for topic in (lists.ours, *lists.topics) if find_phrases(told, phrase_book(topic))]
