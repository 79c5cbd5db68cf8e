"""Two layers over one text: narrow rules that are sure, and a trained head that also hears what no rule foresaw.

Owns how their findings join. A rule names itself, a head shows the words that spoke most; either is enough.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Protocol

from bot.detectors.features import READ
from bot.detectors.heads import Heads, Heard, per_mille
from bot.model import Finding
from bot.ports import Detector

HEAD = "head"
"""The reason of a finding that the trained head decided."""
_TOGETHER = 50
"""Texts that are looked at together: the size of a batch of the assessment."""
_FEW, _SURE = 3, 1.5
"""A post of fewer words says so little that the head must be this sure: "stop" is a wish, no threat."""
_GRAVE = {"threat.threat": 2.0, "crisis.crisis": 2.5}
"""Outputs for which every sentence is asked by itself, since people complain at length and threaten in four words; and
how much surer than a whole post a sentence must be, for it lacks what stands around it."""
_DROWNED = -3.0
"""Logit of a whole text below which no sentence of it is asked: nearly every ordinary post."""
_SENTENCE = re.compile(r"[.!?\n]+")
_LEAST, _SEVERAL, _MOST = 5, 2, 20
"""Words of a sentence worth asking about, and how many sentences a text must have and are asked at most."""
_BOTH = 60
"""Per mille that a second layer adds to the surer one."""


class Hearing(Protocol):
    """Who hears something in texts: the heads, or a stand-in with two numbers."""

    def hear(self, texts: Sequence[str], languages: Sequence[str]) -> list[Heard]:
        """What is heard in each text, in its language."""
        ...


def heard_in(language: Detector, heads: Hearing, texts: Sequence[str]) -> Iterator[Heard]:
    """What the heads hear in each text, in the language that it is in."""
    for start in range(0, len(texts), _TOGETHER):
        batch = texts[start : start + _TOGETHER]
        yield from heads.hear(batch, [found.label for found in language.detect(batch)])


def heard_by_sentences(language: Detector, heads: Heads, texts: Sequence[str]) -> list[Heard]:
    """What the heads hear in each text. Sentences that ``joined`` may ask about are heard here, all at once.

    The heads remember them until then.
    """
    found = list(heard_in(language, heads, texts))
    drowned: dict[str, list[str]] = {}
    for text, spoken, logits in found:
        if spoken != "other" and any(_DROWNED <= logits[output] < 0 for output in _GRAVE):
            drowned.setdefault(spoken, []).extend(_sentences(text[:READ]))
    for spoken, sentences in drowned.items():
        heads.logits_of(sentences, spoken)
    return found


def joined(ruled: Finding, heads: Heads, heard: Heard, label: str) -> Finding:
    """What rules found of a text, and what the head for ``label`` adds to it.

    The head speaks from logit 0 on, and not about a language that it never learned. It turns "none" into ``label``,
    makes a rule's ``label`` surer, and leaves any other label of the rules alone: they know who was meant.
    """
    if ruled.label not in ("none", label) or heard.language == "other":
        return ruled
    output = f"{ruled.detector}.{label}"
    logit = heard.logits[output]
    if logit < 0 and (logit < _DROWNED or output not in _GRAVE):
        return ruled
    if logit < 0:
        asked = heads.logits_of(_sentences(heard.text[:READ]), heard.language)
        logit = max([logit, *(logits[output] - _GRAVE[output] for logits in asked)])
    if logit < 0 or (logit < _SURE and len(heard.text.split(None, _FEW)) < _FEW):
        return ruled
    chance = per_mille(logit)
    if ruled.label == label:
        score = min(1000, max(chance, ruled.score) + _BOTH)
        return replace(ruled, score=score, reason=f"{ruled.reason};{HEAD}")
    spans = heads.deciding(heard.text, heard.language, output)
    return replace(ruled, label=label, score=chance, spans=spans, reason=with_cut(ruled, HEAD))


@lru_cache(maxsize=_TOGETHER)
def _sentences(text: str) -> Sequence[str]:
    """The sentences that may drown in the others. Two detectors ask about one batch, each of them twice."""
    sentences = [found for found in _SENTENCE.split(text) if len(found.split(None, _LEAST)) >= _LEAST]
    return tuple(sentences[:_MOST]) if len(sentences) >= _SEVERAL else ()


def with_cut(ruled: Finding, reason: str) -> str:
    """``reason``, and "cut" when the rules could not read the whole text."""
    return f"{reason};cut" if ruled.reason.endswith("cut") else reason
