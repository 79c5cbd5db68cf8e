"""Everything that the page of one case shows, read once and put into words. Reads only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import request

from bot.desk import panel, shield, words
from bot.desk.i18n import _
from bot.desk.panel import Panel
from bot.desk.reasons import in_short, in_words, prepared_because
from bot.desk.shield import Shield
from bot.desk.state import house, now, store, user
from bot.desk.text import SHOWN, Change, Piece, cut, differences, marked, masked, name, visible
from bot.drafting import LIMITS
from bot.model import OWN_WORDS_LANES, CaseState, DispatchState, Finding, Lane, Match, Platform, Trigger
from bot.responder import find_gaps
from bot.review import acts
from bot.store import cases, dispatches, drafts, mentions, opt_outs, queue, users
from bot.store.db import Reader, Row

THREAD = 30
"""Posts of a thread shown around the author's own."""

_HIGH, _MEDIUM = 700, 400


@dataclass(frozen=True, slots=True)
class Post:
    """One post of the thread. ``ours`` is a reply that we sent; ``focus`` the one that a reply would answer."""

    id: int
    handle: str
    at: int
    language: str
    pieces: tuple[Piece, ...]
    url: str = ""
    ours: bool = False
    focus: bool = False
    said: str = ""
    more: bool = False
    shield: Shield | None = None


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
    """The draft as the composer shows it."""

    id: int
    version: int
    state: str
    text: str
    gaps: tuple[str, ...]
    limit: int
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
    """One case on one page."""

    row: Row
    handle: str
    posts: tuple[Post, ...]
    heard: tuple[Heard, ...]
    findings: tuple[FindingView, ...]
    history: tuple[Event, ...]
    reply: Reply | None
    holder: str
    held_by_me: bool
    held_until: int
    answerable: bool
    own_words: bool
    opted_out: bool
    replies: int
    last_reply: int | None
    url: str
    level: int
    reason: str
    reasons: str
    why: str
    sent_back: Event | None
    changes: tuple[Change, ...]


def read(row: Row, *, unsaved: str | None = None) -> CaseFile:
    """The file of a case. ``unsaved`` is a reply that could not be kept because somebody else changed it meanwhile."""
    reader, me = store(), user()
    own = mentions.of_case(reader, row["id"])
    latest = next((post for post in own if post["id"] == row["latest_mention"]), own[-1])
    matches = mentions.matches_of(reader, latest["id"])
    findings = mentions.findings_of(reader, latest["id"])
    heard = _heard(matches)
    level = shield.level(reader, row["id"], me["id"], request.args.get("level", 0, type=int), now())
    history = tuple(_history(cases.events(reader, row["id"])))
    answerable = mentions.triggers_of(latest) != (Trigger.NONE,)
    reply = _reply(reader, row, me) if answerable else None
    held = row["claimed_by"] is not None and row["claimed_until"] > now()
    met = queue.with_author(reader, row)
    author_key = house().keys.author(row["platform"], row["author_id"])
    return CaseFile(
        row=row,
        handle=name(row["author_handle"]),
        posts=tuple(_thread(reader, row, own, latest, _numbered(matches, heard), level)),
        heard=heard,
        findings=tuple(
            _finding(finding, hide=shield.needed(Lane(row["lane"]), not_assessed=False)) for finding in findings
        ),
        history=history,
        reply=reply,
        holder=_holder(reader, row) if held else "",
        held_by_me=held and row["claimed_by"] == me["id"],
        held_until=row["claimed_until"],
        answerable=answerable,
        own_words=Lane(row["lane"]) in OWN_WORDS_LANES,
        opted_out=opt_outs.standing(reader, author_key) is not None,
        replies=met["replies"] if met else 0,
        last_reply=met["last_reply"] if met else None,
        url=safe_url(latest["url"]),
        level=level,
        reason=in_short(row["reason"]),
        reasons=in_words(row["reason"]),
        why=prepared_because(reply.why) if reply else "",
        sent_back=_sent_back(history),
        changes=tuple(differences(reply.text, unsaved)) if reply and unsaved is not None else (),
    )


def _sent_back(history: Sequence[Event]) -> Event | None:
    """The note of the second person, as long as nobody handed the reply on again."""
    last = next((event for event in reversed(history) if event.kind in {"rejected", "state_waiting"}), None)
    return last if last is not None and last.kind == "rejected" else None


def safe_url(url: str) -> str:
    """A platform's address of a post if it is one that a browser may open, else ""."""
    return url if url.startswith(("https://", "http://")) and url.isprintable() and " " not in url else ""


def _heard(matches: Sequence[Match]) -> tuple[Heard, ...]:
    first: dict[tuple[str, str], Match] = {}
    for match in matches:
        first.setdefault((match.rule, match.term), match)
    return tuple(
        Heard(number, visible(match.term), match.watch, match.version, match.rule)
        for number, match in enumerate(first.values(), 1)
    )


def _numbered(matches: Sequence[Match], heard: Sequence[Heard]) -> list[tuple[tuple[int, int], int]]:
    numbers = {(entry.rule, entry.term): entry.number for entry in heard}
    return [(match.span, numbers[match.rule, visible(match.term)]) for match in matches]


def _thread(
    reader: Reader,
    row: Row,
    own: Sequence[Row],
    latest: Row,
    numbered: list[tuple[tuple[int, int], int]],
    level: int,
) -> list[Post]:
    around = [post for post in mentions.in_thread(reader, latest, THREAD) if post["case_id"] != row["id"]]
    lanes = queue.lanes_of_thread(reader, [post["id"] for post in around])
    posts = []
    for post in own:
        spans = numbered if post["id"] == latest["id"] else []
        posts.append(_post(reader, post, Lane(row["lane"]), level, spans, focus=post["id"] == latest["id"]))
    for post in around:
        posts.append(_post(reader, post, lanes.get(post["id"], Lane.NOISE), 0, [], focus=False, other=True))
    posts += [_ours(sent) for sent in dispatches.of_case(reader, row["id"]) if sent["state"] in _PUBLIC]
    return sorted(posts, key=lambda post: post.at)


_PUBLIC = frozenset({DispatchState.SENT, DispatchState.RETRACTING})


def _post(
    reader: Reader,
    post: Row,
    lane: Lane,
    level: int,
    numbered: list[tuple[tuple[int, int], int]],
    *,
    focus: bool,
    other: bool = False,
) -> Post:
    poison = post["stage"] == "poison"
    text, more = (post["text"], False) if request.args.get("all") == str(post["id"]) else cut(post["text"], SHOWN)
    guard, pieces = None, tuple(marked(text, numbered))
    if shield.needed(lane, not_assessed=poison):
        guard, pieces = _shielded(reader, post, lane, level, text, pieces)
        more = more and bool(pieces)
    return Post(
        id=post["id"],
        handle=name(post["author_handle"]),
        at=post["created_at"],
        language=post["declared_language"],
        pieces=pieces,
        url=safe_url(post["url"]),
        focus=focus,
        said=_("in the thread") if other else _said(post),
        more=more,
        shield=guard,
    )


def _shielded(
    reader: Reader, post: Row, lane: Lane, level: int, text: str, pieces: tuple[Piece, ...]
) -> tuple[Shield, tuple[Piece, ...]]:
    findings = mentions.findings_of(reader, post["id"])
    poison = post["stage"] == "poison"
    spans = shield.spans(findings)
    known = [told for finding in findings if (told := shield.found_words(finding))]
    step = 2 if level == 2 else (1 if level == 1 and spans else 0)  # noqa: PLR2004 - the second step
    labels = {finding.detector: finding.label for finding in findings}
    guard = Shield(step, shield.summary(lane, labels, not_assessed=poison), tuple(known), bool(spans))  # type: ignore[arg-type] - 0, 1 or 2
    shown = {0: (), 1: tuple(masked(text, spans)) if step == 1 else (), 2: pieces}[step]
    return guard, shown


def _ours(sent: Row) -> Post:
    return Post(
        id=sent["id"],
        handle=name(sent["account"]),
        at=sent["sent_at"] or sent["updated_at"],
        language="",
        pieces=tuple(marked(sent["text"], [])),
        url=safe_url(sent["remote_url"]),
        ours=True,
        said=_("our reply"),
    )


def _said(post: Row) -> str:
    told = {
        Trigger.MENTION: _("names us"),
        Trigger.REPLY: _("answers us"),
        Trigger.QUOTE: _("quotes us"),
        Trigger.OWN_PAGE: _("on our page"),
        Trigger.NONE: _("only heard"),
    }
    known = mentions.triggers_of(post)
    return told[known[0]] if known else ""


def _finding(finding: Finding, *, hide: bool) -> FindingView:
    told = shield.found_words(finding)
    names = {
        ("sentiment", "negative"): _("Angry or disappointed"),
        ("sentiment", "positive"): _("Pleased"),
        ("sentiment", "neutral"): _("Neutral in tone"),
        ("scam", "none"): _("No false helper"),
        ("language", "de"): _("German"),
        ("language", "en"): _("English"),
    }
    if finding.failed:
        title = _("%(detector)s could not answer", detector=finding.detector)
    elif told:
        title = told[1].capitalize() if words.language_code() == "en" else told[1]
    else:
        title = names.get((finding.detector, finding.label), f"{finding.detector}: {finding.label}")
    grade = _("high") if finding.score >= _HIGH else _("medium") if finding.score >= _MEDIUM else _("low")
    detail = "" if hide else visible(finding.reason)[:120]
    return FindingView(
        title, grade, finding.score, " · ".join(filter(None, (detail, f"{finding.detector} {finding.version}")))
    )


def _holder(reader: Reader, row: Row) -> str:
    someone = users.by_id(reader, row["claimed_by"])
    return str(someone["initials"]) if someone else ""


def _history(events: Sequence[Row]) -> list[Event]:
    noted = {"rejected", "retract_asked"}
    return [
        Event(row["at"], row["kind"], _event(row), row["initials"] or "", visible(row["note"]) if row["kind"] in noted else "")
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
    }
    kind = event["kind"]
    if kind.startswith("state_") and kind.removeprefix("state_") in set(CaseState):
        return str(words.STATES[CaseState(kind.removeprefix("state_"))]).capitalize()
    return told.get(kind, kind)


def _reply(reader: Reader, row: Row, me: Row) -> Reply | None:
    draft = drafts.open_of_case(reader, row["id"])
    if draft is None or draft["state"] == "approved":
        return None
    known = draft["text"] if draft["written_by"] or draft["state"] == "submitted" else acts.signed(house(), draft, me)
    why = dict(part.split("=", 1) for part in draft["reason"].split() if "=" in part)
    return Reply(
        id=draft["id"],
        version=draft["version"],
        state=draft["state"],
        text=known,
        gaps=tuple(gap.name for gap in find_gaps(known)),
        limit=LIMITS[Platform(row["platform"])],
        template=f"{draft['template']} v{draft['template_version']}" if draft["template"] else "",
        why=why,
        language=draft["language"],
        saved_at=draft["updated_at"] if draft["written_by"] else None,
        mine=draft["written_by"] in {None, me["id"]},
        panel=panel.of_draft(reader, house(), draft["id"], user=me, now=now(), text=known),
    )
