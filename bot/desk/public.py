"""The pages for everybody: how this account works, and how to check its record. Generated from what is in force.

They are served without sign-in, and written as plain files for the brand's own website. They count replies a month
and hide small numbers; nobody is named in them but who answers for the account.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date
from flask import Flask, render_template, url_for
from flask_babel import get_locale

from bot.desk import words
from bot.desk.i18n import _, ngettext
from bot.desk.state import desk, house, now, store
from bot.desk.thread import safe_url
from bot.gate.texts import rule_texts
from bot.ledger.proof import Checkpoint, Finding, Note, key_hash, read_note
from bot.model import Outcome, Platform
from bot.model.retention import DAY_MS, keeping
from bot.review.why import PAGES
from bot.store import house as house_rows
from bot.store import log, standing

LEAST = 5
"""A smaller number of replies is not told (D-08, P-09): it might point at somebody."""

MONTHS = 12
SHEETS = ("tokens.css", "public.css")
STYLE = "pages.css"
"""The stylesheet beside the written files."""

LANGUAGES = ("de", "en")


@dataclass(frozen=True, slots=True)
class Links:
    """Where a page's neighbours are: stylesheets, the two pages, and the same page in the other language."""

    sheets: tuple[str, ...]
    about: str
    verify: str
    other: str


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """One of the brand's accounts."""

    platform: str
    handle: str
    surface: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A class of data and how long it is kept."""

    what: str
    long: str


@dataclass(frozen=True, slots=True)
class Month:
    """Replies of one month; a number below ``LEAST`` is "<5"."""

    name: str
    sent: str
    held: str
    denied: str


def rendered(page: str, links: Links) -> str:
    """One of ``PAGES`` in the reader's language."""
    place = 0 if words.language_code() == "de" else 1
    rules, brand = house().ruleset, house().brand
    shared = {"links": links, "brand": brand, "ruleset": rules, "keys": _keys(), "day": words.day(now())}
    if page == "verify":
        return render_template("public_verify.html", checkpoint=_checkpoint(), **shared)
    return render_template(
        "public_about.html",
        imprint=safe_url(brand.legal.imprint),
        accounts=_accounts(),
        stop_words=rules.opt_out.alone,
        kept=_kept(),
        months=_months(),
        rules=[(text.title[place], text.does[place]) for text in rule_texts()],
        **shared,
    )


def links_here(page: str) -> Links:
    """The links of a page that the desk serves."""
    other = "en" if words.language_code() == "de" else "de"
    at = {name: url_for(f"public.{name}", language=words.language_code()) for name in ("about", "verify")}
    sheets = tuple(url_for("static", filename=sheet) for sheet in SHEETS)
    return Links(sheets, at["about"], at["verify"], url_for(f"public.{page}", language=other))


def files(app: Flask) -> dict[str, str]:
    """Both pages in both languages and their stylesheet: file name -> text."""
    found = {STYLE: "\n".join(_sheet(app, name) for name in SHEETS)}
    for language in LANGUAGES:
        other = "en" if language == "de" else "de"
        about, verify = (f"{name}.{language}.html" for name in PAGES)
        for name in PAGES:
            with app.test_request_context(f"/{name}?language={language}"):
                links = Links((STYLE,), about, verify, f"{name}.{other}.html")
                found[f"{name}.{language}.html"] = rendered("verify" if name == "verify" else "about", links)
    return found


def _sheet(app: Flask, name: str) -> str:
    with app.open_resource(f"static/{name}", "r", "utf-8") as file:
        return str(file.read())


def _keys() -> list[str]:
    """The public keys in hex, the one in force first."""
    return [key.hex() for key in reversed(desk().keys.known)]


def _checkpoint() -> str:
    """The newest checkpoint, or one of the right form as long as there is none."""
    health = house_rows.health(store())
    newest = [row["note"] for row in log.checkpoints(store(), above=health["checkpoint_size"] - 1)] if health else []
    try:
        return read_note(newest[-1] if newest else "").text
    except Finding:
        empty = Checkpoint(0, hashlib.sha256().digest())
        return Note(empty, key_hash(desk().keys.known[-1]), bytes(64)).text


def _accounts() -> list[OwnAccount]:
    return [
        OwnAccount(words.platform(platform), account.handle, account.surface)
        for platform, accounts in house().brand.accounts.items()
        for account in accounts
    ]


def _kept() -> list[Kept]:
    brand = house().brand
    days, answered = brand.retention_days, _days(brand.answered_days)
    here = [platform for platform in Platform if platform in brand.accounts]
    kept = {platform: brand.unanswered_days(platform) for platform in here}
    shorter = [f"{words.platform(platform)} {_days(few)}" for platform, few in kept.items() if few < days]
    gone = min((keeping(platform).lost_ms for platform in here), default=7 * DAY_MS)
    unanswered = _days(days) + (f" ({', '.join(shorter)})" if shorter else "")
    return [
        Kept(_("Posts that we do not answer"), unanswered),
        Kept(_("Posts that we answered"), _("%(days)s, then their words are erased", days=answered)),
        Kept(
            _("Posts that were deleted, hidden or made private"),
            _(
                "gone as soon as we learn of it, or if the platform says nothing for %(days)s",
                days=_days(gone // DAY_MS),
            ),
        ),
        Kept(_("Who wants no replies"), _("as a keyed fingerprint, until they lift it")),
        Kept(_("Threats and offences"), _("until the proceedings end, looked at every six months")),
        Kept(
            _("Record of each decision"),
            _("stays, with our reply but without words or names; what leads to a person in it goes with the post"),
        ),
        Kept(_("Numbers without persons"), _("stay")),
    ]


def _days(number: int) -> str:
    return ngettext("%(num)s day", "%(num)s days", number)


def _months() -> list[Month]:
    counts: dict[int, dict[str, int]] = {}
    for row in standing.monthly(store()):
        counts.setdefault(row["month"], {})[row["outcome"]] = row["n"]
    return [_month(month, told) for month, told in list(counts.items())[:MONTHS]]


def _month(number: int, told: Mapping[str, int]) -> Month:
    first = date(number // 100, number % 100, 1)
    return Month(
        name=str(format_date(first, "LLLL y", locale=get_locale())),
        sent=_told(told, [standing.SENT]),
        held=_told(told, [Outcome.HOLD_SELF, Outcome.HOLD_SECOND]),
        denied=_told(told, [Outcome.DENY]),
    )


def _told(counts: Mapping[str, int], outcomes: Iterable[str]) -> str:
    number = sum(counts.get(outcome, 0) for outcome in outcomes)
    return f"<{LEAST}" if number < LEAST else str(number)
