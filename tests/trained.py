"""The trained heads as they ship, loaded once for all tests of a run, and their figures read by other means."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import accumulate

from bot.detectors.feelings import Feelings
from bot.detectors.heads import Heads, shipped
from bot.detectors.language import Language
from bot.detectors.weights_file import Head, read, write

LANGUAGE = Language()
HEADS = Heads()
FEELINGS = Feelings()
_NEVER = -30.0


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


def weights(gaps: bytes, values: bytes) -> dict[int, int]:
    """Slot -> weight, from the distances between slots and the signed bytes beside them."""
    signed = (value - 256 if value > 127 else value for value in values)
    return {place - 1: value for place, value in zip(accumulate(gaps), signed, strict=True) if value}


def files_of(language: str) -> list[Head]:
    """The headers of a language's weight files."""
    return [read(source)[0] for source in shipped()[language]]
