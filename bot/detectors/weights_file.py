"""The file of a trained head: one line of JSON, then for each output the gaps and the values of its weights.

Owns the format, written and read. Weights are int8, sorted by slot; a gap is the distance to the slot before
(1 to 255, a longer way is bridged by weights of 0). Nothing is compressed, so the same weights are the same bytes.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

LONGEST_GAP = 255


@dataclass(frozen=True, slots=True)
class Output:
    """One output of a head: its label, ``bias``, the ``scale`` of one int8 step, and its weights by slot."""

    label: str
    bias: float
    scale: float
    weights: Mapping[int, int]
    inputs: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Head:
    """A trained head: logit of an output = bias + scale * sum(weights) / sqrt(features) + sum(inputs)."""

    name: str
    language: str
    version: str
    outputs: tuple[Output, ...]


def write(head: Head) -> bytes:
    """The bytes of the file."""
    gaps = [_gaps(sorted(output.weights)) for output in head.outputs]
    header = {
        "head": head.name,
        "language": head.language,
        "version": head.version,
        "outputs": [
            {
                "label": output.label,
                "bias": output.bias,
                "scale": output.scale,
                "inputs": dict(output.inputs),
                "count": len(row),
            }
            for output, row in zip(head.outputs, gaps, strict=True)
        ],
    }
    parts = [json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode(), b"\n"]
    for output, row in zip(head.outputs, gaps, strict=True):
        slots = accumulate(row, initial=-1)
        next(slots)
        parts += [bytes(row), bytes(output.weights.get(slot, 0) & 0xFF for slot in slots)]
    return b"".join(parts)


def read(source: bytes) -> tuple[Head, list[tuple[bytes, bytes]]]:
    """The head without its weights, and for each output gaps and values as they stand in the file."""
    line, _, body = source.partition(b"\n")
    header = json.loads(line)
    outputs = []
    rows = []
    place = 0
    for output in header["outputs"]:
        count = output["count"]
        rows.append((body[place : place + count], body[place + count : place + 2 * count]))
        place += 2 * count
        outputs.append(Output(output["label"], output["bias"], output["scale"], {}, output["inputs"]))
    return Head(header["head"], header["language"], header["version"], tuple(outputs)), rows


def _gaps(slots: Sequence[int]) -> list[int]:
    gaps: list[int] = []
    before = -1
    for slot in slots:
        bridges, rest = divmod(slot - before - 1, LONGEST_GAP)
        gaps += [LONGEST_GAP] * bridges + [rest + 1]
        before = slot
    return gaps
