"""A post from an archive through the whole house: answered into a file where its source names one, else only heard."""

from pathlib import Path

from clocks import FakeClock
from tents import HouseInATent, pitch_with, post, starter, with_source
from timelines import read_timeline

from bot.connectors.archive import Source
from bot.model import CaseState, Platform

QUESTION = "@fjordfon_hilft Seit heute früh geht bei mir in Kiel das Internet nicht. Wann läuft es wieder?"
REPLY = "Danke für die Meldung. Wir prüfen die Leitung und melden uns hier. ^AL"


def pitched(root: Path, clock: FakeClock, timeline: Path | str) -> HouseInATent:
    (root / "posts.jsonl").touch()
    source = Source(kind=Platform.ARCHIVE, name="drill", account="fjordfon_hilft", file="posts.jsonl")
    placed = source.model_copy(update={"file": str(root / "posts.jsonl"), "timeline": str(timeline)})
    tent = pitch_with(root, clock, with_source(starter(), placed))
    tent.hear(post("1", "kim", QUESTION))
    return tent


def test_an_approved_reply_to_a_post_of_an_archive_stands_on_its_timeline(tmp_path: Path, clock: FakeClock) -> None:
    tent = pitched(tmp_path, clock, tmp_path / "drill.timeline.jsonl")
    verdict = tent.approve("kim", REPLY)
    assert verdict.kind == "queued", verdict.decision.open_rules
    tent.clock.advance(10_000)
    assert tent.send() == 1
    (said,) = read_timeline(tmp_path / "drill.timeline.jsonl")
    assert (said.in_reply_to, said.author, said.text) == ("1", "fjordfon_hilft", REPLY)
    assert tent.case("kim")["state"] == CaseState.SENT


def test_a_post_of_an_archive_without_a_timeline_is_never_answered(tmp_path: Path, clock: FakeClock) -> None:
    tent = pitched(tmp_path, clock, "")
    verdict = tent.approve("kim", REPLY)
    assert verdict.kind == "denied"
    assert "C-02" in {rule.rule for rule in verdict.decision.open_rules}
    assert tent.send() == 0
