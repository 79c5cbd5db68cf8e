"""The trained heads as they ship, loaded once for all tests of a run, and their figures read by other means."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from itertools import accumulate

import numpy as np

from bot.detectors.features import own_slots
from bot.detectors.feelings import Feelings
from bot.detectors.heads import Heads, shipped
from bot.detectors.kinds import Kinds
from bot.detectors.language import Language
from bot.detectors.standard import standard_detectors
from bot.detectors.threat import ThreatRules
from bot.detectors.weights_file import Head, Output, read, write
from bot.ports import Detector
from bot.training.fit import counted

LANGUAGE = Language()
HEADS = Heads()
FEELINGS = Feelings()
THREAT_RULES = ThreatRules()
_NEVER = -30.0
_KINDS = {language: Kinds(language) for language in ("de", "en")}


@cache
def standard() -> tuple[Detector, ...]:
    """The detectors as they ship, for every house of a run."""
    return standard_detectors(THREAT_RULES)


def deaf() -> Heads:
    """Heads that hear nothing, so that rules are heard alone."""
    return Heads(
        {
            language: [
                write(replace(head, outputs=tuple(replace(output, bias=_NEVER) for output in head.outputs)))
                for head in files_of(language)
            ]
            for language in ("de", "en")
        }
    )


def outputs(source: bytes) -> dict[str, tuple[float, float, Mapping[int, int]]]:
    """A weight file's outputs by "head.label": bias, scale, and the weight of each slot that has one."""
    head, rows = read(source)
    return {
        f"{head.name}.{output.label}": (output.bias, output.scale, weights(*row))
        for output, row in zip(head.outputs, rows, strict=True)
    }


def slots_of(text: str, language: str) -> list[int]:
    """The slots of a text as training counts them, in order; what occurs twice stands here twice."""
    row = counted([text], _KINDS[language])
    return sorted(np.repeat(row.indices, row.data.astype(int)).tolist())


def tiny(language: str, word: str, weight: int, *, name: str = "h", bias: float = 0.0) -> bytes:
    """A head with one output "x" that knows one word and nothing of its letters."""
    return write(Head(name, language, "1", (Output("x", bias, 0.5, {int(own_slots([word])[0]): weight}),)))


def weights(gaps: bytes, values: bytes) -> dict[int, int]:
    """Slot -> weight, from the distances between slots and the signed bytes beside them."""
    signed = (value - 256 if value > 127 else value for value in values)
    return {place - 1: value for place, value in zip(accumulate(gaps), signed, strict=True) if value}


def files_of(language: str) -> list[Head]:
    """The headers of a language's weight files."""
    return [read(source)[0] for source in shipped()[language]]
