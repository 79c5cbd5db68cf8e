"""The queue: open cases of a lane or a filter, most urgent first. Nothing moves while somebody reads."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from itertools import groupby, repeat

from flask import Blueprint, jsonify, render_template, request, url_for
from werkzeug.wrappers import Response

from bot.desk import incidents, page, personal, shield, words
from bot.desk.attached import wordless
from bot.desk.forms import PAGE, Filters, filters
from bot.desk.reasons import in_short, topic_word
from bot.desk.state import house, now, store, user
from bot.desk.text import TEASER, Piece, covered, name
from bot.desk.words import Due
from bot.model import SHIELDED_LANES, CaseState, Lane, Priority, Span
from bot.protect import exposure
from bot.review.open_incidents import folding
from bot.store import queue as rows
from bot.store.db import Row

queue = Blueprint("queue", __name__)

QUIET = frozenset({Lane.LISTEN, Lane.NOISE})
"""Lanes that nobody has to work through."""

TAKEN_ON_OPENING = frozenset({CaseState.NEW, CaseState.CLAIMED, CaseState.ESCALATED})
"""States in which opening a case from the list also takes it; elsewhere it is only looked at."""

_HANDLES = re.compile(r"(?:@[\w.@-]{1,80}\s+)+(?=\S)")


@dataclass(frozen=True, slots=True)
class Line:
    """One case in the list. ``pieces`` are empty behind the shield, where ``summary`` speaks instead."""

    id: int
    lane: str
    handle: str
    platform: str
    at: int
    language: str
    pieces: tuple[Piece, ...]
    wordless: str
    summary: str
    due: Due | None
    topic: str
    reason: str
    state: str
    holder: str
    unread: bool
    opening: bool
    personal: str


@dataclass(frozen=True, slots=True)
class Group:
    """Cases of one priority."""

    priority: str
    tone: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """The list pane. A case's address is ``cases`` + its number + ``query``: building fifty by rule takes too long.

    ``folds`` are the rows in which the cases of an incident stand together; ``total`` counts them, too.
    """

    filters: Filters
    folds: tuple[incidents.Fold, ...]
    title: str
    total: int
    groups: tuple[Group, ...]
    pages: int
    event: int
    last: bool
    cases: str
    query: str


@queue.get("/")
def show() -> str:
    """The list, and beside it a hint what to do next."""
    return render_template("desk.html", listing=listing(asked()), rail=page.rail(store()), file=None)


def asked() -> Filters:
    """The filters of this request; a bare address shows the gravest lane that has work."""
    known = filters(request.args)
    if known.args(page=""):
        return known
    counts = rows.lane_counts(store())
    lane = next((lane for lane in Lane if counts.get(lane) and lane not in QUIET), Lane.HELP)
    return Filters(lane=lane, page=known.page)


def listing(known: Filters) -> Listing:
    """The list pane for some filters."""
    reader, wanted = store(), known.wanted(user()["id"], folding(store(), now()))
    folds = incidents.folds(reader, wanted)
    found = rows.listed(reader, wanted, now=now(), limit=PAGE, offset=(known.page - 1) * PAGE)
    ids = [row["latest_mention"] for row in found]
    spans, labels, private = rows.spans_of(reader, ids), rows.labels_of(reader, ids), rows.personal_of(reader, ids)
    hard = any(row["lane"] in SHIELDED_LANES or row["not_assessed"] or row["stage"] != "assessed" for row in found)
    closed = exposure.closed_lanes(reader, house().config, user(), now()) if hard else frozenset()
    lines = [
        _line(row, spans.get(post, []), labels.get(post, {}), private.get(post, ([], "")), closed)
        for row, post in zip(found, ids, strict=True)
    ]
    alone = rows.counted(reader, wanted, now=now())
    total = alone + sum(fold.n for fold in folds)
    pairs = list(zip(found, lines, strict=True))
    groups = tuple(
        Group(str(words.PRIORITIES[priority]), words.PRIORITY_TONES[priority], tuple(line for _, line in group))
        for priority, group in groupby(pairs, key=lambda pair: Priority(pair[0]["priority"]))
    )
    pages = max(1, -(-alone // PAGE))
    return Listing(
        filters=known,
        folds=folds if known.page == 1 else (),
        title=_title(known),
        total=total,
        groups=groups,
        pages=pages,
        event=rows.newest_change(reader),
        last=known.page >= pages,
        cases=url_for("case.show", case_id=0).removesuffix("0"),
        query=url_for("queue.show", **known.args()).removeprefix(url_for("queue.show")),
    )


def _title(known: Filters) -> str:
    if known.incident:
        return incidents.title_of(store(), known.incident)
    if known.lane:
        return str(words.LANES[known.lane])
    if known.mine:
        return words.mine()
    return str(words.STATES[known.state]).capitalize() if known.state else words.every_lane()


def _line(
    row: Row, spans: list[Span], labels: dict[str, str], private: tuple[list[Span], str], closed: Collection[Lane]
) -> Line:
    lane, unsure = Lane(row["lane"]), row["stage"] != "assessed" or bool(row["not_assessed"])
    veiled = shield.needed(lane, not_assessed=unsure)
    start = _addressing(row["teaser"])
    shown = row["teaser"][start : start + TEASER] + ("…" if len(row["teaser"]) > start + TEASER else "")
    marks = zip(_moved(spans, -start), repeat(0))
    hidden = [*_moved(private[0], -start), *personal.staff_in(shown, house().config.protection.staff_names)]
    busy = row["state"] in {CaseState.NEW, CaseState.CLAIMED, CaseState.WAITING, CaseState.ESCALATED}
    return Line(
        id=row["id"],
        lane=lane.value,
        handle=name(row["author_handle"]),
        platform=words.platform(row["platform"]),
        at=row["posted_at"],
        language=row["language"],
        pieces=() if veiled else tuple(covered(shown, marks, hidden)),
        wordless="" if veiled or row["teaser"].strip() else wordless(row["extras"]),
        summary=shield.summary(lane, labels, not_assessed=unsure, stage=row["stage"]) if veiled else "",
        due=words.due(row["due_at"]) if busy or row["state"] == CaseState.FAILED else None,
        topic=name(topic_word(row["topic"])),
        reason=in_short(row["reason"]),
        state="" if row["state"] in {CaseState.NEW, CaseState.CLAIMED} else str(words.STATES[CaseState(row["state"])]),
        holder=(row["holder"] or "") if busy else "",
        unread=row["state"] == CaseState.NEW,
        opening=row["state"] in TAKEN_ON_OPENING
        and row["claimed_by"] in {None, user()["id"]}
        and lane not in closed
        and not (unsure and closed == SHIELDED_LANES),
        personal="" if veiled else personal.kinds(private[1]),
    )


def _moved(spans: list[Span], by: int) -> list[Span]:
    return [(first + by, last + by) for first, last in spans]


def _addressing(text: str) -> int:
    """Length of the handles at a post's beginning: a list has no room for whom it is addressed to."""
    found = _HANDLES.match(text)
    return found.end() if found else 0


@queue.get("/changes")
def changes() -> Response:
    """What changed since an event: how many cases of the list have news, and the badges. Polled with an ETag."""
    reader, since = store(), request.args.get("since", 0, type=int)
    mark = page.change_mark(reader)
    if request.if_none_match.contains(mark):
        answer = Response(status=304)
    else:
        lane = filters(request.args).lane
        news = rows.opened_since(reader, since, lane) if lane else 0
        answer = jsonify(
            news=words.show_news(news) if news else "",
            outbox=page.tab_counts(reader)["leaving"],
            stopped=page.standing_stop(reader) is not None,
        )
    answer.set_etag(mark)
    return answer
