"""Backup and restore of a house in a tent: what is in force, and what the ledger says of it."""

from pathlib import Path

from tents import HouseInATent, own_words, post

from bot.ledger import entries
from bot.ledger.anchors import compare
from bot.ledger.full import compare_in_full
from bot.ledger.verify import Report, Verdict
from bot.model import EntryKind
from bot.protect import erasure
from bot.protect.backup import Backup, back_up
from bot.protect.restore import Restored, Site, restore
from bot.review import outgoing
from bot.store import house as house_rows


def save(tent: HouseInATent, name: str = "copy.backup", passphrase: str | None = None) -> Path:
    """Make a backup while the house stands open."""
    place = tent.root / name
    backup(tent, place, passphrase)
    return place


def backup(tent: HouseInATent, place: Path, passphrase: str | None = None) -> Backup:
    return back_up(tent.store, tent.wiring.keys, place, now=tent.clock.now(), passphrase=passphrase)


def site(tent: HouseInATent, *elsewhere: Path) -> Site:
    wiring, checkpoints = tent.wiring, tent.root / "checkpoints"
    return Site(wiring.database, wiring.keys, wiring.journal, tent.clock, checkpoints, elsewhere)


def put_back(tent: HouseInATent, file: Path, *, without_journal: bool = False) -> Restored:
    """Close the house and put a backup into force."""
    tent.wiring.stores.close()
    return restore(site(tent), file, without_journal=without_journal)


def lift_stop(tent: HouseInATent) -> None:
    """Two people lift the stop."""
    for name in ("alice", "bob"):
        with tent.store.write() as tx:
            outgoing.lift_stop(tx, tent.wiring.house(tx), user=tent.user(name), now=tent.clock.now())
    assert house_rows.stop(tent.store) is None


def verified(tent: HouseInATent) -> Report:
    """What the full verification finds."""
    return compare_in_full(tent.store, tent.root / "checkpoints", tent.wiring.keys.known).report


def ask(tent: HouseInATent, native_id: str, author: str) -> None:
    """A question by an author in a thread of their own."""
    tent.hear(post(native_id, author, "@fjordfon_hilft Warum geht das Internet nicht?", root=f"thread of {author}"))


def answer(tent: HouseInATent, author: str, turn: int) -> None:
    """An answer is approved and queued."""
    assert tent.approve(author, own_words(turn)).kind == "queued"


def later(tent: HouseInATent, ms: int = 10_000) -> None:
    """Time passes, and the worker sends what is due."""
    tent.clock.advance(ms)
    tent.send()


def working_on(tent: HouseInATent, rounds: int = 4) -> None:
    """What the house does by itself after a restore, once people let it send."""
    lift_stop(tent)
    for _ in range(rounds):
        tent.listen()
        later(tent, 70_000)


def erase(tent: HouseInATent, account: str) -> None:
    """Everything of an account is erased."""
    with tent.store.write() as tx:
        erasure.ask(tx, tent.wiring.keys, "replay", account, user=tent.user("bob"), now=tent.clock.now())
    assert erasure.work(tent.store, tent.wiring.keys, tent.clock) == 1


def grow(tent: HouseInATent, rounds: int = 3) -> None:
    """Entries, each with a checkpoint."""
    for _ in range(rounds):
        with tent.store.write() as tx:
            entries.append(tx, EntryKind.ATTEST, {}, tent.clock.now())
        tent.clock.advance(300_000)
        tent.beat()


def quick(tent: HouseInATent, folder: Path | None = None) -> Verdict:
    """What the quick verification finds."""
    return compare(tent.store, folder or tent.root / "checkpoints", tent.wiring.keys.known).report.verdict
