"""An upgrade saves the database first, goes forward only, and forgets what it saved after 30 days."""

from pathlib import Path

import pytest
from clocks import FakeClock
from tents import HouseInATent, own_words, pitch, post

from bot.errors import EarshotError, SchemaTooNew
from bot.ledger.verify import Verdict, verify
from bot.protect.backup import opened
from bot.protect.restore import Site, restore
from bot.protect.upgrade import KEPT_MS, forget
from bot.store import migrate as module
from bot.store.db import Store
from bot.store.migrate import migrate, pending
from bot.wiring import Wiring

BEFORE = module.STEPS[:-1]
"""The schema that houses had before the newest migration."""


@pytest.fixture
def old(tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> HouseInATent:
    """A house of the earlier schema, with a case and an approved reply, as the older program left it."""
    with monkeypatch.context() as older:
        older.setattr(module, "STEPS", BEFORE)
        tent = pitch(tmp_path, clock)
        tent.hear(post("1", "kim", "@fjordfon_hilft Seit heute früh geht hier das Internet nicht, wann wieder?"))
        assert tent.approve("kim", own_words(0)).kind == "queued"
        tent.wiring.stores.close()
    return tent


def saved(tent: HouseInATent) -> list[Path]:
    return sorted((tent.root / "backups").glob("*"))


def again(tent: HouseInATent) -> Wiring:
    """The newer program over the same folders."""
    return Wiring(tent.wiring.settings, tent.clock)


def test_a_database_of_an_older_schema_is_saved_before_it_is_upgraded_and_nothing_is_lost(old):
    cases = Store(old.wiring.database).value("SELECT count(*) FROM cases")
    assert pending(old.wiring.database)
    store = again(old).stores()
    (place,) = saved(old)
    assert place.stat().st_mode & 0o777 == 0o600
    assert (old.root / "backups").stat().st_mode & 0o777 == 0o700
    assert pending(old.wiring.database) == ()
    assert store.value("SELECT count(*) FROM cases") == cases == 1
    assert store.value("SELECT count(*) FROM dispatches WHERE state = 'queued'") == 1
    assert verify(store).verdict is Verdict.OK
    with opened(place) as (_, backup):
        assert backup.note, "the ledger in it verifies"


def test_what_was_saved_is_the_way_back(old):
    wiring = again(old)
    wiring.stores()
    (place,) = saved(old)
    wiring.stores.close()
    settings = wiring.settings
    site = Site(wiring.database, wiring.keys, wiring.journal, old.clock, settings.checkpoints_dir)
    done = restore(site, place)
    assert done.counts.reopened == 1
    assert wiring.stores().value("SELECT count(*) FROM cases") == 1


def test_a_database_of_this_schema_is_not_saved_at_every_start(old):
    again(old).stores()
    again(old).stores()
    assert len(saved(old)) == 1


def test_a_new_house_saves_nothing(tmp_path, clock):
    tent = pitch(tmp_path, clock)
    assert tent.store.value("SELECT count(*) FROM cases") == 0
    assert saved(tent) == []


def test_what_cannot_be_saved_is_not_upgraded(old):
    (old.root / "backups").write_text("a file where a folder should be")
    with pytest.raises(EarshotError, match=r"stays as it is.*backups cannot be written"):
        again(old).stores()
    assert pending(old.wiring.database)


def test_an_older_program_refuses_the_upgraded_database_with_a_way_out(old, monkeypatch):
    again(old).stores()
    monkeypatch.setattr(module, "STEPS", BEFORE)
    with pytest.raises(SchemaTooNew, match=r"newer Earshot\. Start that version, or restore an older backup\."):
        again(old).stores()
    assert len(saved(old)) == 1, "and saves nothing"


def test_an_upgrade_that_breaks_leaves_the_old_schema_and_the_backup(old, monkeypatch):
    broken = (module.STEPS[-1][0], ("CREATE TABLE whole (x)", "CREATE TABLE broken ("))
    monkeypatch.setattr(module, "STEPS", (*BEFORE, broken))
    with pytest.raises(Exception, match="incomplete input"):
        again(old).stores()
    assert pending(old.wiring.database)
    assert len(saved(old)) == 1


def test_two_that_start_at_once_both_come_up(old):
    first, second = again(old), again(old)
    first.stores()
    migrate(second.database)
    assert second.stores().value("SELECT count(*) FROM cases") == 1


def test_what_an_upgrade_saved_is_gone_after_thirty_days_and_no_other_backup_is(old):
    again(old).stores()
    (place,) = saved(old)
    mine = place.with_name("nightly.backup")
    mine.write_text("a person made it")
    assert forget(place.parent, old.clock.now() + KEPT_MS - 1) == 0
    assert forget(place.parent, old.clock.now() + KEPT_MS + 1) == 1
    assert saved(old) == [mine]


def test_where_nothing_was_saved_there_is_nothing_to_forget(tmp_path):
    assert forget(tmp_path / "backups", 0) == 0
