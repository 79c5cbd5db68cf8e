"""The page of rules: what each does, where it is asked, and how often it spoke. Reads only; counts no person."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.desk import words
from bot.desk.i18n import _, ngettext
from bot.desk.state import house, now, store
from bot.gate.texts import RuleText, rule_texts, threshold
from bot.model import Outcome, Platform
from bot.review.attest import ATTESTABLE
from bot.review.surroundings import not_offered
from bot.store import standing
from bot.store.db import Row

ANSWERING = tuple(platform for platform in Platform if platform.answers)
"""The platforms on which we can reply at all, in the order of the table."""


@dataclass(frozen=True, slots=True)
class Vouched:
    """One attestation in force."""

    id: int
    rule: str
    where: str
    by: str
    at: int
    until: int
    statement: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A place that an attestation can be about: ``value`` is "platform account", an empty account means all."""

    value: str
    words: str


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule on the page. ``absent`` are platforms where it asks for nothing; ``choices`` where one can vouch."""

    id: str
    title: str
    does: str
    limits: tuple[str, ...]
    missing: str
    checked: tuple[str, ...]
    everywhere: bool
    absent: tuple[str, ...]
    vouched: tuple[Vouched, ...]
    fired: tuple[str, ...]
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class Rest:
    """A place where nothing leaves any more, since when and why (C-34)."""

    id: int
    platform: str
    surface: str
    at: int
    cause: str


def lines() -> list[RuleLine]:
    """Every rule in the table's order, and the one after sending."""
    given = [_vouched(row) for row in standing.attestations(store(), now())]
    counts: dict[str, dict[str, int]] = {}
    for row in standing.firings(store()):
        counts.setdefault(row["rule"], {})[row["outcome"]] = row["n"]
    return [_line(text, given, counts.get(text.id, {})) for text in rule_texts()]


def rests() -> list[Rest]:
    """The stops in force, oldest first."""
    return [
        Rest(row["id"], words.platform(row["platform"]), row["surface"], row["at"], _cause(row["cause"]))
        for row in standing.place_stops(store())
    ]


def _cause(code: str) -> str:
    known = {
        "differs": _("what stands there is not what was approved"),
        "removed": _("our reply was taken away there"),
    }
    return known.get(code, code)


def _line(text: RuleText, given: Iterable[Vouched], counts: Mapping[str, int]) -> RuleLine:
    language = words.language_code()
    place = 0 if language == "de" else 1
    absent = [platform for platform in ANSWERING if text.id in not_offered(house(), platform)]
    return RuleLine(
        id=text.id,
        title=text.title[place],
        does=text.does[place],
        limits=tuple(threshold(name, house().ruleset.limits, language) for name in text.limits),
        missing=_missing(text),
        checked=tuple(words.platform(platform) for platform in ANSWERING if platform not in absent),
        everywhere=not absent,
        absent=tuple(words.platform(platform) for platform in absent),
        vouched=tuple(one for one in given if one.rule == text.id),
        fired=tuple(_fired(counts)),
        choices=tuple(_choices(text.id)) if text.id in ATTESTABLE else (),
    )


def _missing(text: RuleText) -> str:
    return {
        "denies": _("a fact missing: waits, and denies before it leaves"),
        "waits": _("a fact missing: waits"),
        "passes": "",
    }[text.missing]


def _fired(counts: Mapping[str, int]) -> Iterable[str]:
    denied, waited = counts.get(Outcome.DENY, 0), counts.get(Outcome.WAIT, 0)
    held = counts.get(Outcome.HOLD_SELF, 0) + counts.get(Outcome.HOLD_SECOND, 0)
    noted, stopped = counts.get(Outcome.NOTE, 0), counts.get(standing.STOPPED, 0)
    told = (
        (held, ngettext("%(num)s held", "%(num)s held", held)),
        (denied, ngettext("%(num)s denied", "%(num)s denied", denied)),
        (noted, ngettext("%(num)s noted", "%(num)s noted", noted)),
        (waited, ngettext("%(num)s waited", "%(num)s waited", waited)),
        (stopped, ngettext("%(num)s stopped", "%(num)s stopped", stopped)),
    )
    return (sentence for number, sentence in told if number)


def _choices(rule: str) -> Iterable[Choice]:
    for platform, accounts in house().brand.accounts.items():
        if platform.answers and rule not in not_offered(house(), platform):
            name = words.platform(platform)
            yield Choice(f"{platform.value} ", _("%(platform)s, all accounts", platform=name))
            for account in accounts:
                yield Choice(f"{platform.value} {account.handle}", f"{name}, @{account.handle}")


def _vouched(row: Row) -> Vouched:
    account = f", @{row['account']}" if row["account"] else ""
    where = f"{words.platform(row['platform'])}{account}"
    return Vouched(row["id"], row["rule"], where, row["name"], row["at"], row["until"], row["statement"])
