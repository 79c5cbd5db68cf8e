"""The platforms, one row each: the one table that a new connector adds a line to. Standard library only.

Reader and writer of a platform stand in ``bot/connectors/<name>.py`` and, where they are large, its
``<name>_publisher.py``; ``bot.registry`` finds them by the name.
"""

from enum import StrEnum
from typing import Self

_ALL_ANSWERED: frozenset[str] = frozenset()
_KEEPS_DAYS = {"reddit": 2, "x": 7}
"""Reddit asks for what was deleted to go within 48 hours; on X every look whether a post still stands is billed."""

_LABELS_BOTS = frozenset({"bluesky", "mastodon", "x"})


class Platform(StrEnum):
    """Where a post lives. The value is the name used in config, rows and ledger.

    Attributes:
        label: the platform's own name, as people write it.
        longest: most units of a reply, counted as the platform counts; 0 where we only listen.
        not_offered: ids of gate rules whose question the platform cannot answer.
        extra: what must be installed besides, as in ``earshot[extra]``.
        keeps_days: most days that an unanswered post is kept; 90 is the house's own limit.
        labels_bots: accounts that answer by software carry a label here (rules C-27, D-01).
    """

    label: str
    longest: int
    not_offered: frozenset[str]
    extra: str
    keeps_days: int
    labels_bots: bool

    def __new__(
        cls, value: str, label: str = "", longest: int = 0, not_offered: frozenset[str] = _ALL_ANSWERED, extra: str = ""
    ) -> Self:
        """One row of the table."""
        self = str.__new__(cls, value)
        self._value_ = value
        self.label, self.longest, self.not_offered, self.extra = label, longest, not_offered, extra
        self.keeps_days = _KEEPS_DAYS.get(value, 90)
        self.labels_bots = value in _LABELS_BOTS
        return self

    # A file has no rule of its own about replies, no blocks, no profile of ours with label and notice, no house rules.
    REPLAY = "replay", "Replay", 500, frozenset({"C-05", "C-08", "C-27", "C-28", "C-30"})
    # No summons is asked for and no reply controls exist; many servers do not say who blocks us. Where one does,
    # the rule holds all the same.
    MASTODON = "mastodon", "Mastodon", 500, frozenset({"C-05", "C-08", "C-09"})
    # Nobody learns who blocks an account or which account is a machine's. Locked and archived threads are told (C-09).
    REDDIT = "reddit", "Reddit", 10_000, frozenset({"C-05", "C-08", "C-18", "C-27"}), "reddit"
    # Whether an author blocks us shows only as a refusal; the bot label is not part of the API.
    X = "x", "X", 280, frozenset({"C-08", "C-18", "C-27"}), "x"
    BLUESKY = "bluesky", "Bluesky", 300, _ALL_ANSWERED, "bluesky"
    DISCOURSE = "discourse", "Discourse", 32_000, frozenset({"C-05", "C-08"})
    LEMMY = "lemmy", "Lemmy", 10_000, frozenset({"C-05", "C-08"})
    HACKERNEWS = "hackernews", "Hacker News"
    FEED = "feed", "RSS/Atom", 0, _ALL_ANSWERED, "feeds"
    # Nor has a file from elsewhere. Only a source that names a timeline is answered.
    ARCHIVE = "archive", "Archive", 500, frozenset({"C-05", "C-08", "C-27", "C-28", "C-30"})
    JETSTREAM = "jetstream", "Jetstream", 0, _ALL_ANSWERED, "bluesky"

    @property
    def answers(self) -> bool:
        """Whether a public reply can be written here."""
        return self.longest > 0
