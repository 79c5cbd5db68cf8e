"""Incidents that people open by hand: which posts concern one, which ask for more, how one answer is shared out. Pure.

An incident covers a time, words in the language of watches, a topic, and places. A case that concerns it and asks for
nothing more may stand in one row with the others. What asks for more always stands for itself.
"""

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest
from typing import TypeVar

from bot.config.models import TermRow, TriageRules, WatchModel
from bot.errors import EarshotError
from bot.model import Lane
from bot.triage import topics_named
from bot.watch.compile import Matcher
from bot.watch.terms import TermError, parse_term

MOST_TERMS = 40
"""More words than this describe no single incident."""
LONGEST_TERM = 80
NOT = "~"
"""A word that begins with this keeps posts out, as in watches."""
HOUR_MS = 3_600_000
_URGENT = ("urgent_word", "legal ", "not assessed")
"""Codes of triage (beginnings) after which a case is never one of many."""

K = TypeVar("K", bound=Hashable)


class Kind(StrEnum):
    """What an incident is. In a storm nobody is warned, and nothing is prepared."""

    OUTAGE = "outage"
    MAINTENANCE = "maintenance"
    LAUNCH = "launch"
    STORM = "storm"


_FOLDING: Mapping[Kind, frozenset[Lane]] = {
    Kind.OUTAGE: frozenset({Lane.HELP, Lane.COMPLAINT, Lane.LISTEN}),
    Kind.MAINTENANCE: frozenset({Lane.HELP, Lane.COMPLAINT, Lane.LISTEN}),
    Kind.LAUNCH: frozenset({Lane.HELP, Lane.COMPLAINT, Lane.PRAISE, Lane.LISTEN}),
    # Whoever asks for help in the middle of a storm must be seen.
    Kind.STORM: frozenset({Lane.COMPLAINT, Lane.LISTEN}),
}


class IncidentRefused(EarshotError):
    """What was written describes no incident. ``code`` says what is missing, ``term`` where; the desk words both."""

    def __init__(self, code: str, term: str = "") -> None:
        super().__init__(f"This describes no incident: {code}")
        self.code, self.term = code, term


@dataclass(frozen=True, slots=True)
class Scope:
    """What an incident covers. ``words`` and ``places`` are terms as watches write them; times in UTC milliseconds."""

    kind: Kind
    words: tuple[str, ...]
    topic: str
    places: tuple[str, ...]
    valid_from: int
    valid_until: int | None = None

    def covers(self, at: int) -> bool:
        """Whether a time lies within the incident's own."""
        return self.valid_from <= at and (self.valid_until is None or at <= self.valid_until)


@dataclass(frozen=True, slots=True)
class Post:
    """One post of a case: its own words, when it was written, and whether personal data were found in it."""

    text: str
    created_at: int
    personal: bool = False


@dataclass(frozen=True, slots=True)
class Fit:
    """How a case stands to an incident. ``more`` are codes of what it asks for besides, empty if nothing."""

    concerns: bool
    more: tuple[str, ...] = ()

    @property
    def folds(self) -> bool:
        """Whether it is one of many."""
        return self.concerns and not self.more


def folding_lanes(kind: Kind) -> frozenset[Lane]:
    """The lanes whose cases an incident folds. Threats, crises, abuse and scams are in none of them."""
    return _FOLDING[kind]


def terms(written: str) -> tuple[str, ...]:
    """The terms of a text with one a line, or divided by commas.

    Raises:
        IncidentRefused: one of them means nothing, or they are too many; names the term and the remedy.
    """
    parts = (part.strip() for line in written.splitlines() for part in line.split(","))
    found = tuple(dict.fromkeys(filter(None, parts)))
    if len(found) > MOST_TERMS:
        raise IncidentRefused("too_many", str(MOST_TERMS))
    for term in found:
        if len(term) > LONGEST_TERM:
            raise IncidentRefused("too_long", f"{term[:LONGEST_TERM]}…")
        try:
            parse_term(term.removeprefix(NOT).strip())
        except TermError as error:
            raise IncidentRefused("term", term) from error
    return found


class Lens:
    """One incident compiled: what it makes of cases. Immutable, may be shared by threads."""

    def __init__(self, scope: Scope, rules: TriageRules) -> None:
        self._scope, self._rules = scope, rules
        named = [term for term in scope.words if not term.startswith(NOT)]
        watches = {"words": named, "not": [term[1:].strip() for term in scope.words if term.startswith(NOT)]}
        watches["place"] = list(scope.places)
        self._matcher = Matcher([_watch(name, lines) for name, lines in watches.items() if lines], "incident")

    def read(self, posts: Sequence[Post], *, topic: str, reason: str) -> Fit:
        """How a case stands to the incident.

        ``posts`` are the author's, first the one that a reply would answer; ``topic`` and ``reason`` are what triage
        said of the case.
        """
        scope = self._scope
        if not posts or not scope.covers(posts[0].created_at) or not self._hits(posts[0].text, topic):
            return Fit(concerns=False)
        within = [post for post in posts if scope.covers(post.created_at)]
        more = {"urgent"} if any(code.startswith(_URGENT) for code in reason.split("; ")) else set()
        if any(post.personal for post in within):
            more.add("personal_data")
        if scope.topic:
            named = frozenset[str]().union(*(topics_named(post.text, self._rules) for post in within))
            if (named | {topic}) - {scope.topic, ""}:
                more.add("other_topic")
        return Fit(concerns=True, more=tuple(sorted(more)))

    def _hits(self, text: str, topic: str) -> bool:
        heard = {match.watch for match in self._matcher.match(text)}
        named = "words" in heard or bool(self._scope.topic and topic == self._scope.topic)
        return named and "not" not in heard and (not self._scope.places or "place" in heard)


def _watch(name: str, lines: Sequence[str]) -> WatchModel:
    return WatchModel(watch=name, any=tuple(TermRow(text=text, file=name, line=1) for text in lines))


def share_out(posts: Sequence[tuple[K, str]], wordings: int, taken: Mapping[int, str]) -> dict[K, int]:
    """Which wording each post gets, in turn. ``posts`` are pairs of a post and the account that answers it.

    One text never leaves from two accounts (C-15): each wording belongs to one of them, those in ``taken`` (wording ->
    account) already do. A post whose account is left without a wording is missing from the answer.
    """
    accounts = sorted({account for _, account in posts})
    owned: defaultdict[str, list[int]] = defaultdict(list)
    for wording in range(wordings):
        owner = taken.get(wording)
        if owner is None and accounts:
            owner = min(accounts, key=lambda account: len(owned[account]))
        if owner is not None:
            owned[owner].append(wording)
    given: dict[K, int] = {}
    turns: defaultdict[str, int] = defaultdict(int)
    for post, account in posts:
        if owned[account]:
            given[post] = owned[account][turns[account] % len(owned[account])]
            turns[account] += 1
    return given


def in_turn(posts: Sequence[tuple[K, str]]) -> list[K]:
    """The posts in the order in which they are answered: the accounts take turns, each in its own order."""
    by_account: defaultdict[str, list[K]] = defaultdict(list)
    for post, account in posts:
        by_account[account].append(post)
    rounds = zip_longest(*(by_account[account] for account in sorted(by_account)))
    return [post for each in rounds for post in each if post is not None]


def due_times(count: int, begin: int, per_hour: int) -> list[int]:
    """When each of ``count`` replies may leave, ``per_hour`` of them evenly from ``begin`` on; UTC milliseconds."""
    return [begin + turn * HOUR_MS // per_hour for turn in range(count)]
