"""Whether a reply feels for something that the author never told: then it was written for somebody else (C-16).

Whoever pastes a text into the wrong case, or thanks for a complaint, is noticed here and nowhere else.
"""

import re
from collections.abc import Iterator

from bot.gate.folding import words
from bot.gate.marks import Mark
from bot.gate.phrases import find_phrases, phrase_book
from bot.gate.rule import Question

_LINK = re.compile(r"https?://\S+")
_SENTENCE = re.compile(r"[^.!?\n]+")


def concern_marks(question: Question) -> Iterator[Mark]:
    """Sentences of the draft that thank or pity over a topic that stands in none of the thread's posts."""
    text, snapshot, lists = question.draft.text, question.snapshot, question.ruleset.concern
    if text is None or snapshot.text is None:
        return
    plain = _LINK.sub(lambda link: " " * len(link[0]), text)
    theirs = words(" \n ".join((snapshot.text, *snapshot.quoted_texts, *snapshot.earlier_texts)))
    own = [topic for topic in (lists.ours, *lists.topics) if find_phrases(theirs, phrase_book(topic))]
    known = own or [lists.ours]
    for sentence in _SENTENCE.finditer(plain):
        told = words(sentence[0])
        if not find_phrases(told, phrase_book(lists.feelings)):
            continue
        named = [topic for topic in (lists.ours, *lists.topics) if find_phrases(told, phrase_book(topic))]
        if named and not any(topic in known for topic in named):
            start = sentence.start() + len(sentence[0]) - len(sentence[0].lstrip())
            yield Mark("other concern", start, sentence.start() + len(sentence[0].rstrip()))
