"""The answer to "Why did you write to me?": from a ledger entry to a letter in plain German and English.

It says what the entries and the configuration say, names no other person and no approver, and holds no word of the
post. The sentences stand in ``why.toml`` beside this file.
"""

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date

from bot.model import EntryKind, Origin, Outcome, Platform, Trigger
from bot.review.house import House
from bot.store import log, replies
from bot.store.db import Reader, Row

LONGEST = 1_500
"""Characters of a letter. What does not fit is left out, the list of rule numbers first."""

PAGES = ("about-this-account", "verify")
"""The public pages: names of the desk's addresses, and with ".de.html" or ".en.html" of the files for a website."""

_LEFT = frozenset({Outcome.ALLOW, Outcome.NOTE})
_LOCALES = {"de": "de_DE", "en": "en_GB"}
_LONGEST_NAME = 120
_WORDS = {"de": ("stopp", "abmelden", "schreibt mir nicht"), "en": ("stop", "unsubscribe", "opt out")}
"""Opt-out words that a letter names, if the ruleset knows them. The public page names all."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a letter rests on. ``wrote`` is None once the post is erased, ``account`` then "". Times in UTC ms."""

    seq: int
    platform: Platform
    account: str
    answered: int
    wrote: int | None
    triggers: tuple[Trigger, ...]
    formal: bool
    approvals: int
    origin: Origin
    rules: tuple[str, ...]
    released: int


def facts_of(reader: Reader, house: House, seq: int) -> Facts | None:
    """What entry ``seq`` tells of a reply that left; None if it tells of none.

    It is the result of a send, or the decision of the last look that allowed it.
    """
    body = _body(log.entry(reader, seq))
    draft = body.get("draft")
    if not isinstance(draft, int) or not _tells_of_a_reply(body):
        return None
    decided = replies.decision_before(reader, draft, seq)
    if decided is None:
        return None
    post, others = replies.answered_post(reader, draft), decided["others"]
    asked = [one["rule"] for one in others] if isinstance(others, list) else []
    address = (post["address"] if post else "") or house.brand.address
    approvals = decided["approvals"]
    return Facts(
        seq=seq,
        platform=Platform(str(decided["platform"])),
        account=post["account"] if post else "",
        answered=body["at"],
        wrote=post["created_at"] if post else None,
        triggers=tuple(Trigger(name) for name in str(decided["triggers"]).split()),
        formal=(house.brand.address if address == "any" else address) == "sie",
        approvals=len(approvals) if isinstance(approvals, list) else 0,
        origin=Origin(str(decided["origin"])),
        rules=tuple(sorted([*str(decided["passed"]).split(), *asked])),
        released=sum(bool(one["released"]) for one in others) if isinstance(others, list) else 0,
    )


def _body(row: Row | None) -> dict[str, Any]:
    try:
        found = json.loads(row["body"]) if row else {}
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _tells_of_a_reply(body: Mapping[str, Any]) -> bool:
    if body.get("type") == EntryKind.SEND_RESULT:
        return body.get("result") == "sent"
    return (
        body.get("type") == EntryKind.DECISION and body.get("phase") == "dispatch" and body.get("outcome") in set(_LEFT)
    )


def letter(facts: Facts, house: House, language: str, *, kept_days: int) -> str:
    """The letter in German for "de" and in English otherwise, at most ``LONGEST`` characters; no line is cut.

    ``kept_days`` is how long an answered post keeps its words.
    """
    say = _Say("de" if language == "de" else "en")
    parts = {
        "opening": _opening(facts, house, say),
        "people": _people(facts, say),
        "rules": _rules(facts, say),
        "ids": say("ids", ids=", ".join(facts.rules)),
        "keeps": say("keeps", days=kept_days),
        "stop": say("stop", words=_opt_out_words(house, say)),
        "addresses": _addresses(house, say),
        "entry": say("entry", seq=facts.seq),
    }
    for spare in ("", "ids", "addresses"):
        parts.pop(spare, None)
        whole = "\n\n".join(part for part in parts.values() if part)
        if len(whole) <= LONGEST:
            break
    return whole


class _Say:
    """Sentences of ``why.toml`` in one language, "de" or "en"."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, part: str, **values: object) -> str:
        return self.plain(_sentences()[part]).format(**values)

    def trigger(self, trigger: Trigger) -> str:
        """What made us answer."""
        return self.plain(_sentences()["triggers"][trigger])

    def plain(self, pair: Sequence[str]) -> str:
        """One of a pair of German and English."""
        return pair[0 if self.language == "de" else 1]


@cache
def _sentences() -> dict[str, Any]:
    return tomllib.loads(resources.files("bot.review").joinpath("why.toml").read_text("utf-8"))


def _opening(facts: Facts, house: House, say: _Say) -> str:
    operator = house.brand.legal.operator.strip()[:_LONGEST_NAME]
    return say(
        "opening_undated" if facts.wrote is None else "opening",
        answered=_day(facts.answered, house, say),
        wrote="" if facts.wrote is None else _day(facts.wrote, house, say),
        platform=facts.platform.label,
        account=say("account", handle=facts.account) if facts.account else "",
        operator=say("operator", name=operator) if operator else "",
        you="Ihnen" if facts.formal else "dir",
        triggers=say.plain((" und ", " and ")).join(map(say.trigger, facts.triggers)),
    )


def _day(at: int, house: House, say: _Say) -> str:
    there = datetime.fromtimestamp(at / 1000, UTC).astimezone(ZoneInfo(house.brand.timezone))
    return str(format_date(there, "long", locale=_LOCALES[say.language]))


def _people(facts: Facts, say: _Say) -> str:
    told = say("two_people" if facts.approvals > 1 else "one_person")
    begun = {Origin.TEMPLATE: "template", Origin.MODEL: "model"}.get(facts.origin)
    return f"{told} {say(begun)}" if begun else told


def _rules(facts: Facts, say: _Say) -> str:
    told = say("rules", count=len(facts.rules))
    return f"{told} {say('released', count=facts.released)}" if facts.released else told


def _opt_out_words(house: House, say: _Say) -> str:
    """Some of the ruleset's own words; ones that it does not know would stop nothing."""
    known = house.ruleset.opt_out.alone
    words = [word for word in _WORDS[say.language] if word in known] or known[:1]
    quoted = [say.plain(("„{}“", "“{}”")).format(word) for word in words]
    return say.plain((" oder ", " or ")).join(filter(None, [", ".join(quoted[:-1]), *quoted[-1:]]))


def _addresses(house: House, say: _Say) -> str:
    legal, lines = house.brand.legal, []
    if legal.privacy_notice:
        lines.append(say("notice", url=legal.privacy_notice.url))
    if legal.public_pages:
        about, verify = (f"{legal.public_pages}{name}.{say.language}.html" for name in PAGES)
        lines.append(say("pages", about=about, verify=verify))
    return "\n".join(lines)
