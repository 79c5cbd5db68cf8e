"""From findings to a lane and a priority, with the reasons as codes. Pure; it reads and writes nothing.

It decides where a post waits for a person, never what is answered. ``triage_words`` says the codes in words.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from bot.config.models import TriageRules
from bot.model import Finding, Lane, Match, Priority, Triage, Trigger

_READ = 20_000
"""Characters looked at for topics and urgent words: what the detectors read as well."""
_WHOLE_WORD_UP_TO = 4
"""Words this short must stand alone: "tv" is no part of "Zeitvertrag", "app" none of "Apparat"."""
_FOLDS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def triage(
    *,
    text: str,
    findings: Sequence[Finding],
    matches: Sequence[Match],
    triggers: Sequence[Trigger],
    rules: TriageRules,
) -> Triage:
    """Where the post belongs. Threat, crisis, abuse and scam govern in this order, with or without engagement.

    Without engagement the rest is "listen", or "noise" when no watch heard it. A detector that could not
    answer makes the case "not assessed", at least of medium priority and never noise. ``reason`` is a list of
    codes divided by "; ", for example "threat de.kill-bring 940; topic outage".
    """
    by_name = {finding.detector: finding for finding in findings}
    folded = _fold(text[:_READ])
    failed = tuple(finding.detector for finding in findings if finding.failed)
    topic = _topic(folded, rules)
    urgent = _urgent_codes(folded, topic, rules)
    addressed = any(trigger is not Trigger.NONE for trigger in triggers)
    lane, codes = _lane(folded, by_name, addressed=addressed, heard=bool(matches), rules=rules)
    if failed and lane is Lane.NOISE:
        lane, codes = Lane.LISTEN, ()
    language = by_name["language"].label if "language" in by_name else "undetermined"
    reason = [*codes, *([f"topic {topic}"] if topic else []), *urgent, *(f"failed {name}" for name in failed)]
    priority = _priority(lane, codes, urgent=bool(urgent), failed=bool(failed))
    return Triage(lane, priority, topic, "; ".join(reason), language, not_assessed=bool(failed))


def _lane(
    folded: str, by_name: Mapping[str, Finding], *, addressed: bool, heard: bool, rules: TriageRules
) -> tuple[Lane, tuple[str, ...]]:
    """The lane and the codes of what decided it."""
    governing = _governing(by_name, rules)
    if governing:
        return governing
    legal = _coded(by_name, "threat", {"legal"}, 1)
    quoted = _coded(by_name, "abuse", {"quoted"}, 1)
    notes = (*legal, *quoted)
    if not addressed:
        return (Lane.LISTEN, ("not_addressed", *notes)) if heard else (Lane.NOISE, ("not_addressed", "no_watch"))
    negative = _coded(by_name, "sentiment", {"negative"}, rules.negative_at)
    if _is_question(folded, rules):
        return Lane.HELP, ("question", *notes)
    if negative or notes:
        return Lane.COMPLAINT, (*negative, *notes)
    positive = _coded(by_name, "sentiment", {"positive"}, rules.positive_at)
    return (Lane.PRAISE, positive) if positive else (Lane.HELP, ("addressed",))


def _governing(by_name: Mapping[str, Finding], rules: TriageRules) -> tuple[Lane, tuple[str, ...]] | None:
    """The worst lane that a detector demands whoever was addressed, if one does."""
    for lane, name, labels, least in (
        (Lane.THREAT, "threat", {"threat"}, rules.threat_at),
        (Lane.CRISIS, "crisis", {"crisis"}, rules.crisis_at),
        (Lane.ABUSE, "abuse", {"abuse"}, rules.abuse_at),
        (Lane.SCAM, "scam", {"scam", "impostor_report"}, rules.scam_at),
    ):
        codes = _coded(by_name, name, labels, least)
        if codes:
            return lane, codes
    return None


def _coded(by_name: Mapping[str, Finding], name: str, labels: Iterable[str], least: int) -> tuple[str, ...]:
    """The code of a finding that bears one of ``labels`` at ``least`` per mille: label, its reason, its score."""
    finding = by_name.get(name)
    if finding is None or finding.failed or finding.label not in labels or finding.score < least:
        return ()
    return (f"{finding.label} {finding.reason.replace(';', ',') or '-'} {finding.score}",)


def _priority(lane: Lane, codes: Sequence[str], *, urgent: bool, failed: bool) -> Priority:
    """High for danger and for what is urgent, low for praise, listening and noise, else medium."""
    if lane in {Lane.THREAT, Lane.CRISIS}:
        return Priority.HIGH
    if lane in {Lane.HELP, Lane.COMPLAINT, Lane.SCAM} and (urgent or any(code.startswith("legal ") for code in codes)):
        return Priority.HIGH
    if lane in {Lane.PRAISE, Lane.LISTEN, Lane.NOISE} and not failed and not (urgent and lane is Lane.LISTEN):
        return Priority.LOW
    return Priority.MEDIUM


def _topic(folded: str, rules: TriageRules) -> str:
    """The topic with the most of its words in the text; of equals an urgent one, then the first of the file."""
    counts = {name: sum(_stands_in(word, folded) for word in words) for name, words in rules.topics.items()}
    named = [name for name, count in counts.items() if count]
    return max(named, key=lambda name: (counts[name], name in rules.urgent_topics), default="")


def _urgent_codes(folded: str, topic: str, rules: TriageRules) -> tuple[str, ...]:
    by_topic = ("urgent_topic",) if topic and topic in rules.urgent_topics else ()
    by_word = ("urgent_word",) if any(_stands_in(word, folded) for word in rules.urgent_words) else ()
    return (*by_topic, *by_word)


def _is_question(folded: str, rules: TriageRules) -> bool:
    return "?" in folded or any(_stands_in(word, folded) for word in rules.question_words)


def _stands_in(word: str, folded: str) -> bool:
    """True when the text holds ``word``, spelt with or without umlauts; short words must stand alone."""
    sought, alone = _sought(word)
    return bool(sought) and sought in folded and (alone is None or alone.search(folded) is not None)


@cache
def _sought(word: str) -> tuple[str, re.Pattern[str] | None]:
    """A word of the configuration as it is looked for, and how it stands alone if it must; there are a few hundred."""
    sought = _fold(word).strip()
    must = len(sought) <= _WHOLE_WORD_UP_TO
    return sought, re.compile(rf"(?<!\w){re.escape(sought)}(?!\w)") if must else None


def _fold(text: str) -> str:
    return text.casefold().translate(_FOLDS)
