"""How well a detector does on labelled posts: counts, and the figures made from them. No library needed.

Owns the arithmetic of measuring. It knows neither sets nor thresholds.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Pair = tuple[str, str]
"""What is true of a post, and what a detector said."""

LENGTHS = (20, 60, 140, 280)
"""Upper ends of the groups of lengths, in characters; longer posts are one group."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One post: what is true, what was said, how long it is, its language as detected, and its group if it has one."""

    truth: str
    said: str
    length: int
    language: str
    group: str = ""


def macro_f1(pairs: Iterable[Pair]) -> float:
    """The mean F1 of the labels that are true of some post. A label said but never true counts only as wrong."""
    figures = per_class(pairs)
    return _mean([row["f1"] for row in figures.values()])


def per_class(pairs: Iterable[Pair]) -> dict[str, dict[str, Any]]:
    """Precision, recall, F1 and number of posts for each true label."""
    counts = Counter(pairs)
    figures: dict[str, dict[str, Any]] = {}
    for label in sorted({truth for truth, _ in counts}):
        hits = counts[label, label]
        true = sum(count for (truth, _), count in counts.items() if truth == label)
        said = sum(count for (_, found), count in counts.items() if found == label)
        precision, recall = _share(hits, said), _share(hits, true)
        f1 = 2 * precision * recall / (precision + recall) if hits else 0.0
        figures[label] = {"precision": precision, "recall": recall, "f1": f1, "n": true}
    return figures


def report(judged: Sequence[Judged], alarm: str = "") -> dict[str, Any]:
    """Every figure of the posts, as JSON can hold it. ``alarm`` is the label whose false cries are counted."""
    pairs = [(post.truth, post.said) for post in judged]
    counts = Counter(pairs)
    figures: dict[str, Any] = {
        "n": len(judged),
        "macro_f1": macro_f1(pairs),
        "accuracy": _share(sum(truth == said for truth, said in pairs), len(pairs)),
        "per_class": per_class(pairs),
        "confusion": [{"truth": truth, "said": said, "n": n} for (truth, said), n in sorted(counts.items())],
        "by_length": _by(judged, length_group),
        "by_language": _by(judged, lambda post: post.language),
    }
    if alarm:
        figures["alarms_per_1000"] = alarms_per_1000(pairs, alarm)
    if any(post.group for post in judged):
        figures["groups"] = _by(judged, lambda post: post.group or "-")
    return figures


def alarms_per_1000(pairs: Iterable[Pair], alarm: str) -> float:
    """How many of 1,000 posts that are not ``alarm`` were called so."""
    clean = [said for truth, said in pairs if truth != alarm]
    return 1000 * _share(sum(said == alarm for said in clean), len(clean))


def length_group(post: Judged) -> str:
    """The group of a post's length, for example "21-60"."""
    low = 0
    for high in LENGTHS:
        if post.length <= high:
            return f"{low}-{high}"
        low = high + 1
    return f"{low}+"


def _by(judged: Sequence[Judged], key: Callable[[Judged], str]) -> dict[str, Mapping[str, float]]:
    groups: dict[str, list[Pair]] = {}
    for post in judged:
        groups.setdefault(key(post), []).append((post.truth, post.said))
    return {
        name: {
            "n": len(pairs),
            "accuracy": _share(sum(truth == said for truth, said in pairs), len(pairs)),
            "macro_f1": macro_f1(pairs),
        }
        for name, pairs in sorted(groups.items())
    }


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
