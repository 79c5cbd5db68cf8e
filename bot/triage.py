"""From findings to a lane and a priority, with the reasons as codes. Pure; it reads and writes nothing.

It decides where a post waits for a person, never what is answered. ``triage_words`` says the codes in words.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from bot.config.models import TriageRules
from bot.model import Finding, Lane, Match, Priority, Triage, Trigger

_READ = 20_000
"""Characters looked at for topics and urgent words: what the detectors read as well."""
_WHOLE_WORD_UP_TO = 4
"""Words this short must stand alone: "tv" is no part of "Zeitvertrag", "app" none of "Apparat"."""
_KEY = 5
"""Letters by which longer words are found; no longer than the shortest of them."""
_FOLDS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def triage(
    *,
    text: str,
    findings: Sequence[Finding],
    matches: Sequence[Match],
    triggers: Sequence[Trigger],
    rules: TriageRules,
) -> Triage:
    """Where the post belongs. Threat, crisis, abuse with hate, and scam govern in this order, engaged or not.

    Without engagement the rest is "listen", or "noise" when no watch heard it or it means a namesake of ours. A
    detector that could not answer makes the case "not assessed", at least of medium priority and never noise.
    ``reason`` is a list of codes divided by "; ", for example "threat de.kill-bring 940; topic outage".
    """
    by_name = {finding.detector: finding for finding in findings}
    words = _Words(_fold(text[:_READ]))
    failed = tuple(finding.detector for finding in findings if finding.failed)
    topic, about = _topic(words, by_name, rules)
    urgent = _urgent_codes(words, topic, rules)
    addressed = any(trigger is not Trigger.NONE for trigger in triggers)
    lane, codes = _lane(words, by_name, addressed=addressed, heard=bool(matches), rules=rules)
    if failed and lane is Lane.NOISE:
        lane, codes = Lane.LISTEN, ()
    language = spoken(findings) or "undetermined"
    reason = [*codes, *about, *urgent, *(f"failed {name}" for name in failed)]
    priority = _priority(lane, codes, urgent=bool(urgent), failed=bool(failed))
    return Triage(lane, priority, topic, "; ".join(reason), language, not_assessed=bool(failed))


def topics_named(text: str, rules: TriageRules) -> frozenset[str]:
    """Every topic that a post names by the configured words, not only the one that it is filed under."""
    words = _Words(_fold(text[:_READ]))
    return frozenset(topic for topic, of_topic in rules.topics.items() if words.standing(of_topic))


def spoken(findings: Iterable[Finding]) -> str:
    """The code of the language a post is in, "other" if it could not be named, or "" if it could not be told at all."""
    for finding in findings:
        if finding.detector == "language":
            named = finding.reason.partition(":")[2] if finding.label == "other" else ""
            return "" if finding.label == "undetermined" else named or finding.label
    return ""


def in_need(findings: Iterable[Finding], rules: TriageRules) -> bool:
    """Whether a detector hears a person in need (E-11), whatever lane governs: who threatens may be in need as well."""
    by_name = {finding.detector: finding for finding in findings}
    return bool(_coded(by_name, "crisis", {"crisis"}, rules.crisis_at))


def _lane(
    words: "_Words", by_name: Mapping[str, Finding], *, addressed: bool, heard: bool, rules: TriageRules
) -> tuple[Lane, tuple[str, ...]]:
    """The lane and the codes of what decided it."""
    governing = _governing(by_name, rules)
    if governing:
        return governing
    legal = _coded(by_name, "threat", {"legal"}, 1)
    quoted = _coded(by_name, "abuse", {"quoted"}, 1)
    notes = (*legal, *quoted)
    if not addressed:
        noise = _namesake(by_name, rules) if heard and not notes else () if heard else ("no_watch",)
        return Lane.NOISE if noise else Lane.LISTEN, ("not_addressed", *(noise or notes))
    negative = _coded(by_name, "sentiment", {"negative"}, rules.negative_at)
    if _is_question(words, rules):
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
        (Lane.SCAM, "lookalike", {"lookalike"}, rules.scam_at),
    ):
        codes = _coded(by_name, name, labels, least)
        if lane is Lane.ABUSE:
            codes += _hate(by_name, rules)
        if codes:
            return lane, codes
    return None


def _hate(by_name: Mapping[str, Finding], rules: TriageRules) -> tuple[str, ...]:
    """The code of hate: the group that the text attacks, without the rule that saw it."""
    if not _coded(by_name, "hate", {"hate"}, rules.abuse_at):
        return ()
    group = by_name["hate"].reason.partition(";")[0].removeprefix("group=")
    return (f"hate {group or '-'} {by_name['hate'].score}",)


def _coded(by_name: Mapping[str, Finding], name: str, labels: Iterable[str], least: int) -> tuple[str, ...]:
    """The code of a finding that bears one of ``labels`` at ``least`` per mille: label, its reason, its score."""
    finding = by_name.get(name)
    if finding is None or finding.failed or finding.label not in labels or finding.score < least:
        return ()
    return (f"{finding.label} {finding.reason.replace(';', ',') or '-'} {finding.score}",)


def _namesake(by_name: Mapping[str, Finding], rules: TriageRules) -> tuple[str, ...]:
    """The code of a post that only shares our name, with the watch that says so."""
    if not _coded(by_name, "relevance", {"namesake"}, rules.namesake_at):
        return ()
    finding = by_name["relevance"]
    return (f"namesake {finding.reason or '-'} {finding.score}",)


def _priority(lane: Lane, codes: Sequence[str], *, urgent: bool, failed: bool) -> Priority:
    """High for danger and for what is urgent, low for praise, listening and noise, else medium."""
    if lane in {Lane.THREAT, Lane.CRISIS}:
        return Priority.HIGH
    if lane in {Lane.HELP, Lane.COMPLAINT, Lane.SCAM} and (urgent or any(code.startswith("legal ") for code in codes)):
        return Priority.HIGH
    if lane in {Lane.PRAISE, Lane.LISTEN, Lane.NOISE} and not failed and not (urgent and lane is Lane.LISTEN):
        return Priority.LOW
    return Priority.MEDIUM


def _topic(words: "_Words", by_name: Mapping[str, Finding], rules: TriageRules) -> tuple[str, tuple[str, ...]]:
    """The topic and its code: what the configured words say, or else what the head takes it for."""
    named = _topic_by_words(words, rules)
    if named:
        return named, (f"topic {named}",)
    guess = by_name.get("topic")
    if guess is None or guess.failed or guess.score < rules.topic_at:
        return "", ()
    topic = next((topic for topic, heads in rules.topic_heads.items() if guess.label in heads), "")
    return topic, (f"topic_guess {topic} {guess.score}",) if topic else ()


def _topic_by_words(words: "_Words", rules: TriageRules) -> str:
    """The topic with the most of its words in the text; of equals an urgent one, then the first of the file."""
    counts = {name: len(words.standing(of_topic)) for name, of_topic in rules.topics.items()}
    named = [name for name, count in counts.items() if count]
    return max(named, key=lambda name: (counts[name], name in rules.urgent_topics), default="")


def _urgent_codes(words: "_Words", topic: str, rules: TriageRules) -> tuple[str, ...]:
    by_topic = ("urgent_topic",) if topic and topic in rules.urgent_topics else ()
    by_word = ("urgent_word",) if words.standing(rules.urgent_words) else ()
    return (*by_topic, *by_word)


def _is_question(words: "_Words", rules: TriageRules) -> bool:
    return "?" in words.folded or bool(words.standing(rules.question_words))


class _Words:
    """A folded text that is asked which words of the configuration stand in it, spelt with or without umlauts."""

    def __init__(self, folded: str) -> None:
        self.folded = folded
        self._beginnings = {folded[start : start + _KEY] for start in range(len(folded) - _KEY + 1)}

    def standing(self, words: tuple[str, ...]) -> set[str]:
        """Those of ``words`` that stand in the text; short ones must stand alone.

        Hundreds of words cost little: only those are looked for whose first letters occur at all.
        """
        index = _index(words)
        near = chain.from_iterable(index.by_beginning[key] for key in self._beginnings & index.beginnings)
        found = {word for word, sought in near if sought in self.folded}
        short = {word for word, sought, alone in index.short if sought in self.folded and alone.search(self.folded)}
        return found | short


@dataclass(frozen=True, slots=True)
class _Index:
    """Words with their folded spelling by its first letters; short words with the pattern of standing alone."""

    beginnings: frozenset[str]
    by_beginning: Mapping[str, Sequence[tuple[str, str]]]
    short: Sequence[tuple[str, str, re.Pattern[str]]]


@lru_cache(maxsize=64)
def _index(words: tuple[str, ...]) -> _Index:
    """A configuration asks for the same few lists at every post."""
    by_beginning: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    short = []
    for word in words:
        sought = _fold(word).strip()
        if len(sought) > _WHOLE_WORD_UP_TO:
            by_beginning[sought[:_KEY]].append((word, sought))
        elif sought:
            short.append((word, sought, re.compile(rf"(?<!\w){re.escape(sought)}(?!\w)")))
    return _Index(frozenset(by_beginning), by_beginning, short)


def _fold(text: str) -> str:
    return text.casefold().translate(_FOLDS)
