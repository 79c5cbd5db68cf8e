"""Rows -> what the gate is asked about. Desk and dispatch both get their input here, so it cannot differ."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from bot.config.models import Brand
from bot.gate.facts import Approval, Context, DraftFacts, Health, OptOut, Phase, Release, Snapshot
from bot.gate.optout import reads_as_opt_out
from bot.gate.ruleset import Ruleset
from bot.model import READABLE_BY_ALL, Lane, Mention, Origin, Platform, PostStatus, Role
from bot.model.ladder import Step
from bot.protect import hotlines
from bot.responder import find_gaps, form_of_address
from bot.review.house import House
from bot.review.incident import WARNING_STEPS, ladder_facts
from bot.review.rows import Rows
from bot.review.surroundings import surroundings
from bot.store import batches, cases, dispatches, drafts, mentions, opt_ins, opt_outs, security, shifts, status, users
from bot.store import house as house_rows
from bot.store.db import Reader, Row

WEEK_MS = 7 * 86_400_000
_READ = 40_000
"""Characters of a post that the gate reads: as many as the longest post that we answer anywhere has (Reddit)."""


def own_names(brand: Brand, mention: Mention) -> frozenset[str]:
    """What our own accounts are called where ``mention`` was read, in lower case.

    A server calls its own people by the bare handle and everybody else handle@server; an id is good on its server
    alone. The account that heard the post is ours there, even if people write its server under another name.
    """
    names, here = {mention.account}, mention.surface.lower()
    for account in brand.accounts.get(mention.platform, ()):
        names.add(f"{account.handle}@{account.surface}" if account.surface else account.handle)
        if account.surface.lower() in {"", here}:
            names |= {account.handle, account.id}
    return frozenset(name.lower() for name in names if name)


def snapshot(reader: Reader, house: House, rows: Rows, now: int) -> Snapshot:
    """The target post as stored and as last looked at."""
    mention, found = mentions.to_mention(rows.mention), status.get(reader, rows.mention["id"])
    approved = drafts.approvals(reader, rows.draft["id"])
    return Snapshot(
        platform=mention.platform,
        surface=mention.surface,
        account=mention.account,
        native_id=mention.native_id,
        canonical_key=mention.canonical_key,
        triggers=mentions.triggers_of(rows.mention),
        text=mention.text[:_READ],
        quoted_texts=(mention.quoted.text[:_READ],) if mention.quoted and mention.quoted.text else (),
        stored_hash=rows.mention["text_hash"],
        approved_hash=approved[-1]["post_hash"] if approved else None,
        created_at=mention.created_at,
        author_id=mention.author.native_id,
        author_handle=mention.author.handle,
        # Nobody knows what an unassessed post holds: as careful as with abuse.
        lanes=(Lane(rows.case["lane"]), *((Lane.ABUSE,) if rows.case["not_assessed"] else ())),
        language=rows.case["language"],
        status=found,
        status_age_ms=None if found is None else now - found.checked_at,
        surface_allowed=answered(house, rows.mention),
        unlisted_allowed=_unlisted_allowed(house, mention),
        own_accounts=own_names(house.brand, mention),
        sarcastic=_sarcastic(reader, rows.mention["id"]),
        earlier_texts=tuple(
            row["text"][:_READ]
            for row in mentions.in_thread(reader, rows.mention)
            if row["created_at"] < mention.created_at
        ),
    )


def _sarcastic(reader: Reader, mention_id: int) -> bool | None:
    """What the sentiment detector thinks; None before the post was assessed."""
    reasons = [found.reason for found in mentions.findings_of(reader, mention_id) if found.detector == "sentiment"]
    return reasons[0].endswith(";sarcasm") if reasons else None


def answered(house: House, mention: Row) -> bool:
    """Whether replies can be written where the post in ``mention`` was heard."""
    source = next((each for each in house.config.platforms.sources if each.name == mention["source"]), None)
    return Platform(mention["platform"]).answers if source is None else source.answers


def _unlisted_allowed(house: House, mention: Mention) -> bool:
    return any(
        source.kind == mention.platform and source.account == mention.account and getattr(source, "unlisted", False)
        for source in house.config.platforms.sources
    )


def draft_facts(rows: Rows, text: str, found: PostStatus | None, *, author: str = "") -> DraftFacts:
    """The act in question: ``text`` as a public reply to the post that the draft is bound to.

    ``author`` stands in as the drafting person as long as nobody has touched a prepared draft.
    """
    draft, mention = rows.draft, mentions.to_mention(rows.mention)
    return DraftFacts(
        text=text,
        target_key=mention.canonical_key,
        act="public_reply",
        visibility=found.visibility
        if found is not None and found.visibility in READABLE_BY_ALL
        else mention.visibility,
        language=draft["language"] or None,
        origin=Origin(draft["origin"]),
        template=draft["template"],
        template_text=draft["prepared"] or None,
        gaps=tuple(gap.name for gap in find_gaps(text)),
        author=str(draft["written_by"] or author),
        ladder_step=draft["step"] in WARNING_STEPS,
        apology=draft["step"] == Step.APOLOGY,
        address=form_of_address(mention.text),
    )


def context(
    reader: Reader, house: House, rows: Rows, *, phase: Phase, now: int, approvals: Sequence[Approval]
) -> Context:
    """Everything around the post and the draft, as the rows know it at ``now``."""
    mention, case, brand = rows.mention, rows.case, house.brand
    author_key = house.keys.author(mention["platform"], mention["author_id"])
    opted_out, opted_in = opt_outs.standing(reader, author_key), opt_ins.in_force(reader, author_key, now)
    unanswered, week = dispatches.replies_to_author(reader, case, since=now - WEEK_MS)
    cards = hotlines.numbers(hotlines.standings(reader, now), house.config.protection.hotline_countries)
    return Context(
        phase=phase,
        now=now,
        approvals=tuple(approvals),
        releases=tuple(_release(row) for row in drafts.releases(reader, rows.draft["id"])),
        last_decision_seq=rows.draft["decision_seq"] or None,
        suppressed=opted_out is not None,
        opt_in=None if opted_in is None else opted_in["seq"],
        followup_until=batches.promised_until(reader, mention["canonical_key"]),
        batch=batches.of_draft(reader, rows.draft["id"]),
        answer_once_for=_answer_once(opted_out, mention),
        stop_phrase_in_thread=_stop_phrase(reader, rows, house.ruleset),
        earlier_dispatches=tuple(
            dispatches.states_for_target(reader, mention["canonical_key"], except_draft=rows.draft["id"])
        ),
        unanswered_replies=unanswered,
        replies_7d=week,
        open_threat_case=cases.author_threatens(reader, case),
        false_helper=security.acts_as_us(reader, case["id"]),
        crisis_mode=False,
        health=health(reader, now),
        four_eyes=brand.four_eyes,
        solo=shifts.open_solo(reader, now) is not None,
        author_in_training=in_training(reader, rows.draft["written_by"]),
        allowed_hosts=allowed_hosts(brand),
        contacts=tuple(contact.value for contact in brand.contacts),
        hotlines=cards.good,
        blocked_hotlines=cards.blocked,
        sign_offs=(brand.signature.team.strip(), f"Team {brand.name}"),
        brand_words=_brand_words(brand),
        **ladder_facts(reader, house, rows, now),
        **surroundings(reader, house, rows, now),
    )


def stored_approvals(reader: Reader, draft_id: int) -> list[Approval]:
    """The approvals of a draft that are still in force."""
    return [
        Approval(
            by=str(row["user_id"]),
            role=Role(row["role"]),
            text_hash=row["text_hash"],
            at=row["at"],
            trained=bool(row["trained"]),
            languages=frozenset(row["languages"].split()),
        )
        for row in drafts.approvals(reader, draft_id)
    ]


def in_training(reader: Reader, user_id: int | None) -> bool:
    """Whether a draft's author is a trainee."""
    author = None if user_id is None else users.by_id(reader, user_id)
    return author is not None and author["role"] == Role.TRAINEE


def _release(row: Row) -> Release:
    return Release(
        rule=row["rule"],
        evidence_hash=row["evidence_hash"],
        decision_seq=row["decision_seq"],
        by=str(row["user_id"]),
        reason=row["reason"],
        second=bool(row["second"]),
    )


def _answer_once(opted_out: Row | None, mention: Row) -> str | None:
    allowed = opted_out is not None and opted_out["once_for"] == mention["id"]
    return str(mention["canonical_key"]) if allowed else None


def _stop_phrase(reader: Reader, rows: Rows, ruleset: Ruleset) -> OptOut:
    said = {
        reads_as_opt_out(row["text"], ruleset)
        for row in mentions.of_case(reader, rows.case["id"])
        if row["id"] != rows.mention["id"]
    }
    order: tuple[OptOut, ...] = ("yes", "ask", "no")
    return next((answer for answer in order if answer in said), "no")


def health(reader: Reader, now: int) -> Health:
    """How the gate itself is doing; the worker writes the row, stop-all is a row of its own."""
    row, stopped = house_rows.health(reader), house_rows.stop(reader) is not None
    if row is None:
        return Health(stopped=stopped)
    checkpoint = row["checkpoint_at"]
    return Health(
        ledger_writable=True,
        verified=None if row["ledger_ok"] is None else bool(row["ledger_ok"]),
        checkpoint_age_ms=None if checkpoint is None else max(0, now - checkpoint),
        clock_skew_ms=row["skew_ms"],
        stopped=stopped,
        heartbeat_age_ms=max(0, now - row["heartbeat_at"]),
    )


def allowed_hosts(brand: Brand) -> frozenset[str]:
    """The hosts that replies may link to, in lower case."""
    linked = (urlsplit(contact.value).hostname for contact in brand.contacts)
    return frozenset(host.lower() for host in (*brand.domains, *linked) if host)


def _brand_words(brand: Brand) -> frozenset[str]:
    handles = (account.handle for accounts in brand.accounts.values() for account in accounts)
    return frozenset((brand.name, *brand.names, *brand.products, *handles))
