"""The thread of a case: the author's posts, what else was heard around them, our own replies, by time. Reads only."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from flask import request

from bot.desk import personal, shield
from bot.desk.attached import Attached, attached
from bot.desk.i18n import _
from bot.desk.shield import Level, Shield
from bot.desk.state import now
from bot.desk.text import SHOWN, Piece, covered, cut, marked, masked, name
from bot.model import SHIELDED_LANES, DispatchState, Finding, Lane, Span, Trigger
from bot.store import dispatches, evidence, mentions, queue, upkeep
from bot.store.db import Reader, Row

THREAD = 30
"""Posts of a thread shown around the author's own."""

Marks = Sequence[tuple[Span, int]]
"""Heard spans with their numbers."""

_PUBLIC = frozenset({DispatchState.SENT, DispatchState.RETRACTING})
"""States of a reply that stands in public."""


@dataclass(frozen=True, slots=True)
class Post:
    """One post of the thread. ``ours`` is a reply that we sent; ``focus`` the one that a reply would answer.

    ``personal`` says what is known of personal data in it; ``covers``: some are there, so a link shows or covers them.
    ``sealed``: nobody knows whether it still stands, so its words are shown again when its platform answered (P-10).
    """

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
    personal: str = ""
    covers: bool = False
    attached: Attached | None = None
    sealed: bool = False


def safe_url(url: str) -> str:
    """A platform's address of a post if it is one that a browser may open, else ""."""
    return url if url.startswith(("https://", "http://")) and url.isprintable() and " " not in url else ""


def thread(reader: Reader, case: Row, latest: Row, marks: Marks, level: Level) -> list[Post]:
    """A case's thread. ``marks`` are the heard words of the ``latest`` post, ``level`` how far its shield is open."""
    own = mentions.of_case(reader, case["id"])
    around = [post for post in mentions.in_thread(reader, latest, THREAD) if post["case_id"] != case["id"]]
    lanes = queue.lanes_of_thread(reader, [post["id"] for post in around])
    posts = [_ours(sent) for sent in dispatches.of_case(reader, case["id"]) if sent["state"] in _PUBLIC]
    for post in own:
        shielded = _Veil(Lane(case["lane"]), level)
        newest = post["id"] == latest["id"]
        posts.append(_post(reader, post, shielded, marks if newest else (), said=_said(post), focus=newest))
    posts.extend(
        _post(reader, post, _Veil(lanes.get(post["id"], Lane.NOISE), 0), (), said=_("in the thread")) for post in around
    )
    return sorted(posts, key=lambda post: post.at)


@dataclass(frozen=True, slots=True)
class _Veil:
    """The lane that a post stands in, and how far its shield is open."""

    lane: Lane
    level: Level


def _post(reader: Reader, post: Row, veil: _Veil, marks: Marks, *, said: str, focus: bool = False) -> Post:
    if post["sealed_at"] is not None or upkeep.unattended(reader, now()):
        return _sealed(post, said=said, focus=focus)
    text, more = (post["text"], False) if request.args.get("all") == str(post["id"]) else cut(post["text"], SHOWN)
    findings = mentions.findings_of(reader, post["id"])
    # Suspected pictures of abused children (E-08): not even a link leads there.
    hidden = evidence.forbidden(reader, post["case_id"])
    guard, pieces = None, tuple(covered(text, marks, personal.hidden(findings)))
    if shield.needed(veil.lane, not_assessed=post["stage"] != "assessed"):
        guard, pieces = _shielded(post, findings, veil, pieces, text)
    private = personal.covers_attached(findings)
    shown = guard is None or guard.level == 2  # noqa: PLR2004 - the wording shown
    beside = shown and not private and not _quotes_hard(reader, post)
    return Post(
        id=post["id"],
        handle=name(post["author_handle"]),
        at=post["created_at"],
        language=post["declared_language"],
        pieces=pieces,
        url="" if hidden else safe_url(post["url"]),
        focus=focus,
        said=said,
        more=more and bool(pieces),
        shield=guard,
        personal=personal.told_in(findings) if pieces else "",
        covers=personal.found_in(findings),
        attached=None if hidden else attached(post["extras"], words=beside),
    )


def _quotes_hard(reader: Reader, post: Row) -> bool:
    """Whether a post quotes one that stands behind the shield itself, or that nobody assessed yet."""
    quoted = json.loads(post["extras"])["quoted"]
    known = queue.lanes_of_post(reader, post["platform"], quoted["native_id"]) if quoted else []
    return any(not assessed or (lane is not None and lane in SHIELDED_LANES) for lane, assessed in known)


def _sealed(post: Row, *, said: str, focus: bool) -> Post:
    handle, at = name(post["author_handle"]), post["created_at"]
    return Post(post["id"], handle, at, "", (), safe_url(post["url"]), focus=focus, said=said, sealed=True)


def _shielded(
    post: Row, findings: Sequence[Finding], veil: _Veil, pieces: tuple[Piece, ...], text: str
) -> tuple[Shield, tuple[Piece, ...]]:
    spans = shield.spans(findings)
    step: Level = 0 if veil.level == 1 and not spans else veil.level
    labels = {finding.detector: finding.label for finding in findings}
    told = shield.summary(veil.lane, labels, not_assessed=post["stage"] == "poison", stage=post["stage"])
    known = tuple(words for finding in findings if (words := shield.found_words(finding)))
    half = masked(text, [*spans, *personal.hidden(findings)])
    shown: dict[int, tuple[Piece, ...]] = {0: (), 1: tuple(half), 2: pieces}
    return Shield(step, told, known, bool(spans)), shown[step]


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
