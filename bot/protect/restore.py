"""A backup comes into force again, without sending, showing or forgetting anything that it cannot know about.

Everything is done to a copy beside the database, which then takes its place in one step: whatever kills a restore, the
database is the one from before or the restored one, and doing it again is safe. The one from before is kept under a
name that tells when. What happened since the backup is lost, but for what the journal beside the checkpoints tells.
"""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bot.errors import EarshotError, LedgerBroken, StoreError
from bot.keys import Keys
from bot.ledger.anchors import compare
from bot.ledger.full import compare_in_full
from bot.ledger.gaps import Seen, signed_in
from bot.ledger.journal import Journal, Line
from bot.ledger.proof import Checkpoint, Verdict
from bot.ledger.verify import Walk
from bot.ports import Clock
from bot.protect import erasure
from bot.protect.backup import Backup, opened, signed_as, unpack
from bot.protect.evidence import shelf
from bot.protect.evidence.carry import Brought, Carrier
from bot.protect.replay import Counts, Replay
from bot.store import copies, in_use
from bot.store.db import Store
from bot.store.migrate import migrate


@dataclass(frozen=True, slots=True)
class Site:
    """Where a house stands. ``copies_elsewhere`` are further folders with checkpoints, such as the git repository."""

    database: Path
    keys: Keys
    journal: Journal
    clock: Clock
    checkpoints: Path
    copies_elsewhere: Sequence[Path] = ()


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did: which backup, what it counted, where the database from before is, and the evidence."""

    backup: Backup
    counts: Counts
    aside: Path | None
    evidence: Brought


def restore(site: Site, file: Path, *, without_journal: bool = False) -> Restored:
    """Put the backup in ``file`` into force.

    ``without_journal``: the journal is lost, so every post that there is counts as one that may have been answered.

    Raises:
        StoreBusy: worker, desk or another command have the database open.
        EarshotError: the backup is damaged, newer than this program, or made with other keys; its journal is missing.
        LedgerBroken: the ledger in it does not verify, or the journal is damaged. In every case nothing is changed.
    """
    part = site.database.parent / "restoring"
    with opened(file) as (box, backup), in_use.alone(site.database):
        if not site.keys.made(backup.id, backup.mark):
            raise EarshotError(
                "This backup was made with other keys. Put its keys into the keys folder, from their own copy or from "
                "a backup that holds them, and try again."
            )
        lines = [] if without_journal else site.journal.since(backup.id)
        if lines is None:
            raise EarshotError(
                f"The journal in {site.journal.folder} does not know this backup, so nobody knows what was sent since, "
                "and who opted out. Put the files *.journal back. If they are lost for good, add --without-journal."
            )
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        try:
            copy = part / "earshot.db"
            unpack(box, backup, copy)
            done = _prepare(site, copy, backup, lines, blind=without_journal)
            carrier = _carrier(site, copy)
            carrier.stage(box, backup.evidence)
            aside = _take_over(site, copy)
        except OSError as error:
            raise EarshotError(f"{part} cannot be written: {error.strerror}. Nothing was changed.") from error
        finally:
            shutil.rmtree(part, ignore_errors=True)
        try:
            brought = carrier.settle()
        except OSError as error:
            told = f"The database is in force, but the evidence cannot be put back: {error.strerror}."
            raise EarshotError(f"{told} Make {shelf.folder_of(site.database)} writable and restore again.") from error
    return Restored(backup, done, aside, brought)


def _carrier(site: Site, copy: Path) -> Carrier:
    """What brings the evidence back, as the restored database wants it."""
    store = Store(copy)
    try:
        made = Carrier(shelf.folder_of(site.database), site.keys.known, store, site.clock.now())
        copies.settle(store)
    finally:
        store.close()
    return made


def _prepare(site: Site, copy: Path, backup: Backup, lines: Sequence[Line], *, blind: bool) -> Counts:
    """Make the copy fit to be in force: everything that a restore changes, in it alone."""
    migrate(copy)
    store = Store(copy)
    try:
        spoilt = copies.damage(store)
        if spoilt:
            raise StoreError(f"The database in this backup is damaged: {spoilt}. Take another backup.")
        walk, lost = _ledger_of(site, store, backup)
        with store.write() as tx:
            done = Replay(tx, site.keys, site.clock.now(), lines).run(backup, walk, lost, blind=blind)
        # What a person had erased is erased before anybody can look.
        erasure.work(store, site.keys, site.clock)
        report = compare_in_full(store, site.checkpoints, site.keys.known).report
        # A deletion that was late before the backup is late for ever; it is no reason to stay without a database.
        if report.verdict not in {Verdict.OK, Verdict.LATE}:
            raise LedgerBroken(f"The ledger would not verify afterwards, so nothing was changed. {report.sentence}")
        copies.settle(store)
    finally:
        store.close()
    return done


def _ledger_of(site: Site, store: Store, backup: Backup) -> tuple[Walk, frozenset[Seen]]:
    """The walk over the backup's ledger, which verifies, and the checkpoints of the time that is lost."""
    known = site.keys.known
    walk = Walk(known[0])
    seen = signed_in((site.checkpoints, *site.copies_elsewhere), known)
    report = walk.go_on(store, [Checkpoint(*one) for one in seen])
    if not backup.note:
        raise LedgerBroken("The ledger in this backup did not verify when it was made. Take an older backup.")
    # Whatever our checkpoints say elsewhere, this ledger was ours when the backup was made.
    if not signed_as(backup.note, walk, known):
        raise LedgerBroken("The ledger in this backup is not the one that it was made with. Take another backup.")
    lost = frozenset(one for one in seen if one[0] > walk.seq) | walk.strange - walk.lost
    if walk.ring is not None:
        # A public key whose KEY entry is lost comes back from the journal; all else must be as it should.
        trusted = [key for key in known if key in walk.ring.keys]
        report = compare(store, site.checkpoints, trusted, lost=lost).report
    if report.verdict is not Verdict.OK:
        raise LedgerBroken(f"The ledger in this backup does not verify, so it stays out of force. {report.sentence}")
    return walk, lost


def _take_over(site: Site, copy: Path) -> Path | None:
    """Give the copy the database's name; returns where the one from before is. One step decides which is in force."""
    database, aside = site.database, None
    with copy.open("rb") as file:
        os.fsync(file.fileno())
    if database.exists():
        told = datetime.fromtimestamp(site.clock.now() / 1000, UTC).strftime("%Y%m%d-%H%M%S")
        aside = _free(database.with_name(f"{database.stem}-before-restore-{told}{database.suffix}"))
        copies.settle_file(database)
        os.link(database, aside)
        # Left over only if the file is too damaged to be settled; beside another database they would spoil it.
        for ending in ("-wal", "-shm"):
            rest = database.with_name(f"{database.name}{ending}")
            if rest.exists():
                rest.replace(aside.with_name(f"{aside.name}{ending}"))
    copy.replace(database)
    handle = os.open(database.parent, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)
    return aside


def _free(place: Path) -> Path:
    names = (place.with_stem(f"{place.stem}-{number}") if number else place for number in range(1000))
    return next(name for name in names if not name.exists())
