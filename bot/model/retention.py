"""How long what is kept, and how often a platform is asked whether a post still stands. The one table of these numbers.

Consent rules, P-10 and P-13 as changed in section 0. Times in milliseconds. Standard library only.
"""

from dataclasses import dataclass

from bot.model.platforms import Platform

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS

ALARM_MS = HOUR_MS
"""A platform that has told us nothing for so long is an alarm."""

SEALED_MS = 20 * HOUR_MS
"""A post that its platform did not confirm for so long, while we ran, is sealed: unreadable until it is looked at."""

OWN_DOWNTIME_MS = 12 * HOUR_MS
"""After so long without a worker nothing is shown or sent before it is looked at again. Nothing is erased for it."""

BRIEF_MS = 15 * 60_000
"""A worker that gave no sign of life for less than this counts as running."""

SUPPRESSION_REVIEW_MS = 3 * 365 * DAY_MS
"""An opt-out is looked at by a person after three years (section 4 of the rules)."""

OPT_IN_DAYS = 365
"""An author's express agreement to be matched with what we know from elsewhere counts so long (C-25; our choice)."""

LONGEST_HOLD_DAYS = 183
"""A legal hold is reviewed within six months (P-13)."""

NAMING_MS = 365 * DAY_MS
"""Who asked to open a pseudonym of the ledger, and for what, is kept as long as the keys (section 4: 12 months)."""

UNAPPROVED_HOLD_MS = 3 * DAY_MS
"""A legal hold that waits for its second person keeps a case from being erased so long, and not longer."""

JOURNAL_MS = 92 * DAY_MS
"""The journal beside the checkpoints reaches back so far at least, and no backup older than that can be restored."""

ERASED_POSTS_MS = 365 * DAY_MS
"""A post that a person had erased is not taken in again for so long; no feed reaches further back."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """One platform's numbers.

    ``look_ms``: a stored post is looked at again at least this often. ``lost_ms``: a post that its platform did not
    confirm for so long, while we ran, loses its words; the same time closes a deletion that we learnt of.
    """

    look_ms: int
    lost_ms: int


_USUAL = Keeping(12 * HOUR_MS, 7 * DAY_MS)
_OWN = {
    # Reddit's Data API Wiki wants deleted content gone within 48 hours (source R3).
    Platform.REDDIT: Keeping(12 * HOUR_MS, 48 * HOUR_MS),
    # Each look is billed; X asks for 24 hours end to end (sources X4, X5), and a healthy X never seals anything.
    Platform.X: Keeping(20 * HOUR_MS, 72 * HOUR_MS),
}


def keeping(platform: Platform) -> Keeping:
    """The numbers of a platform."""
    return _OWN.get(platform, _USUAL)
