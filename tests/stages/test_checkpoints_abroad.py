"""What the house does verifies in full; checkpoints reach places elsewhere, and a new key is taken up at work."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tents import HouseInATent, post

from bot import keys
from bot.ledger import entries
from bot.ledger.anchors import Compared, compare
from bot.ledger.export import Wanted, export
from bot.ledger.full import compare_in_full
from bot.ledger.keeper import RETRY_MS, Keeper
from bot.ledger.mail import DAY_MS
from bot.ledger.places import GitPlace
from bot.ledger.proof import Verdict, main
from bot.ledger.rotation import rotate
from bot.model import EntryKind
from bot.review import outgoing
from bot.settings import Settings
from bot.store import abroad
from bot.store import house as house_rows
from bot.wiring import Wiring

ANSWER = "Danke für die Meldung. Wir prüfen die Leitung und melden uns hier. ^AL"


@dataclass
class Shelf:
    """A place that remembers what it took; ``trouble`` is why it does not."""

    name: str = "shelf"
    every_ms: int = 0
    trouble: str = ""
    taken: list[list[int]] = field(default_factory=list)

    def take(self, notes: Sequence[tuple[int, str]]) -> str:
        self.taken += [[size for size, _ in notes]]
        return self.trouble


def start(tent: HouseInATent, *places: object) -> Keeper:
    with tent.store.write() as tx:
        house_rows.start_health(tx, name="worker", pid=1, version="test", at=tent.clock.now())
    keeper = Keeper(tent.wiring.stores, tent.wiring.keys, tent.root / "checkpoints", tent.clock, places=places)
    keeper.verify_all("worker")
    return keeper


def grow(tent: HouseInATent, keeper: Keeper, kind: EntryKind = EntryKind.ATTEST) -> int:
    """One more entry and a checkpoint over it; returns its size."""
    with tent.store.write() as tx:
        size = entries.append(tx, kind, {}, tent.clock.now())
    keeper.checkpoint("worker")
    return size


def full(tent: HouseInATent) -> Compared:
    return compare_in_full(tent.store, tent.root / "checkpoints", tent.wiring.keys.known)


# what the house writes ----------------------------------------------------------------------------


def test_a_working_day_verifies_in_full_and_so_does_its_export(tent: HouseInATent, tmp_path: Path) -> None:
    tent.hear(post("1", "kim", "@fjordfon_hilft Warum geht das Internet nicht?"))
    tent.hear(post("2", "lo", "@fjordfon_hilft Warum geht das Internet bei mir nicht?"))
    assert tent.approve("kim", ANSWER).kind == "queued"
    tent.clock.advance(10_000)
    assert tent.send() == 1
    tent.approve("lo", "Ruf mich privat an: 0171 1234567.")
    with tent.store.write() as tx:
        house, bob = tent.wiring.house(tx), tent.user("bob")
        outgoing.stop(tx, house, reason="trial", user=bob, now=tent.clock.now())
        outgoing.opt_out(tx, house, tent.case("lo")["id"], user=bob, now=tent.clock.now())
    tent.wiring.refusals.refused("mastodon", "POST /api/v1/statuses", "direct")
    tent.beat()
    told = full(tent)
    assert told.report.verdict is Verdict.OK, told.report.sentence
    assert len(tent.entries("SEND_RESULT")) == 1
    wanted = Wanted(tmp_path / "day.zip", personal=True)
    export(tent.store, tent.wiring.keys, tent.root / "checkpoints", wanted, now=tent.clock.now())
    assert main([str(tmp_path / "day.zip"), "--key", tent.wiring.keys.known[-1].hex()]) == Verdict.OK


def test_a_reply_that_a_senior_found_on_the_platform_verifies_in_full(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", "@fjordfon_hilft Warum geht das Internet nicht?"))
    tent.approve("kim", ANSWER)
    tent.clock.advance(10_000)
    tent.send()
    with tent.store.write() as tx:
        tx.run("UPDATE dispatches SET state = 'uncertain'")
        outgoing.resolve(tx, tent.wiring.house(tx), 1, sent=True, user=tent.user("bob"), now=tent.clock.now())
    found = tent.entries("SEND_RESULT")[-1]
    assert (found["result"], found["draft"], found["text_hash"]) == (
        "sent",
        tent.entries("APPROVAL")[0]["draft"],
        tent.entries("APPROVAL")[0]["text_hash"],
    )
    assert full(tent).report.verdict is Verdict.OK


def test_a_reply_sent_whose_author_was_erased_meanwhile_still_verifies(tent: HouseInATent) -> None:
    tent.hear(post("1", "kim", "@fjordfon_hilft Warum geht das Internet nicht?"))
    tent.approve("kim", f"@kim {ANSWER}")
    tent.clock.advance(10_000)
    tent.send()
    with tent.store.write() as tx:
        tx.run("UPDATE mentions SET author_handle = ''")
        tx.run("UPDATE dispatches SET state = 'sending', claimed_until = 0")
    tent.send()
    sent = [entry["text_hash"] for entry in tent.entries("SEND_RESULT") if entry["result"] == "sent"]
    assert len(sent) == 2
    assert set(sent) == {tent.entries("APPROVAL")[0]["text_hash"]}


def test_other_rules_than_before_come_into_force_with_an_entry_and_their_file(tent: HouseInATent) -> None:
    assert len(tent.entries("CONFIG")) == 1
    tent.wiring.apply(tent.config)
    assert len(tent.entries("CONFIG")) == 1
    other = Wiring(tent.wiring.settings, tent.clock)
    vars(other)["ruleset"] = tent.wiring.ruleset.model_copy(update={"sha256": "f" * 64})
    assert other.apply(tent.config) == 1, "the configuration is the same"
    assert [entry["ruleset"] for entry in tent.entries("CONFIG")] == [tent.wiring.ruleset.sha256, "f" * 64]
    assert abroad.ruleset(tent.store, tent.wiring.ruleset.sha256)
    other.stores.close()


def test_a_clock_that_jumped_back_loses_no_entry_and_verifies(tent: HouseInATent) -> None:
    keeper = start(tent)
    grow(tent, keeper)
    before = tent.clock.now()
    tent.clock.jump(-3_600_000)
    grow(tent, keeper)
    grow(tent, keeper)
    first, second = tent.entries("ATTEST")[-2:]
    assert (first["at"], first["clock"], second["clock"]) == (before, before - 3_600_000, before - 3_600_000)
    tent.clock.jump(3_600_000 - 4_000)
    grow(tent, keeper)
    assert tent.entries("ATTEST")[-1]["at"] == before - 4_000, "a few seconds are no jump"
    assert full(tent).report.verdict is Verdict.OK


# places elsewhere ---------------------------------------------------------------------------------


def test_every_place_gets_each_checkpoint_once(tent: HouseInATent) -> None:
    one, two = Shelf("one"), Shelf("two")
    keeper = start(tent, one, two)
    sizes = []
    for _ in range(3):
        sizes.append(grow(tent, keeper))
        keeper.bring_abroad()
        keeper.bring_abroad()
    assert one.taken == two.taken == [[size] for size in sizes]


def test_a_place_out_of_reach_warns_stops_nobody_and_gets_all_of_it_later(
    tent: HouseInATent, caplog: pytest.LogCaptureFixture
) -> None:
    away, there = Shelf("away", trouble="the shelf is gone"), Shelf("there")
    keeper = start(tent, away, there)
    first = grow(tent, keeper)
    keeper.bring_abroad()
    assert "the shelf is gone" in caplog.text
    assert there.taken == [[first]]
    row = abroad.anchor(tent.store, "away")
    assert (row["size"], row["failing_since"]) == (0, tent.clock.now())
    health = house_rows.health(tent.store)
    assert (health["ledger_ok"], health["checkpoint_size"], health["anchor_failing_since"]) == (1, first, None)
    second = grow(tent, keeper)
    keeper.bring_abroad()
    assert away.taken == [[first]], "it is not asked again at once"
    tent.clock.advance(RETRY_MS)
    away.trouble = ""
    keeper.bring_abroad()
    assert away.taken[-1] == [first, second]
    assert abroad.anchor(tent.store, "away")["failing_since"] is None


def test_a_restart_goes_on_where_a_place_was(tent: HouseInATent) -> None:
    shelf = Shelf()
    keeper = start(tent, shelf)
    grow(tent, keeper)
    keeper.bring_abroad()
    later = grow(tent, start(tent))
    start(tent, shelf).bring_abroad()
    assert shelf.taken[-1] == [later]


def test_mail_goes_out_once_a_day(tent: HouseInATent) -> None:
    letters = Shelf("mail", every_ms=DAY_MS)
    keeper = start(tent, letters)
    for _ in range(3):
        grow(tent, keeper)
        keeper.bring_abroad()
        tent.clock.advance(DAY_MS // 2)
    assert [len(sizes) for sizes in letters.taken] == [1, 2]


def test_settings_say_where_checkpoints_go(tmp_path: Path) -> None:
    settings = Settings(
        data_dir=tmp_path / "data",
        checkpoints_git=tmp_path / "archive",
        checkpoints_mail="dpo@fjordfon.example,council@fjordfon.example",
        mail_server="smtps://earshot%40fjordfon.example@mail.fjordfon.example",
        mail_from="earshot@fjordfon.example",
    )
    git, mail = Wiring(settings, secrets=lambda _: None).places
    assert git == GitPlace(tmp_path / "archive", git.environment)
    assert not any(name.startswith("EARSHOT_") for name in git.environment)
    assert (mail.host, mail.port, mail.tls, mail.user, mail.people) == (
        "mail.fjordfon.example",
        465,
        True,
        "earshot@fjordfon.example",
        ("dpo@fjordfon.example", "council@fjordfon.example"),
    )
    assert Wiring(Settings(data_dir=tmp_path / "data")).places == ()


@pytest.mark.parametrize(
    "wrong",
    [
        {"checkpoints_mail": "dpo"},
        {"checkpoints_mail": "dpo@fjordfon.example"},
        {"checkpoints_mail": "a@b.example\nBcc: c@d.example"},
        {"mail_server": "mail.example"},
        {"checkpoints_git": "data/archive"},
    ],
)
def test_settings_that_cannot_be_meant_are_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"checkpoints|mail|CHECKPOINTS"):
        Settings(**wrong)


def test_a_real_repository_holds_what_the_house_signed(tent: HouseInATent, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    subprocess.run(["git", "init", "--quiet", str(archive)], check=True)
    keeper = start(tent, GitPlace(archive, {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}))
    for _ in range(2):
        grow(tent, keeper)
        keeper.bring_abroad()
    told = compare(tent.store, archive, tent.wiring.keys.known)
    assert (told.report.verdict, told.checkpoints, told.lacking) == (Verdict.OK, 2, ())


# a new key at work --------------------------------------------------------------------------------


def test_a_worker_signs_with_the_new_key_as_soon_as_the_ledger_names_it(tent: HouseInATent) -> None:
    keeper, (old,) = start(tent), tent.wiring.keys.known
    grow(tent, keeper)
    folder = tent.root / "keys"
    fresh = rotate(tent.store, tent.wiring.keys, folder, tent.root / "checkpoints", tent.clock.now())
    keeper.checkpoint("worker")
    grow(tent, keeper)
    assert keys.load(folder).known == (old, fresh)
    told = full(tent)
    assert (told.report.verdict, told.checkpoints) == (Verdict.OK, 3), told.report.sentence
    assert start(tent).verify_all("worker").verdict is Verdict.OK


def test_a_worker_finishes_what_a_killed_rotation_began(tent: HouseInATent, monkeypatch: pytest.MonkeyPatch) -> None:
    start(tent)
    folder = tent.root / "keys"

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("bot.keys._publish", killed)
    with pytest.raises(KeyboardInterrupt):
        rotate(tent.store, tent.wiring.keys, folder, tent.root / "checkpoints", tent.clock.now())
    monkeypatch.undo()
    keeper = start(tent)
    assert not (folder / "signing.next.key").exists()
    assert len(keys.load(folder).known) == 2
    grow(tent, keeper)
    assert full(tent).report.verdict is Verdict.OK
