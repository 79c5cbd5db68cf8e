import json
from pathlib import Path

import pytest
from gate_facts import AUTHOR, approval, context, decision, draft, snapshot, status

from bot.gate.sentences import explain
from bot.model import Lane, Outcome, Platform

PAIRS = [
    json.loads(line) for line in Path(__file__).with_name("everyday.jsonl").read_text(encoding="utf-8").splitlines()
]
SILENT_ON = {
    Platform.REPLAY: ("author_blocks_us", "summoned"),
    Platform.MASTODON: ("author_blocks_us", "replies_open", "summoned"),
}


@pytest.mark.parametrize("platform", SILENT_ON)
@pytest.mark.parametrize("pair", PAIRS, ids=[str(number) for number in range(len(PAIRS))])
def test_an_ordinary_mention_with_a_decent_answer_needs_no_release(platform: Platform, pair: dict[str, str]) -> None:
    text = f"@{AUTHOR} {pair['reply']}"
    seen = status(**dict.fromkeys(SILENT_ON[platform]))
    made = decision(
        snapshot(platform=platform, text=pair["post"], status=seen),
        draft(text=text),
        context(approvals=(approval(text),), not_offered=platform.not_offered, reply_languages=(pair["language"],)),
    )
    told = [f"{result.rule} {explain(result, 'en')} {dict(result.evidence)}" for result in made.open_rules]
    assert made.outcome in {Outcome.ALLOW, Outcome.NOTE}, told


@pytest.mark.parametrize("lane", [Lane.HELP, Lane.COMPLAINT, Lane.PRAISE, Lane.SCAM])
def test_everyday_lanes_take_one_person(lane: Lane) -> None:
    assert decision(snapshot(lanes=(lane,))).outcome is Outcome.ALLOW


def test_before_anyone_approved_the_panel_asks_for_nothing_but_the_approval() -> None:
    shown = decision(snapshot(approved_hash=None), around=context("preview", approvals=()))
    assert [result.rule for result in shown.open_rules] == ["C-13"]


def test_the_bank_of_pairs_is_large_enough_to_mean_something() -> None:
    assert [pair["language"] for pair in PAIRS] == ["de"] * 36 + ["en"] * 32
