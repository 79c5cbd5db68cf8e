"""The consent panel: what the gate would say now, in words, open rules first. A preview; it writes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.desk import words
from bot.desk.i18n import _, ngettext
from bot.gate.decide import releasable
from bot.gate.hits import Hit
from bot.gate.sentences import explain, title
from bot.model import Decision, Outcome, Role, RuleResult
from bot.review.acts import leads_to
from bot.review.decide import ask, minded, own_approval, preview
from bot.review.facts import in_training, stored_approvals
from bot.review.house import House
from bot.review.rows import Rows
from bot.store import status
from bot.store.db import Reader, Row

APPROVAL = "C-13"
"""The rule that the person's own approval answers."""

GAP = "gap"
"""The hit that a gap is (C-32)."""

MOST_HITS = 20
"""So many hits are enough to work through; the rest shows when they are gone."""

LONGEST_WORDS = 80

_TONES = {
    Outcome.ALLOW: "allow",
    Outcome.NOTE: "allow",
    Outcome.WAIT: "wait",
    Outcome.HOLD_SELF: "hold",
    Outcome.HOLD_SECOND: "hold",
    Outcome.DENY: "deny",
}
_ICONS = {"allow": "allow", "wait": "clock", "hold": "hold", "deny": "deny"}


@dataclass(frozen=True, slots=True)
class RuleView:
    """One rule's answer in words. ``release`` offers to let it pass with a reason."""

    id: str
    title: str
    fact: str
    tone: str
    icon: str
    word: str
    open: bool
    release: bool


@dataclass(frozen=True, slots=True)
class HitView:
    """Words of the draft that an open rule minds: where (half-open, code points), which, and what to write instead.

    ``words`` is "" when it is the whole text.
    """

    start: int
    end: int
    words: str
    advice: str
    tone: str
    icon: str


@dataclass(frozen=True, slots=True)
class Panel:
    """The verdict, every rule, and what approving would lead to ("queued", "waiting", "held", "denied")."""

    tone: str
    icon: str
    title: str
    sentence: str
    rules: tuple[RuleView, ...]
    hits: tuple[HitView, ...]
    after: str
    checked_at: int | None
    asked: bool

    @property
    def open(self) -> tuple[RuleView, ...]:
        """The rules that stand against sending, worst first."""
        return tuple(rule for rule in self.rules if rule.open)

    @property
    def calm(self) -> tuple[RuleView, ...]:
        """The rules that are content."""
        return tuple(rule for rule in self.rules if not rule.open)


def of_draft(reader: Reader, house: House, draft_id: int, *, user: Row, now: int, text: str | None = None) -> Panel:
    """The panel for a draft as stored, or as it would be with ``text``."""
    rows = Rows(reader, draft_id)
    known = rows.draft["text"] if text is None else text
    shown = preview(reader, house, draft_id, now=now, text=known, user=user)
    given = [*stored_approvals(reader, draft_id), own_approval(house, rows, user, known, now)]
    mine = ask(reader, house, rows, text=known, phase="preview", approvals=given, now=now, author=str(user["id"]))
    found = status.get(reader, rows.mention["id"])
    written_by = rows.draft["written_by"] or user["id"]
    learner, after = user["role"] == Role.TRAINEE, leads_to(mine)
    after = "waiting" if learner and after != "denied" else after
    others = {approval.by for approval in given} - {str(user["id"])}
    second = written_by != user["id"] and (bool(others) or not in_training(reader, rows.draft["written_by"]))
    marked = minded(reader, house, rows, text=known, now=now)
    answers = _with_own_hold(shown, mine)
    views = tuple(_view(result, second=second, may_release=not learner) for result in _ordered(answers))
    waits = rows.draft["state"] == "submitted" and written_by == user["id"]
    tone, name, sentence = _verdict(views, after, waits=waits, learner=learner)
    return Panel(
        tone=tone,
        icon=_ICONS[tone],
        title=name,
        sentence=sentence,
        rules=views,
        hits=_hits(known, marked, views),
        after=after,
        checked_at=found.checked_at if found else None,
        asked=status.is_asked(reader, rows.mention["id"]),
    )


def _with_own_hold(shown: Decision, mine: Decision) -> Decision:
    """What the gate says, and in a solo shift the hold that one's own approval leaves to be released."""
    own = next((result for result in mine.results if result.rule == APPROVAL and result.alone), None)
    results = tuple(own if own and result.rule == APPROVAL else result for result in shown.results)
    return replace(shown, results=results)


def _ordered(decision: Decision) -> Sequence[RuleResult]:
    open_rules = decision.open_rules
    return (*open_rules, *(result for result in decision.results if result not in open_rules))


def _view(result: RuleResult, *, second: bool, may_release: bool) -> RuleView:
    language = words.language_code()
    tone = _TONES[result.outcome]
    is_open = result.outcome.severity > Outcome.NOTE.severity
    word = {"allow": _("allowed"), "wait": _("waiting"), "hold": _("held"), "deny": _("denied")}[tone]
    return RuleView(
        id=result.rule,
        title=title(result.rule, language),
        fact=_("Released with a reason.") if result.released else explain(result, language),
        tone=tone,
        icon=_ICONS[tone],
        word=word,
        open=is_open,
        release=may_release and releasable(result) and (result.outcome is Outcome.HOLD_SELF or second or result.alone),
    )


def _hits(text: str, marked: Sequence[Hit], views: Sequence[RuleView]) -> tuple[HitView, ...]:
    """The hits of rules that are open. Gaps are left out: they have a field of their own under the text."""
    tones = {view.id: view for view in views if view.open}
    shown = [hit for hit in marked if hit.rule in tones and hit.code != GAP][:MOST_HITS]
    return tuple(
        HitView(
            start=hit.start,
            end=hit.end,
            words="" if hit.end - hit.start == len(text) else shortened(text[hit.start : hit.end]),
            advice=hit.german if words.language_code() == "de" else hit.english,
            tone=tones[hit.rule].tone,
            icon=tones[hit.rule].icon,
        )
        for hit in shown
    )


def shortened(told: str) -> str:
    """The words of a hit as the list shows them."""
    return told if len(told) <= LONGEST_WORDS else f"{told[: LONGEST_WORDS - 1]}…"


def _verdict(views: Sequence[RuleView], after: str, *, waits: bool, learner: bool) -> tuple[str, str, str]:
    """Tone, headline and sentence. The person's own approval is not counted as open: giving it is the next step."""
    others = [view for view in views if view.open and (view.id != APPROVAL or view.release)]
    refusing = sum(view.tone == "deny" for view in others)
    if learner and not refusing:
        told = _("Hand it on when you are done. What is still open is theirs to judge.")
        told = _("You handed it on.") if waits else told
        return "wait" if waits else "hold", _("Somebody else approves"), told
    if waits:
        return "wait", _("Waits for a second person"), _("You approved. Somebody else approves the same text.")
    if refusing:
        sentence = ngettext(
            "%(num)s rule refuses. Nobody can override it.", "%(num)s rules refuse. Nobody can override it.", refusing
        )
        return "deny", _("Denied"), sentence
    if others and all(view.tone == "wait" for view in others):
        return "wait", _("A moment, please"), _("The answer comes by itself. Nothing for you to do.")
    return _without_refusal(len(others), after)


def _without_refusal(others: int, after: str) -> tuple[str, str, str]:
    if not others and after == "queued":
        return "allow", _("Ready for your approval"), _("All rules allow exactly this text.")
    if not others and after == "waiting":
        return "hold", _("Two people approve"), _("Sensitive: after you, a second person approves the same text.")
    sentence = ngettext("%(num)s rule is still open.", "%(num)s rules are still open.", max(others, 1))
    return "hold", _("Held"), sentence
