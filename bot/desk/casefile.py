"""Everything that the page of one case shows, read once and put into words. Reads only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import request

from bot.desk import alarms, care, evidence, impostors, incidents, ladder, panel, personal, shield, words
from bot.desk.alarms import EscalationFile
from bot.desk.care import Care
from bot.desk.i18n import _
from bot.desk.panel import Panel
from bot.desk.reasons import in_short, in_words, mute_words, prepared_because
from bot.desk.state import house, now, store, user
from bot.desk.text import Change, differences, name, visible
from bot.desk.thread import Marks, Post, safe_url, thread
from bot.errors import Stale
from bot.lengths import length_on
from bot.model import OWN_WORDS_LANES, CaseState, Finding, Lane, Match, Platform, Trigger
from bot.responder import answered_in, find_gaps
from bot.review import acts
from bot.review.facts import answered
from bot.store import cases, drafts, hand_answers, mentions, opt_outs, queue, replies, sources, users
from bot.store.db import Reader, Row

_HIGH, _MEDIUM = 700, 400


@dataclass(frozen=True, slots=True)
class Heard:
    """Why the post was heard: the number that its marks carry, the term, and the place of the rule."""

    number: int
    term: str
    watch: str
    version: str
    rule: str


@dataclass(frozen=True, slots=True)
class FindingView:
    """One detector's answer in words."""

    title: str
    grade: str
    score: int
    detail: str


@dataclass(frozen=True, slots=True)
class Reply:
    """The draft as the composer shows it. ``length`` and ``limit`` are in units of ``platform``."""

    id: int
    version: int
    state: str
    text: str
    gaps: tuple[str, ...]
    length: int
    limit: int
    platform: str
    template: str
    why: Mapping[str, str]
    language: str
    saved_at: int | None
    mine: bool
    panel: Panel


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a case's history; ``note`` is a colleague's own sentence."""

    at: int
    kind: str
    words: str
    initials: str
    note: str


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One case on one page. ``by_hand`` says why nothing can be sent as our account; "" if it can.

    ``hand_answer``: a person answered at the original.
    """

    row: Row
    handle: str
    posts: tuple[Post, ...]
    heard: tuple[Heard, ...]
    findings: tuple[FindingView, ...]
    history: tuple[Event, ...]
    reply: Reply | None
    ladder: ladder.LadderView | None
    care: Care
    escalation: EscalationFile | None
    holder: str
    held_by_me: bool
    held_until: int
    answerable: bool
    by_hand: str
    hand_answer: Row | None
    own_words: bool
    unanswered: str
    opted_out: bool
    replies: int
    last_reply: int | None
    sent_seq: int | None
    url: str
    level: int
    reason: str
    reasons: str
    why: str
    sent_back: Event | None
    changes: tuple[Change, ...]
    evidence: evidence.Shelf
    false_helper: impostors.Notice | None
    incidents: tuple[incidents.Standing, ...]


def read(row: Row, *, unsaved: str | None = None) -> CaseFile:
    """The file of a case. ``unsaved`` is a reply that could not be kept because somebody else changed it meanwhile."""
    reader, me = store(), user()
    latest = mentions.by_id(reader, row["latest_mention"])
    if latest is None:
        raise Stale("The post behind this case is gone.")
    matches = mentions.matches_of(reader, latest["id"])
    findings = mentions.findings_of(reader, latest["id"])
    heard = _heard(matches)
    cared = care.of_case(reader, row)
    wanted = 0 if cared.stop == "untrained" else request.args.get("level", 0, type=int)
    level = shield.level(reader, row["id"], me["id"], wanted, now())
    history = tuple(_history(cases.events(reader, row["id"])))
    answerable = mentions.triggers_of(latest) != (Trigger.NONE,)
    reply = _reply(reader, row, me) if answerable else None
    held = row["claimed_by"] is not None and row["claimed_until"] > now()
    met = queue.with_author(reader, row)
    author_key = house().keys.author(row["platform"], row["author_id"])
    kept = evidence.shelf_of(reader, row)
    return CaseFile(
        row=row,
        handle=name(row["author_handle"]),
        posts=tuple(thread(reader, row, latest, _numbered(matches, heard), level)),
        heard=heard,
        findings=tuple(
            _finding(finding, hide=shield.needed(Lane(row["lane"]), not_assessed=False))
            for finding in findings
            if finding.reason != "no-examples"  # no watch that heard the post knows namesakes: nothing was asked
        ),
        history=history,
        reply=reply,
        ladder=ladder.of_case(reader, row),
        care=cared,
        escalation=alarms.of_case(reader, row["id"], me),
        holder=_holder(reader, row) if held else "",
        held_by_me=held and row["claimed_by"] == me["id"],
        held_until=row["claimed_until"],
        answerable=answerable,
        by_hand=_by_hand(reader, row, latest),
        hand_answer=hand_answers.of_case(reader, row["id"]),
        own_words=Lane(row["lane"]) in OWN_WORDS_LANES,
        unanswered=_unanswered(row["language"]),
        opted_out=opt_outs.standing(reader, author_key) is not None,
        replies=met["replies"] if met else 0,
        last_reply=met["last_reply"] if met else None,
        sent_seq=replies.sent_entry(reader, row["id"]),
        url="" if kept.forbidden else safe_url(latest["url"]),
        level=level,
        reason=in_short(row["reason"]),
        reasons=in_words(row["reason"]),
        why=prepared_because(reply.why) if reply else "",
        sent_back=_sent_back(history),
        changes=tuple(differences(reply.text, unsaved)) if reply and unsaved is not None else (),
        evidence=kept,
        false_helper=impostors.of_case(reader, row),
        incidents=incidents.of_case(reader, row["id"]),
    )


def _by_hand(reader: Reader, row: Row, latest: Row) -> str:
    """Why a person answers an open case at the original. A threat is not answered there either."""
    if row["lane"] == Lane.THREAT or row["state"] in {CaseState.OUTBOX, CaseState.SENT, CaseState.CLOSED}:
        return ""
    if not answered(house(), latest):
        return _("Earshot only listens here.")
    source = sources.by_name(reader, latest["source"])
    return mute_words(sources.mute(source)) if source else ""


def _unanswered(language: str) -> str:
    """The name of a language that we do not answer in; "" if we do."""
    if language == "undetermined" or answered_in(house().brand, language):
        return ""
    return words.language_name(language)


def _sent_back(history: Sequence[Event]) -> Event | None:
    """The note of the second person, as long as nobody handed the reply on again."""
    last = next((event for event in reversed(history) if event.kind in {"rejected", "state_waiting"}), None)
    return last if last is not None and last.kind == "rejected" else None


def _heard(matches: Sequence[Match]) -> tuple[Heard, ...]:
    first: dict[tuple[str, str], Match] = {}
    for match in matches:
        first.setdefault((match.rule, match.term), match)
    return tuple(
        Heard(number, visible(match.term), match.watch, match.version, match.rule)
        for number, match in enumerate(first.values(), 1)
    )


def _numbered(matches: Sequence[Match], heard: Sequence[Heard]) -> Marks:
    numbers = {(entry.rule, entry.term): entry.number for entry in heard}
    return [(match.span, numbers[match.rule, visible(match.term)]) for match in matches]


def _finding(finding: Finding, *, hide: bool) -> FindingView:
    told = shield.found_words(finding)
    names = {
        ("sentiment", "negative"): _("Angry or disappointed"),
        ("sentiment", "positive"): _("Pleased"),
        ("sentiment", "neutral"): _("Neutral in tone"),
        ("scam", "none"): _("No false helper"),
        ("scam", "scam"): _("Suspected scam"),
        ("scam", "impostor_report"): _("Someone acts in our name"),
        ("lookalike", "lookalike"): _("Account looks like ours"),
        ("lookalike", "none"): _("Account does not look like ours"),
        ("hate", "none"): _("No hate against a group"),
        ("relevance", "about"): _("About us"),
        ("relevance", "namesake"): _("Probably a namesake"),
        ("relevance", "undetermined"): _("Unclear whether we are meant"),
        ("language", "de"): _("German"),
        ("language", "en"): _("English"),
        ("language", "other"): _("Another language"),
        ("language", "undetermined"): _("Language cannot be determined"),
        ("personal_data", "personal_data"): _("Personal data"),
        ("personal_data", "none"): _("No personal data"),
        ("personal_attached", "personal_data"): _("Personal data in what is attached or quoted"),
    }
    private = finding.detector == personal.DETECTOR
    if private and finding.failed:
        title = _("Personal data: %(kinds)s", kinds=_("not assessed"))
    elif finding.failed:
        title = _("%(detector)s could not answer", detector=finding.detector)
    elif private and personal.partly_read(finding):
        title = _("Not all of it was read")
    elif told:
        title = told[1].capitalize() if words.language_code() == "en" else told[1]
    else:
        title = names.get((finding.detector, finding.label), f"{finding.detector}: {finding.label}")
    grade = _("high") if finding.score >= _HIGH else _("medium") if finding.score >= _MEDIUM else _("low")
    reason = personal.kinds(finding.reason) if private else finding.reason
    detail = "" if hide else visible(reason)[:120]
    return FindingView(
        title, grade, finding.score, " · ".join(filter(None, (detail, f"{finding.detector} {finding.version}")))
    )


def _holder(reader: Reader, row: Row) -> str:
    someone = users.by_id(reader, row["claimed_by"])
    return str(someone["initials"]) if someone else ""


def _history(events: Sequence[Row]) -> list[Event]:
    noted = {"rejected", "retract_asked"}
    return [
        Event(
            row["at"],
            row["kind"],
            _event(row),
            row["initials"] or "",
            visible(row["note"]) if row["kind"] in noted else "",
        )
        for row in events
    ]


def _event(event: Row) -> str:
    told = {
        "opened": _("Case opened"),
        "post_joined": _("New post by the author"),
        "post_edited": _("Post edited"),
        "claimed": _("Taken"),
        "let_go": _("Let go"),
        "lane_changed": _("Lane changed"),
        "rejected": _("Sent back"),
        "shown_masked": _("Read with masked words"),
        "shown_words": _("Wording read"),
        "retract_asked": _("Taking back asked for"),
        "retract_done": _("Reply taken back"),
        "retract_refused": _("Taking back was refused"),
        "reply_lost": _("A reply may have left before the restore"),
        **ladder.event_words(),
        "not_this_incident": _("Taken out of an incident"),
        "read_back_differs": _("What stands there is not what was approved: replies to this place rest"),
        "reply_removed": _("Our reply was taken away there: replies to this place rest"),
    }
    kind = event["kind"]
    if kind.startswith("state_") and kind.removeprefix("state_") in set(CaseState):
        return str(words.STATES[CaseState(kind.removeprefix("state_"))]).capitalize()
    return str(told.get(kind, kind))


def _reply(reader: Reader, row: Row, me: Row) -> Reply | None:
    draft = drafts.open_of_case(reader, row["id"])
    if draft is None or draft["state"] == "approved":
        return None
    untouched = not draft["written_by"] and draft["state"] != "submitted"
    known = acts.signed(reader, house(), draft, me) if untouched else draft["text"]
    platform = Platform(row["platform"])
    why = dict(part.split("=", 1) for part in draft["reason"].split() if "=" in part)
    return Reply(
        id=draft["id"],
        version=draft["version"],
        state=draft["state"],
        text=known,
        gaps=tuple(gap.name for gap in find_gaps(known)),
        length=length_on(platform, known),
        limit=platform.longest,
        platform=platform.value,
        template=f"{draft['template']} v{draft['template_version']}" if draft["template"] else "",
        why=why,
        language=draft["language"],
        saved_at=draft["updated_at"] if draft["written_by"] else None,
        mine=draft["written_by"] in {None, me["id"]},
        panel=panel.of_draft(reader, house(), draft["id"], user=me, now=now(), text=known),
    )
