"""The nouns of the house, and which moves a case may make. Standard library only, no behaviour.

Times are integers: UTC milliseconds since 1970. Scores are integers per mille. Platform ids are
text, because some are larger than 2^53. Spans are half-open ``(start, end)`` offsets in code points
of the text as it was stored.
"""

from bot.model.cases import (
    LANES_WORST_FIRST,
    MOVES,
    OWN_WORDS_LANES,
    SHIELDED_LANES,
    AlarmKind,
    CaseState,
    Finding,
    Gap,
    Lane,
    Match,
    Notice,
    Origin,
    Prepared,
    Priority,
    Role,
    Triage,
)
from bot.model.consents import Consent, Decision, DispatchState, EntryKind, Outcome, RuleResult
from bot.model.platforms import Platform
from bot.model.posts import (
    Author,
    Identity,
    Kind,
    Media,
    Mention,
    Page,
    PostStatus,
    Quoted,
    Receipt,
    Span,
    Target,
    Trigger,
    Visibility,
    is_new,
)

__all__ = [
    "LANES_WORST_FIRST",
    "MOVES",
    "OWN_WORDS_LANES",
    "SHIELDED_LANES",
    "AlarmKind",
    "Author",
    "CaseState",
    "Consent",
    "Decision",
    "DispatchState",
    "EntryKind",
    "Finding",
    "Gap",
    "Identity",
    "Kind",
    "Lane",
    "Match",
    "Media",
    "Mention",
    "Notice",
    "Origin",
    "Outcome",
    "Page",
    "Platform",
    "PostStatus",
    "Prepared",
    "Priority",
    "Quoted",
    "Receipt",
    "Role",
    "RuleResult",
    "Span",
    "Target",
    "Triage",
    "Trigger",
    "Visibility",
    "is_new",
]
