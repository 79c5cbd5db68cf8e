"""Two layers over one text: narrow rules that are sure, and a trained head that also hears what no rule foresaw.

Owns how their findings join. A rule names itself, a head shows the words that spoke most; either is enough.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.detectors.features import READ
from bot.detectors.heads import Heads, per_mille
from bot.model import Finding
from bot.ports import Detector

HEAD = "head"
"""The reason of a finding that the trained head decided."""
_FEW, _SURE = 3, 1.5
"""A post of fewer words says so little that the head must be this sure: "stop" is a wish, no threat."""
_GRAVE = {"threat": 0.8, "crisis": 1.5}
"""Labels for which every sentence is asked by itself, since people complain at length and threaten in four words; and
how much surer than a whole post a sentence must be, for it lacks what stands around it."""
_DROWNED = -3.0
"""Logit of a whole text below which no sentence of it is asked: nearly every ordinary post."""
_SENTENCE = re.compile(r"[.!?\n]+")
_LEAST, _SEVERAL, _MOST = 5, 2, 20
"""Words of a sentence worth asking about, and how many sentences a text must have and are asked at most."""
_BOTH = 60
"""Per mille that a second layer adds to the surer one."""


def languages_of(language: Detector, texts: Sequence[str]) -> list[str]:
    """The language of each text, from the detector that remembers its last batch."""
    return [found.label for found in language.detect(texts)]


def joined(ruled: Finding, heads: Heads, text: str, language: str, label: str) -> Finding:
    """What rules found of ``text``, and what the head for ``label`` adds to it.

    The head speaks from logit 0 on, and not about a language that it never learned. It turns "none" into ``label``,
    makes a rule's ``label`` surer, and leaves any other label of the rules alone: they know who was meant.
    """
    if ruled.label not in {"none", label} or language == "other":
        return ruled
    output = f"{ruled.detector}.{label}"
    logit = (
        _loudest(heads, text, language, output, _GRAVE[label])
        if label in _GRAVE
        else heads.logits(text, language)[output]
    )
    if logit < (_SURE if len(text.split(None, _FEW)) < _FEW else 0):
        return ruled
    chance = per_mille(logit)
    if ruled.label == label:
        score = min(1000, max(chance, ruled.score) + _BOTH)
        return replace(ruled, score=score, reason=f"{ruled.reason};{HEAD}")
    return replace(
        ruled, label=label, score=chance, spans=heads.deciding(text, language, output), reason=with_cut(ruled, HEAD)
    )


def _loudest(heads: Heads, text: str, language: str, output: str, alone: float) -> float:
    """The logit of the whole text, or of the one sentence that would drown in the others."""
    whole = heads.logits(text, language)[output]
    if not _DROWNED <= whole < 0:
        return whole
    sentences = [found for found in _SENTENCE.split(text[:READ]) if len(found.split(None, _LEAST)) >= _LEAST]
    if len(sentences) < _SEVERAL:
        return whole
    return max(whole, *(heads.logits(found, language)[output] - alone for found in sentences[:_MOST]))


def with_cut(ruled: Finding, reason: str) -> str:
    """``reason``, and "cut" when the rules could not read the whole text."""
    return f"{reason};cut" if ruled.reason.endswith("cut") else reason
