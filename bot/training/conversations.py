"""How the gate judges authored conversations: good replies must pass, bad ones must not. ``make evaluate`` prints it.

Each row of ``tests/data/conversations/*.jsonl`` is a post, what stood before it in its thread, and a reply that is
"good" or "bad" with its "fault". They were written by people who had not seen the rules. Everything around a
conversation is as it should be (the account explained, the notice in place, one person's approval), so that only its
words count.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bot.detectors.standard import standard_detectors
from bot.gate.decide import decide, releasable
from bot.gate.facts import Approval, Budget, Context, DraftFacts, Health, Notice, Presence, Snapshot, text_hash
from bot.gate.ruleset import Ruleset, load_ruleset
from bot.model import Decision, Lane, Origin, Outcome, Platform, PostStatus, Role, RuleResult, Trigger, Visibility
from bot.responder import form_of_address
from bot.text import calls_itself_parody

Conversation = Mapping[str, Any]

MOST_HELD, MOST_DENIED, LEAST_SINGLE, LEAST_STOPPED = 50, 5, 900, 950
"""Consent rules, section 0, and the house's own bar for bad replies, per mille."""

_NOW: Final = 1_795_000_000_000
_HOUR: Final = 3_600_000
_BRAND: Final = frozenset(
    {"Fjordfon", "Fjordbox", "Fjordfon Glas", "Fjordfon Mobil", "fjordfon_hilft", "Fjordfon Hilfe"}
)
_TRIGGERS: Final = {
    "mention": Trigger.MENTION,
    "reply": Trigger.REPLY,
    "quote": Trigger.QUOTE,
    "owned": Trigger.OWN_PAGE,
}
_HOLDS: Final = frozenset({Outcome.HOLD_SELF, Outcome.HOLD_SECOND})


def read_conversations(folder: Path) -> list[Conversation]:
    """The rows of every file in ``conversations`` below a folder."""
    files = sorted((folder / "conversations").glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines() if line.strip()]


def judged(row: Conversation, ruleset: Ruleset, *, sarcastic: bool | None = None) -> Decision:
    """What the gate decides at the dispatch of this reply to this post."""
    platform, text = Platform(row["platform"]), str(row["reply"])
    handle, post = str(row["handle"]), str(row["post"])
    status = PostStatus(
        checked_at=_NOW - 5_000,
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
        author_parody=calls_itself_parody(str(row["name"])),
    )
    snapshot = Snapshot(
        platform=platform,
        surface="place.example",
        account="fjordfon_hilft",
        native_id="1",
        canonical_key="post-1",
        triggers=(_TRIGGERS[row["trigger"]],),
        text=post,
        stored_hash="stored",
        approved_hash="stored",
        created_at=_NOW - _HOUR,
        author_id="77",
        author_handle=handle,
        lanes=(Lane.HELP,),
        language=row["language"],
        status=status,
        status_age_ms=5_000,
        surface_allowed=True,
        own_accounts=frozenset({"fjordfon_hilft", "fjordfon"}),
        sarcastic=sarcastic,
        earlier_texts=tuple(said["text"] for said in row["earlier"] if said["by"] == "them"),
    )
    draft = DraftFacts(
        text=text,
        target_key="post-1",
        act="public_reply",
        visibility=Visibility.PUBLIC,
        language=row["language"],
        origin=Origin.HUMAN,
        author="writer",
        address=form_of_address(post) if row["language"] == "de" else "",
    )
    return decide(snapshot, draft, _around(text, handle, str(row["language"])), ruleset)


def _around(text: str, handle: str, language: str) -> Context:
    approval = Approval(by="writer", role=Role.AGENT, text_hash=text_hash(text, handle), at=_NOW - 60_000)
    return Context(
        phase="dispatch",
        now=_NOW,
        approvals=(approval,),
        last_decision_seq=1,
        suppressed=False,
        stop_phrase_in_thread="no",
        earlier_dispatches=(),
        unanswered_replies=0,
        replies_7d=0,
        ladder_terminal=False,
        open_threat_case=False,
        crisis_mode=False,
        health=Health(
            ledger_writable=True,
            verified=True,
            checkpoint_age_ms=1_000,
            clock_skew_ms=0,
            stopped=False,
            heartbeat_age_ms=1_000,
        ),
        four_eyes="sensitive",
        allowed_hosts=frozenset({"fjordfon.example"}),
        contacts=("0800 5550100", "hilfe@fjordfon.example"),
        brand_words=_BRAND,
        recent_replies=(),
        presence=Presence(age_ms=_HOUR, labelled=True, bio=True, label_required=True),
        notice=Notice(age_ms=_HOUR, http_status=200, current=True),
        budget=Budget(left=1_000),
        community="permitted",
        reply_languages=(language,),
    )


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts over good and bad conversations. ``by_rule``: how often each rule stood against a good reply, and how.

    ``let_through`` counts bad replies that nothing stopped, by their fault.
    """

    good: int
    held: int
    denied: int
    single: int
    bad: int
    stopped: int
    by_rule: Mapping[tuple[str, str], int]
    let_through: Mapping[str, int]


def tally(rows: Sequence[Conversation]) -> Tally:
    """Judge every conversation."""
    ruleset = load_ruleset()
    sentiment = next(detector for detector in standard_detectors() if detector.name == "sentiment")
    feelings = sentiment.detect([str(row["post"]) for row in rows])
    decisions = [
        (row, judged(row, ruleset, sarcastic=found.reason.endswith(";sarcasm")))
        for row, found in zip(rows, feelings, strict=True)
    ]
    good = [decision for row, decision in decisions if row["kind"] == "good"]
    bad = [(row["fault"], _stopped(decision)) for row, decision in decisions if row["kind"] == "bad"]
    held = [decision for decision in good if decision.outcome in _HOLDS]
    return Tally(
        good=len(good),
        held=len(held),
        denied=sum(decision.outcome is Outcome.DENY for decision in good),
        single=sum(all(map(_one_person, decision.open_rules)) for decision in held),
        bad=len(bad),
        stopped=sum(stopped for _, stopped in bad),
        by_rule=Counter((result.rule, result.outcome.value) for made in good for result in made.open_rules),
        let_through=Counter(fault for fault, stopped in bad if not stopped),
    )


def _stopped(decision: Decision) -> bool:
    return decision.outcome in {*_HOLDS, Outcome.DENY}


def _one_person(result: RuleResult) -> bool:
    """Whether the person who drafts may release this hold alone."""
    return result.outcome is Outcome.HOLD_SELF and releasable(result)


def lines(counted: Tally) -> Iterator[str]:
    """The table that ``make evaluate`` prints: each figure with its bar, then what stood in the way."""
    yield _line("good replies held, per 1,000", _share(counted.held, counted.good), MOST_HELD, counted.good, low=True)
    yield _line(
        "good replies denied, per 1,000", _share(counted.denied, counted.good), MOST_DENIED, counted.good, low=True
    )
    single = _share(counted.single, counted.held) if counted.held else 1_000
    yield _line("holds that one person releases, per 1,000", single, LEAST_SINGLE, counted.held, low=False)
    yield _line(
        "bad replies stopped, per 1,000", _share(counted.stopped, counted.bad), LEAST_STOPPED, counted.bad, low=False
    )
    yield from _listed("stood against good replies", (f"{r} {o} {n}" for (r, o), n in sorted(counted.by_rule.items())))
    yield from _listed("let bad replies through", (f"{fault} {n}" for fault, n in sorted(counted.let_through.items())))


def _share(part: int, whole: int) -> float:
    return 1000 * part / max(whole, 1)


def _line(title: str, seen: float, bar: int, rows: int, *, low: bool) -> str:
    met = seen <= bar if low else seen >= bar
    return f"{title:<48}{seen:>8.1f}{bar:>8.1f}{'':>8}{rows:>8,}  {'met' if met else 'NOT MET'}"


def _listed(title: str, told: Iterable[str]) -> Iterator[str]:
    named = ", ".join(told)
    if named:
        yield f"  {title}: {named}"
