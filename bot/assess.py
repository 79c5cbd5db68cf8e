"""The second stage: kept mentions are matched, analysed and triaged, and become cases with a prepared draft.

It never hides anything: a detector that fails marks the case, and a mention that keeps killing its
worker opens as "not assessed".
"""

import json
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.config.models import ConfigSet, Permissions
from bot.drafting import holds_personal_data, propose
from bot.gate.optout import asks_for_removal, reads_as_opt_out
from bot.gate.ruleset import Ruleset
from bot.keys import Keys
from bot.ledger import entries
from bot.log import bound
from bot.model import (
    LANES_WORST_FIRST,
    OWN_WORDS_LANES,
    AlarmKind,
    DispatchState,
    EntryKind,
    Finding,
    Lane,
    Match,
    Platform,
    Priority,
    Triage,
    Trigger,
)
from bot.ports import Clock, Detector
from bot.protect import security
from bot.protect.alarm import raise_alarm
from bot.protect.impostor import Suspicion
from bot.store import care, cases, dispatches, drafts, incidents, measures, mentions, opt_outs, status
from bot.store.cases import Joined
from bot.store.db import Row, Store, Tx
from bot.store.security import into_lane
from bot.triage import in_need, spoken, triage
from bot.watch.compile import Matcher
from bot.withdrawal import withdraw

log = logging.getLogger(__name__)

BATCH = 50
"""Mentions a claim: detectors work in batches, and a transaction of this size stays short."""

HOUR_MS = 3_600_000

PERSONAL, ATTACHED = "personal_data", "personal_attached"
"""The detector of personal data, and the name under which it speaks of what hangs on a post."""


@dataclass(frozen=True, slots=True)
class Assessor:
    """Everything that assessing needs: the configuration in force, compiled watches, detectors, rules, keys.

    ``relevance`` makes the detector that says whether a post is about the brand, for the watches that heard it;
    ``lookalike`` is shown the author's handle.
    """

    config: ConfigSet
    config_id: int
    matcher: Matcher
    detectors: Sequence[Detector]
    ruleset: Ruleset
    keys: Keys
    relevance: Callable[[Collection[str]], Detector]
    lookalike: Detector


@dataclass(frozen=True, slots=True)
class Assessed:
    """What came out for one mention, before it is stored."""

    row: Row
    matches: tuple[Match, ...]
    findings: tuple[Finding, ...]
    triage: Triage
    poison: bool


def run(store: Store, assessor: Assessor, clock: Clock) -> int:
    """Assess one batch; returns how many mentions it held."""
    with store.write() as tx:
        rows = mentions.claim(tx, clock.now(), BATCH)
    healthy = [row for row in rows if row["attempts"] <= mentions.ATTEMPTS]
    poison = [row for row in rows if row["attempts"] > mentions.ATTEMPTS]
    looked_at = [row for row in healthy if _may_label(row, assessor.config.platforms.permissions)]
    labels = analyse(assessor.detectors, [row["text"] for row in looked_at])
    found = {row["id"]: findings for row, findings in zip(looked_at, labels, strict=True)}
    _tell_failures(found)
    results = [_assess(assessor, row, found.get(row["id"])) for row in healthy]
    results += [_unassessed(row) for row in poison]
    if results:
        with store.write() as tx:
            for result in results:
                _save(tx, assessor, result, clock.now())
            measures.passed(tx, "assessed", len(healthy))
            measures.passed(tx, "not_assessed", len(poison))
    return len(results)


def _tell_failures(found: Mapping[int, Sequence[Finding]]) -> None:
    """Say which posts a detector failed on, by our number."""
    for mention_id, findings in found.items():
        failed = [finding.detector for finding in findings if finding.failed]
        if failed:
            with bound(mention=mention_id):
                log.warning("a post without: %s", ", ".join(failed))


def _may_label(row: Row, permissions: Permissions) -> bool:
    """Whether detectors may look at a post: X's terms want written permission for those that nobody addressed to us.

    (Consent rules, section 0 and source X5.)
    """
    heard_only = mentions.triggers_of(row) == (Trigger.NONE,)
    return row["platform"] != Platform.X or not heard_only or permissions.x_detection is not None


def analyse(detectors: Sequence[Detector], texts: Sequence[str]) -> list[list[Finding]]:
    """All detectors' findings, one list a text. One that raises counts as failed for the texts that made it raise."""
    found: list[list[Finding]] = [[] for _ in texts]
    for detector in detectors:
        for place, finding in zip(found, _fenced(detector, texts), strict=True):
            place.append(finding)
    return found


def relevant(relevance: Callable[[Collection[str]], Detector], matches: Sequence[Match], text: str) -> Finding:
    """Whether the post is about the brand, in the eyes of the watches that heard it."""
    [[finding]] = analyse([relevance({match.watch for match in matches})], [text])
    return finding


def _fenced(detector: Detector, texts: Sequence[str]) -> Sequence[Finding]:
    try:
        return detector.detect(texts)
    except Exception as error:  # noqa: BLE001 - a fault in a detector must mark a case, never hide it
        if len(texts) > 1:
            return [finding for text in texts for finding in _fenced(detector, [text])]
        log.error("detector %s failed: %s", detector.name, type(error).__name__)  # noqa: TRY400 - no words in logs
        return [Finding(detector.name, detector.version, "undetermined", 0, failed=True)] * len(texts)


def _assess(assessor: Assessor, row: Row, labels: Sequence[Finding] | None) -> Assessed:
    """Match and triage one mention; ``labels`` is None for one that no detector may look at."""
    language = row["declared_language"] if labels is None else spoken(labels)
    matches = assessor.matcher.match(row["text"], language, Platform(row["platform"]))
    findings: tuple[Finding, ...] = ()
    if labels is not None:
        [[likeness]] = analyse([assessor.lookalike], [row["author_handle"]])
        attached = _in_attached(assessor.detectors, row["extras"])
        findings = (*labels, relevant(assessor.relevance, matches, row["text"]), likeness, *attached)
    decided = triage(
        text=row["text"],
        findings=findings,
        matches=matches,
        triggers=mentions.triggers_of(row),
        rules=assessor.config.triage,
    )
    return Assessed(row, matches, findings, decided, poison=False)


def _in_attached(detectors: Sequence[Detector], extras: str) -> tuple[Finding, ...]:
    """Whether personal data stand in what hangs on a post (quoted words, descriptions, answers of a poll): no places.

    Those words are covered as a whole. A detector that fails covers them as well.
    """
    known = json.loads(extras)
    quoted = (known["quoted"] or {}).get("text", "")
    words = "\n".join(filter(None, (quoted, *(each["alt"] for each in known["media"]), *known["poll"])))
    looking = [detector for detector in detectors if words and detector.name == PERSONAL]
    found = [replace(one, detector=ATTACHED, spans=()) for findings in analyse(looking, [words]) for one in findings]
    return tuple(one for one in found if one.failed or one.label == PERSONAL)


def _unassessed(row: Row) -> Assessed:
    addressed = mentions.triggers_of(row) != (Trigger.NONE,)
    decided = Triage(
        lane=Lane.HELP if addressed else Lane.LISTEN,
        priority=Priority.HIGH,
        topic="",
        reason="not assessed",
        language="undetermined",
        not_assessed=True,
    )
    return Assessed(row, (), (), decided, poison=True)


def _save(tx: Tx, assessor: Assessor, result: Assessed, now: int) -> None:
    row = result.row
    if not mentions.is_claimed_as(tx, row):
        return
    suspected = security.judged(tx, row, result.findings, assessor.config) if result.findings else None
    decided = _in_its_thread(result.triage, suspected)
    case_id, joined = cases.attach(tx, row, decided, due_at=_due(assessor, row, decided), at=now)
    mentions.save_assessment(
        tx, row, case_id=case_id, matches=result.matches, findings=result.findings, poison=result.poison
    )
    if joined is not Joined.OPENED:
        cases.wake(tx, case_id, now, fresh=joined is Joined.NEW_POST)
        withdraw(tx, case_id, now)
    _alarm(tx, assessor, result, case_id, now)
    _secure(tx, assessor, result, case_id, now=now, suspected=suspected)
    if suspected is not None:
        drafts.set_aside(tx, case_id, now)  # nobody answers a false helper (E-13)
    elif _wants_removal(assessor, row):
        _opt_out(tx, assessor.keys, row, now)
        _take_back(tx, case_id, now)
    elif reads_as_opt_out(row["text"], assessor.ruleset) == "yes":
        _opt_out(tx, assessor.keys, row, now)
    else:
        _prepare(tx, assessor, row, case_id, now)


def _alarm(tx: Tx, assessor: Assessor, result: Assessed, case_id: int, now: int) -> None:
    """Page for a threat: an acute pattern at once, anything else when nobody looked at it for five minutes (E-01).

    For a person in need those who are trained are paged at once, and nobody else keeps the case in their hands (E-11).
    A threat that is both pages for both.
    """
    if result.triage.lane is Lane.THREAT:
        acute = any(found.detector == "threat" and found.reason.startswith("acute") for found in result.findings)
        why = "acute_pattern" if acute else "suspected"
        raise_alarm(tx, case_id=case_id, kind=AlarmKind.THREAT, acute=acute, why=why, now=now)
    if in_need(result.findings, assessor.config.triage):
        raise_alarm(tx, case_id=case_id, kind=AlarmKind.CRISIS, acute=False, why="suspected", now=now)
        care.hand_to_trained(tx, case_id)


def _in_its_thread(decided: Triage, suspected: Suspicion | None) -> Triage:
    """Where the post belongs once it is known what it answers: a false helper's among scams, or in a graver lane."""
    if suspected is None:
        return decided
    graver = LANES_WORST_FIRST.index(decided.lane) < LANES_WORST_FIRST.index(Lane.SCAM)
    reason = "; ".join(filter(None, (decided.reason, suspected.code)))
    return replace(decided, lane=decided.lane if graver else Lane.SCAM, priority=Priority.HIGH, reason=reason)


def _secure(
    tx: Tx, assessor: Assessor, result: Assessed, case_id: int, *, now: int, suspected: Suspicion | None
) -> None:
    """Open the security cases that a post gives rise to: its own, and those of false helpers who answered it."""
    if suspected is not None:
        security.open_case(tx, result.row, case_id, suspected, now)
        return
    least = assessor.config.triage.scam_at
    if any(found.label == "impostor_report" and found.score >= least for found in result.findings):
        security.open_report(tx, result.row, case_id, now)
    for answer, found in security.answers_judged(tx, result.row, assessor.config):
        security.open_case(tx, answer, answer["case_id"], found, now)
        if into_lane(tx, answer["case_id"], now):
            withdraw(tx, answer["case_id"], now, cause="lane_changed")
            drafts.set_aside(tx, answer["case_id"], now)


def _due(assessor: Assessor, row: Row, decided: Triage) -> int | None:
    if decided.lane in {Lane.LISTEN, Lane.NOISE}:
        return None
    hours: Mapping[Priority, int] = assessor.config.brand.reply_within_hours
    return int(min(row["created_at"], row["fetched_at"])) + hours[decided.priority] * HOUR_MS


def _opt_out(tx: Tx, keys: Keys, row: Row, now: int) -> None:
    author_key = keys.author(row["platform"], row["author_id"])
    if not opt_outs.add(tx, author_key, row["platform"], row["id"], now):
        return
    commitment = entries.commit(tx, "author", author_key, {"author": row["author_id"], "post": row["canonical_key"]})
    entries.append(tx, EntryKind.OPT_OUT, {"platform": row["platform"], "author": commitment, "by": "author"}, now)


def _wants_removal(assessor: Assessor, row: Row) -> bool:
    to_us = mentions.triggers_of(row) != (Trigger.NONE,)
    return to_us and asks_for_removal(row["text"], assessor.ruleset)


def _take_back(tx: Tx, case_id: int, now: int) -> None:
    """The author wants our replies gone: the worker deletes those of this conversation, under stop-all, too."""
    withdraw(tx, case_id, now, cause="opted_out")
    for sent in dispatches.of_case(tx, case_id):
        was, to = DispatchState.SENT, DispatchState.RETRACTING
        if sent["remote_id"] and dispatches.set_state(tx, sent["id"], was, to, now, claimed_until=0):
            cases.note(tx, case_id, "retract_asked", now)
            fields: dict[str, entries.Value] = {"dispatch": sent["id"], "step": "asked", "by": "author"}
            entries.append(tx, EntryKind.RETRACT, fields, now)


def _prepare(tx: Tx, assessor: Assessor, row: Row, case_id: int, now: int) -> None:
    """Offer a draft for the post that a reply would answer; what was prepared for another or older one goes."""
    case = cases.by_id(tx, case_id)
    if case is None or incidents.storm(tx, now):
        return
    answers = case["latest_mention"] == row["id"]
    if answers or case["lane"] in OWN_WORDS_LANES:
        drafts.set_aside(tx, case_id, now)
    private = holds_personal_data(mentions.findings_of(tx, row["id"]))
    prepared = propose(assessor.config, row, case, private=private) if answers else None
    if prepared is None or dispatches.answered(tx, row["id"]) or drafts.open_of_case(tx, case_id) is not None:
        return
    drafts.add(
        tx,
        case_id=case_id,
        mention_id=row["id"],
        prepared=prepared,
        config_id=assessor.config_id,
        at=now,
        user_id=None,
    )
    status.ask(tx, row["id"], now)
