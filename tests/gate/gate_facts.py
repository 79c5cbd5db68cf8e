"""A post, a draft and a context with which the gate is content; each test changes what it is about."""

from dataclasses import replace
from functools import cache
from typing import Any

from bot.gate.decide import decide
from bot.gate.facts import (
    Approval,
    Budget,
    Context,
    DraftFacts,
    Health,
    Notice,
    Phase,
    Presence,
    Snapshot,
    text_hash,
)
from bot.gate.ruleset import Ruleset, load_ruleset
from bot.model import Decision, Lane, Origin, Platform, PostStatus, Role, RuleResult, Trigger, Visibility

NOW = 1_795_000_000_000
MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
KEY = "https://fedi.example/users/lena/statuses/1"
AUTHOR = "lena_m"
POST = "@fjordfon_hilft Seit gestern Abend geht hier nichts mehr, was ist los?"
REPLY = (
    "@lena_m Danke für den Hinweis, wir sehen uns die Leitung gerade an. Stand hier: https://fjordfon.example/lage ^AB"
)
WRITER = "writer-1"
OTHER = "approver-2"


@cache
def ruleset() -> Ruleset:
    return load_ruleset()


def status(**changes: Any) -> PostStatus:
    good = PostStatus(
        checked_at=NOW - 5_000,
        exists=True,
        visibility=Visibility.PUBLIC,
        http_status=200,
        text_hash="stored",
        author_is_bot=False,
        author_opted_out=False,
        author_active=True,
        author_blocks_us=False,
        replies_open=True,
        summoned=True,
    )
    return replace(good, **changes)


def snapshot(**changes: Any) -> Snapshot:
    good = Snapshot(
        platform=Platform.MASTODON,
        surface="fedi.example",
        account="fjordfon_hilft",
        native_id="1",
        canonical_key=KEY,
        triggers=(Trigger.MENTION,),
        text=POST,
        stored_hash="stored",
        approved_hash="stored",
        created_at=NOW - HOUR,
        author_id="77",
        author_handle=AUTHOR,
        lanes=(Lane.HELP,),
        language="de",
        status=status(),
        status_age_ms=5_000,
        surface_allowed=True,
        own_accounts=frozenset({"fjordfon_hilft", "4711"}),
        sarcastic=False,
    )
    return replace(good, **changes)


def draft(**changes: Any) -> DraftFacts:
    good = DraftFacts(
        text=REPLY,
        target_key=KEY,
        act="public_reply",
        visibility=Visibility.PUBLIC,
        language="de",
        origin=Origin.HUMAN,
        author=WRITER,
    )
    return replace(good, **changes)


def approval(text: str = REPLY, handle: str = AUTHOR, **changes: Any) -> Approval:
    return replace(Approval(by=WRITER, role=Role.AGENT, text_hash=text_hash(text, handle), at=NOW - MINUTE), **changes)


def health(**changes: Any) -> Health:
    good = Health(
        ledger_writable=True,
        verified=True,
        checkpoint_age_ms=MINUTE,
        clock_skew_ms=20,
        stopped=False,
        heartbeat_age_ms=4_000,
    )
    return replace(good, **changes)


def presence(**changes: Any) -> Presence:
    return replace(Presence(age_ms=HOUR, labelled=True, bio=True, label_required=True), **changes)


def context(phase: Phase = "dispatch", **changes: Any) -> Context:
    good = Context(
        phase=phase,
        now=NOW,
        approvals=(approval(),),
        last_decision_seq=12,
        suppressed=False,
        stop_phrase_in_thread="no",
        earlier_dispatches=(),
        unanswered_replies=0,
        replies_7d=0,
        ladder_terminal=False,
        open_threat_case=False,
        crisis_mode=False,
        health=health(),
        four_eyes="sensitive",
        allowed_hosts=frozenset({"fjordfon.example", "hilfe.fjordfon.example"}),
        contacts=("0800 5550100", "hilfe@fjordfon.example"),
        hotlines=("0800 1110111", "116 123"),
        brand_words=frozenset({"Fjordfon", "Fjordfon Glas"}),
        recent_replies=(),
        presence=presence(),
        notice=Notice(age_ms=HOUR, http_status=200, current=True),
        budget=Budget(left=900),
        community="permitted",
        reply_languages=("de",),
        customer_numbers=("FF-########",),
    )
    return replace(good, **changes)


def decision(post: Snapshot | None = None, reply: DraftFacts | None = None, around: Context | None = None) -> Decision:
    return decide(post or snapshot(), reply or draft(), around or context(), ruleset())


def answer(
    rule: str, post: Snapshot | None = None, reply: DraftFacts | None = None, around: Context | None = None
) -> RuleResult:
    """What one rule of the table says."""
    return next(result for result in decision(post, reply, around).results if result.rule == rule)


def answer_to(rule: str, text: str, **around: Any) -> RuleResult:
    """What one rule says about this wording of the reply, approved by its writer."""
    changes = {"approvals": (approval(text),), **around}
    return answer(rule, reply=draft(text=text), around=context(**changes))
