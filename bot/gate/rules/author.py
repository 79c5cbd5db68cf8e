"""What the author asked of us and what lies between us: C-07, C-11, C-21."""

from bot.gate.facts import Context
from bot.gate.optout import reads_as_opt_out
from bot.gate.rule import Question, allow, deny, hold_self, missing, note, silent
from bot.model import Lane, RuleResult
from bot.model.ladder import Bar


def author_wants_answers(question: Question) -> RuleResult:
    """C-07: nobody asked us to stop. A later post may be answered once if a person decided so."""
    context, status = question.context, question.fresh_status
    here = "no" if question.snapshot.text is None else reads_as_opt_out(question.snapshot.text, question.ruleset)
    if here == "yes" or (_stopped(context) and not _answer_once(question)):
        return deny("C-07", "opted out", here=here == "yes", listed=bool(context.suppressed))
    if status is not None and status.author_opted_out:
        return deny("C-07", "nobot")
    if context.suppressed is None or context.stop_phrase_in_thread is None:
        return missing("C-07", "suppression")
    if status is None or status.author_opted_out is None:
        return silent("C-07")
    if "ask" in {here, context.stop_phrase_in_thread}:
        return hold_self("C-07", "unclear", here=here == "ask")
    return note("C-07", "answer once") if _stopped(context) else allow("C-07")


def _stopped(context: Context) -> bool:
    return bool(context.suppressed) or context.stop_phrase_in_thread == "yes"


def _answer_once(question: Question) -> bool:
    chosen = question.context.answer_once_for
    return chosen is not None and chosen == question.snapshot.canonical_key


def not_too_often(question: Question) -> RuleResult:
    """C-11: we do not write on and on to someone who does not answer."""
    limits, context = question.ruleset.limits, question.context
    if question.draft.apology:
        return allow("C-11", "apology")
    unanswered, week = context.unanswered_replies, context.replies_7d
    if unanswered is None or week is None:
        return missing("C-11", "counts")
    if unanswered >= limits.unanswered_replies:
        return hold_self("C-11", "unanswered", unanswered=unanswered, week=week)
    if week >= limits.replies_in_7_days:
        return hold_self("C-11", "often", unanswered=unanswered, week=week)
    return allow("C-11", unanswered=unanswered, week=week)


def case_is_not_closed(question: Question) -> RuleResult:
    """C-21: no last warning spoken, no open threat. A crisis is answered all the same, its only exception.

    A false helper is never answered (E-13). A warning also waits for its turn on the ladder (E-10), and nobody in need
    is warned.
    """
    context, lanes = question.context, question.snapshot.lanes
    if lanes is None or context.open_threat_case is None or context.ladder_terminal is None:
        return missing("C-21", "ladder")
    if context.false_helper:
        return deny("C-21", "false helper")
    if question.draft.ladder_step:
        return _warning(context)
    if not (context.open_threat_case or context.ladder_terminal):
        return allow("C-21")
    if Lane.CRISIS in lanes and Lane.THREAT not in lanes:
        return note("C-21", "crisis first")
    return deny("C-21", "open threat" if context.open_threat_case else "ladder ended")


def _warning(context: Context) -> RuleResult:
    """The same for a draft that warns: nothing is an exception, and nothing may stand against the step."""
    bars = context.warning_bars
    if bars is None:
        return missing("C-21", "ladder")
    if context.open_threat_case:
        return deny("C-21", "open threat")
    if context.ladder_terminal:
        return deny("C-21", "ladder ended")
    if Bar.CRISIS in bars:
        return deny("C-21", "open crisis")
    if Bar.STORM in bars:
        return deny("C-21", "storm")
    return deny("C-21", "out of turn") if bars else allow("C-21")
