"""The journal beside the checkpoints: first in order, whole or not there, and without a word or an id of anybody."""

import os
from pathlib import Path

import pytest
from clocks import FakeClock
from hypothesis import given
from hypothesis import strategies as st
from port_doubles import Moody
from restoring import save
from tents import HouseInATent, own_words, post

from bot import keys
from bot.errors import LedgerBroken, Transient
from bot.ledger import journal as module
from bot.ledger.journal import Journal
from bot.model import Consent, DispatchState, Receipt
from bot.review import outgoing
from bot.store import copies, dispatches
from bot.store.db import Store

HANDLE = "kim-ohne-netz"


def text(tent: HouseInATent) -> str:
    return "".join(place.read_text("ascii") for place in sorted((tent.root / "checkpoints").glob("*.journal")))


def kinds(tent: HouseInATent) -> list[str]:
    return [line.kind for line in tent.wiring.journal.read()]


def queue(tent: HouseInATent) -> None:
    tent.hear(post("p1", HANDLE, "@fjordfon_hilft Warum geht das Internet nicht?"))
    assert tent.approve(HANDLE, own_words(1)).kind == "queued"
    tent.clock.advance(10_000)


class Watching(Moody):
    """Notes what stands in the journal at the moment when the network would be touched."""

    seen: str = ""
    tent: HouseInATent

    def publish(self, consent: Consent) -> Receipt:
        self.seen = text(self.tent)
        return super().publish(consent)


def test_the_line_of_a_reply_is_on_the_disk_before_the_network_is_touched(tent: HouseInATent) -> None:
    platform = Watching(tent.publishers["samples"])
    platform.tent = tent
    tent.publishers["samples"] = platform
    queue(tent)
    assert tent.send() == 1
    assert " begun " in platform.seen


def test_a_reply_costs_one_sync_of_the_disk(tent: HouseInATent, monkeypatch: pytest.MonkeyPatch) -> None:
    save(tent)
    queue(tent)
    synced: list[int] = []
    real = os.fsync
    with monkeypatch.context() as patch:
        patch.setattr(module.os, "fsync", lambda handle: (synced.append(handle), real(handle))[1])
        tent.wiring.stores().keep_now("begun", "replay:replay:p1", "request")
    assert len(synced) == 1


def test_no_handle_no_id_and_no_word_stands_in_it(tent: HouseInATent) -> None:
    queue(tent)
    tent.send()
    row = tent.store.row("SELECT * FROM dispatches")
    assert row is not None
    with tent.store.write() as tx:
        outgoing.retract(
            tx, tent.wiring.house(tx), row["id"], reason="falsch", user=tent.user("bob"), now=tent.clock.now()
        )
        outgoing.opt_out(tx, tent.wiring.house(tx), row["case_id"], user=tent.user("bob"), now=tent.clock.now())
    assert kinds(tent) == ["begun", "retract", "opt_out"]
    told = text(tent).lower()
    for secret in (HANDLE, "p1 ", ":p1", row["request_key"], "internet", "bob"):
        assert secret.lower() not in told, secret


def test_while_it_cannot_be_written_a_reply_waits_and_then_leaves_once(tent: HouseInATent) -> None:
    queue(tent)
    tent.beat()
    folder = tent.root / "checkpoints"
    folder.rename(tent.root / "away")
    folder.write_text("no folder")
    tent.send()
    (row,) = dispatches.in_state(tent.store, DispatchState.QUEUED)
    assert (row["cause"], tent.said()) == ("no_journal", [])
    folder.unlink()
    (tent.root / "away").rename(folder)
    tent.clock.advance(60_000)
    tent.send()
    assert [reply.in_reply_to for reply in tent.said()] == ["p1"]
    assert [entry["result"] for entry in tent.entries("SEND_RESULT")] == ["not_sent", "sent"]


def test_while_it_cannot_be_written_an_opt_out_counts_and_its_line_comes_later(tent: HouseInATent) -> None:
    tent.beat()
    folder = tent.root / "checkpoints"
    folder.rename(tent.root / "away")
    folder.write_text("no folder")
    tent.hear(post("p1", HANDLE, "@fjordfon_hilft stopp"))
    assert tent.store.value("SELECT count(*) FROM opt_outs") == 1
    (line,) = copies.waiting(tent.store)
    assert HANDLE not in line
    tent.wiring.journal.catch_up(tent.store)
    assert copies.waiting(tent.store) == [line], "still out of reach: it waits on"
    folder.unlink()
    (tent.root / "away").rename(folder)
    tent.wiring.journal.catch_up(tent.store)
    assert (copies.waiting(tent.store), kinds(tent)) == ([], ["opt_out"])


def test_a_transaction_that_fails_leaves_no_line(tent: HouseInATent) -> None:
    def fails() -> None:
        with tent.store.write() as tx:
            tx.keep("opt_out", "key", "replay")
            raise Transient("No.")

    with pytest.raises(Transient):
        fails()
    assert kinds(tent) == []


def made(folder: Path, clock: FakeClock) -> Journal:
    keys.make(folder / "keys")
    known = keys.load(folder / "keys")
    return Journal(folder / "journal", lambda: known, clock)


@given(cut=st.integers(1, 160))
def test_a_line_that_a_crash_cut_off_spoils_neither_those_before_nor_those_after(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    folder = tmp_path_factory.mktemp("cut")
    journal = made(folder, FakeClock())
    journal.append(journal.lines([("opt_out", "a" * 64, "replay"), ("gone", "replay:replay:1")]))
    (place,) = (folder / "journal").iterdir()
    whole = place.read_bytes()
    first = whole.index(b"\n") + 1
    place.write_bytes(whole[: max(first, len(whole) - cut)])
    left = [line.kind for line in journal.read()]
    assert left == ["opt_out"]
    journal.append(journal.lines([("erasure", "b" * 64)]))
    assert [line.kind for line in journal.read()] == ["opt_out", "erasure"]


def test_a_changed_line_is_found_and_its_place_is_named(tmp_path: Path) -> None:
    journal = made(tmp_path, FakeClock())
    journal.append(journal.lines([("opt_out", "a" * 64, "replay")]))
    (place,) = (tmp_path / "journal").iterdir()
    place.write_bytes(place.read_bytes().replace(b"aa", b"ab", 1))
    with pytest.raises(LedgerBroken, match=r"2026-09\.journal:1: .*damaged"):
        list(journal.read())


def test_each_month_has_its_file_and_old_ones_go(tmp_path: Path) -> None:
    clock = FakeClock()
    journal = made(tmp_path, clock)
    for _ in range(4):
        journal.append(journal.lines([("backup", "1")]))
        clock.advance(31 * 86_400_000)
    assert len(list((tmp_path / "journal").iterdir())) == 4
    journal.forget(clock.now() - 92 * 86_400_000)
    assert [place.name for place in sorted((tmp_path / "journal").iterdir())] == [
        "2026-10.journal",
        "2026-11.journal",
        "2026-12.journal",
    ]


def test_every_connection_of_the_house_writes_to_it(tent: HouseInATent) -> None:
    assert tent.wiring.stores().journal is tent.wiring.journal
    assert Store(tent.wiring.database).journal is None, "one that a command opens to read"
