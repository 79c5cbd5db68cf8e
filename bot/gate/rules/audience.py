"""Who would read the reply, and whether this post invited one: C-01 to C-05, C-08, C-09, C-18."""

from bot.gate.rule import Question, allow, deny, missing, note, silent
from bot.model import READABLE_BY_ALL, RuleResult, Trigger, Visibility

PUBLIC_REPLY = "public_reply"
_GONE = frozenset({401, 403, 404, 410})
_SERVER_ERRORS_FROM = 500


def public_reply_only(question: Question) -> RuleResult:
    """C-01: the only act is a public reply to the post that the draft is bound to."""
    draft, snapshot = question.draft, question.snapshot
    if draft.act is not None and draft.act != PUBLIC_REPLY:
        return deny("C-01", "other act")
    if draft.visibility is not None and draft.visibility not in READABLE_BY_ALL:
        return deny("C-01", "private reply")
    if None in (draft.act, draft.visibility, draft.target_key, snapshot.canonical_key, snapshot.platform):
        return missing("C-01", "act")
    if draft.target_key != snapshot.canonical_key:
        return deny("C-01", "other post")
    return allow("C-01")


def post_is_public(question: Question) -> RuleResult:
    """C-02: everyone can read the post now."""
    status = question.fresh_status
    if status is None:
        return missing("C-02", "status")
    if status.exists is False or status.http_status in _GONE:
        return deny("C-02", "gone", http=status.http_status)
    if status.visibility in {Visibility.FOLLOWERS, Visibility.DIRECT}:
        return deny("C-02", "not public", visibility=status.visibility.value)
    answered = status.http_status is None or status.http_status < _SERVER_ERRORS_FROM
    if status.exists is None or status.visibility is Visibility.UNKNOWN or not answered:
        return missing("C-02", "visibility")
    if status.visibility is Visibility.UNLISTED and not question.snapshot.unlisted_allowed:
        return deny("C-02", "unlisted")
    return allow("C-02", visibility=status.visibility.value)


def surface_is_ours_to_answer(question: Question) -> RuleResult:
    """C-03: this kind of place is on the list of those where we answer."""
    allowed = question.snapshot.surface_allowed
    if allowed is None:
        return missing("C-03", "surface")
    return allow("C-03") if allowed else deny("C-03", "limited audience")


def addressed_to_us(question: Question) -> RuleResult:
    """C-04: the author addressed us; a keyword alone never counts."""
    triggers = question.snapshot.triggers
    if triggers is None:
        return missing("C-04", "trigger")
    real = [trigger.value for trigger in Trigger if trigger in triggers and trigger is not Trigger.NONE]
    return allow("C-04", trigger=" ".join(real)) if real else deny("C-04", "only heard")


def platform_lets_us(question: Question) -> RuleResult:
    """C-05: the platform's own precondition for a reply holds, or the conversation is one that we opened."""
    status = question.fresh_status
    if status is None or status.summoned is None:
        return silent("C-05")
    if status.summoned:
        return allow("C-05")
    return note("C-05", "own thread") if status.own_thread else deny("C-05", "not summoned")


def author_is_reachable(question: Question) -> RuleResult:
    """C-08: the author does not block us, and the account is active."""
    status = question.fresh_status
    if status is None:
        return silent("C-08")
    if status.author_blocks_us:
        return deny("C-08", "blocks us")
    if status.author_active is False:
        return deny("C-08", "inactive")
    if status.author_blocks_us is None or status.author_active is None:
        return silent("C-08")
    return allow("C-08")


def replies_are_open(question: Question) -> RuleResult:
    """C-09: the author's reply controls let us in."""
    status = question.fresh_status
    if status is None or status.replies_open is None:
        return silent("C-09")
    return allow("C-09") if status.replies_open else deny("C-09", "closed")


def author_is_a_person(question: Question) -> RuleResult:
    """C-18: the author is neither a bot nor one of our own accounts."""
    snapshot, status = question.snapshot, question.fresh_status
    if snapshot.own_accounts is None or snapshot.author_id is None or snapshot.author_handle is None:
        return missing("C-18", "author")
    if {snapshot.author_id, snapshot.author_handle.lower()} & snapshot.own_accounts:
        return deny("C-18", "own account")
    if status is None or status.author_is_bot is None:
        return silent("C-18")
    return deny("C-18", "bot") if status.author_is_bot else allow("C-18")
