"""Rows -> what the gate is told about everything beyond the case: account, notice, allowance, place, other replies."""

import re
from typing import TypedDict

from bot.config.papers import lacking
from bot.gate.facts import Budget, Notice, Presence, Sent, Standing
from bot.gate.rules.origin import identifiers_in
from bot.model import Platform
from bot.review.house import House
from bot.review.rows import Rows
from bot.store import batches, cases, dispatches, drafts, sources, standing
from bot.store.db import Reader, Row

DAY_MS = 86_400_000
_MINUTE_MS = 60_000
_SUBREDDIT = re.compile(r"/r/([A-Za-z0-9_]+)/")
_PAPERS = frozenset({"C-27", "C-28"})
"""Rules about what the public is told. Without papers only samples and sandboxes run: there is no public to tell."""
_WRITING = frozenset({"", "write", "post"})
"""The allowances that a reply spends, as the doors call them."""


class Surroundings(TypedDict):
    """Fields of ``Context`` that no row of the case tells."""

    not_offered: frozenset[str]
    attested: frozenset[str]
    recent_replies: tuple[Sent, ...]
    burst_released: bool
    permissions: frozenset[str]
    presence: Presence | None
    notice: Notice | None
    budget: Budget
    community: Standing
    reply_languages: tuple[str, ...] | None
    customer_numbers: tuple[str, ...]
    identifiers: tuple[str, ...]


def surroundings(reader: Reader, house: House, rows: Rows, now: int) -> Surroundings:
    """Everything around the case at ``now``."""
    mention, draft, brand = rows.mention, rows.draft, house.brand
    platform = Platform(mention["platform"])
    window = now - house.ruleset.limits.burst_minutes * _MINUTE_MS
    given = house.config.platforms.permissions
    return Surroundings(
        not_offered=not_offered(house, platform),
        attested=standing.attested(reader, platform, mention["account"], now),
        recent_replies=tuple(
            Sent(row["text"], row["account"], row["updated_at"], row["template"])
            for row in dispatches.recent(reader, now - DAY_MS, except_draft=draft["id"])
        ),
        # Who approves a batch is asked about the burst by that: once, for all of it (C-15).
        burst_released=bool(draft["template"])
        and (batches.of_draft(reader, draft["id"]) or drafts.burst_released(reader, draft["template"], window)),
        permissions=frozenset(name for name in type(given).model_fields if getattr(given, name)),
        presence=None if lacking(brand.legal) else _presence(sources.by_name(reader, mention["source"]), platform, now),
        notice=_notice(reader, house, now),
        budget=_budget(reader, mention, now),
        community=_community(reader, house, mention),
        reply_languages=_reply_languages(house, rows.case["language"]),
        customer_numbers=brand.personal_data.customer_numbers,
        identifiers=_identifiers(reader, house, rows.case["id"]),
    )


def _identifiers(reader: Reader, house: House, case_id: int) -> tuple[str, ...]:
    """What people wrote about the author into the case: reasons of releases, of sending back, of taking back."""
    notes = " ; ".join(event["note"] for event in cases.events(reader, case_id) if event["user_id"] is not None)
    return tuple(sorted(identifiers_in(notes, house.brand.personal_data.customer_numbers)))


def not_offered(house: House, platform: Platform) -> frozenset[str]:
    """Ids of the rules that ask for nothing on a platform, as the brand stands."""
    return platform.not_offered | (_PAPERS if lacking(house.brand.legal) else frozenset())


def _presence(source: Row | None, platform: Platform, now: int) -> Presence | None:
    if source is None or source["identity_at"] is None:
        return None
    return Presence(
        age_ms=max(0, now - source["identity_at"]),
        labelled=None if source["is_bot"] is None else bool(source["is_bot"]),
        bio=None if source["bio_ok"] is None else bool(source["bio_ok"]),
        trouble=source["identity_trouble"],
        label_required=platform.labels_bots,
    )


def _notice(reader: Reader, house: House, now: int) -> Notice | None:
    named = house.brand.legal.privacy_notice
    row = standing.notice(reader, named.url) if named else None
    if row is None:
        return None
    current = None if row["current"] is None else bool(row["current"])
    return Notice(max(0, now - row["checked_at"]), row["http_status"], current)


def _budget(reader: Reader, mention: Row, now: int) -> Budget:
    """What is left of the allowances that a reply from this account spends, in their present windows."""
    left, wait = 1000, 0
    for row in sources.budgets(reader, mention["platform"]):
        _place, account, kind = _bucket(row["bucket"])
        if account not in {"", mention["account"]} or kind not in _WRITING or row["reset_at"] <= now:
            continue
        left = min(left, 1000 * row["remaining"] // max(row["most"], 1))
        if row["remaining"] <= 0:
            wait = max(wait, row["reset_at"] - now)
    return Budget(left, wait)


def _bucket(name: str) -> tuple[str, str, str]:
    """Server, account and kind of an allowance, as the doors name it; account and kind may be ""."""
    _platform, place, account, kind = (*name.split(":"), "", "")[:4]
    return place, account, kind


def place_of(mention: Row) -> str:
    """The community that a post stands in, as its members call it: the subreddit on Reddit, else the server."""
    found = _SUBREDDIT.search(mention["url"]) if mention["platform"] == Platform.REDDIT else None
    return found[1].casefold() if found else str(mention["surface"])


def _community(reader: Reader, house: House, mention: Row) -> Standing:
    """Stopped by us; barred where communities must have let us write and this one is not named; else permitted."""
    place = place_of(mention)
    if standing.place_stopped(reader, mention["platform"], place):
        return "stopped"
    source = next((source for source in house.config.platforms.sources if source.name == mention["source"]), None)
    named = getattr(source, "permitted", None)
    if place in house.ruleset.disclosure.never_in:
        return "barred"
    return "permitted" if named is None or place in {name.casefold() for name in named} else "barred"


def _reply_languages(house: House, language: str) -> tuple[str, ...] | None:
    """The languages in which a post of this language may be answered; None when nobody knows its language."""
    if language in {"", "undetermined", "other"}:
        return None
    brand = house.brand
    return brand.reply_languages.get(language) or ((language,) if language in brand.languages else ())
