"""A detector before labelled posts: each post is shown to it, and its label set beside the true one.

Owns which labels of a head mean "yes", so that a set with other names for it can be measured too.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from bot.detectors.personal_data import PersonalData
from bot.detectors.standard import standard_detectors
from bot.errors import EarshotError
from bot.ports import Detector
from bot.training.measure import Judged

YES: Mapping[str, frozenset[str]] = {
    "abuse": frozenset({"abuse"}),
    "hate": frozenset({"hate"}),
    "threat": frozenset({"threat"}),
    "crisis": frozenset({"crisis"}),
    "scam": frozenset({"scam", "impostor_report"}),
    "personal_data": frozenset({"personal_data"}),
}
"""The labels of a head that are its positive class. Heads that are not named here have classes of equal right."""
POSITIVE, NEGATIVE = "positive", "negative"
_BATCH = 50
_SHOWN, _SHORT = 8, 20
"""Labels that a message shows, and their characters, at most: a field that was named by mistake may hold anything."""


def detector(head: str) -> tuple[Detector, Detector]:
    """The detector called ``head``, and the one that tells languages.

    Raises:
        EarshotError: there is no such head; the sentence names those there are.
    """
    known = {found.name: found for found in (*standard_detectors(), PersonalData())}
    if head not in known:
        raise EarshotError(f"there is no head {head!r}: choose one of {', '.join(sorted(known))}")
    return known[head], known["language"]


def judge(
    head: str, rows: Sequence[Mapping[str, Any]], *, field: str, positive: Collection[str] = (), group: str = ""
) -> list[Judged]:
    """Each row with what is true of it and what the detector said.

    With ``positive``, rows whose ``field`` has one of these values are the head's positive class and all others
    are not; without it, labels are compared by their names.

    Raises:
        EarshotError: a row lacks ``field``, or its labels are none that the head could ever say.
    """
    looking, telling = detector(head)
    truths = [_truth(number, row, field) for number, row in enumerate(rows, 1)]
    if positive and head not in YES:
        raise EarshotError(f"{head} has no positive class: leave --positive away, its labels are compared by name")
    judged = []
    for start in range(0, len(rows), _BATCH):
        texts = [row["text"] for row in rows[start : start + _BATCH]]
        found = zip(looking.detect(texts), telling.detect(texts), strict=True)
        for place, (finding, language) in enumerate(found, start):
            truth, said = truths[place], finding.label
            if positive:
                truth = POSITIVE if truth in positive else NEGATIVE
                said = POSITIVE if said in YES[head] else NEGATIVE
            named = str(rows[place].get(group, "")) if group else ""
            judged.append(Judged(truth, said, len(rows[place]["text"]), language.label, named))
    if not positive and head in YES and not {post.truth for post in judged} & {*YES[head], "none"}:
        raise EarshotError(f"{head} never says {_listed(set(truths))}: name the ones that mean it with --positive")
    return judged


def _listed(labels: Collection[str]) -> str:
    """The labels that look like some, and how many others there are."""
    shown = [label for label in sorted(labels) if len(label) <= _SHORT and not any(map(str.isspace, label))][:_SHOWN]
    others = len(labels) - len(shown)
    named = ", ".join(map(repr, shown))
    if not others:
        return named
    return f"{named} or {others} more" if named else f"any of {others} labels"


def _truth(number: int, row: Mapping[str, Any], field: str) -> str:
    if field not in row:
        raise EarshotError(f"row {number} has no {field!r}: name the field of the label with --label-field")
    value = row[field]
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
