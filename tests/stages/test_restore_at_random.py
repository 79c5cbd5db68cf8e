"""Any work, a backup at any moment, more work, a restore: twice nothing, and nobody who left comes back."""

import shutil
import tempfile
from pathlib import Path

from clocks import FakeClock
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from port_doubles import Moody
from restoring import lift_stop, put_back, save, verified
from tents import HouseInATent, own_words, pitch, post

from bot.errors import Stale, Uncertain
from bot.ledger.anchors import compare
from bot.ledger.proof import Verdict
from bot.model import Consent, DispatchState, Receipt
from bot.protect import erasure
from bot.review import outgoing
from bot.store import dispatches

PEOPLE = ("kim-ohne-netz", "lea-am-fjord", "ole-wartet", "ida-fragt")
WHO = st.sampled_from(PEOPLE)


class Watched(Moody):
    """A platform that fails the test when somebody is answered who asked not to be."""

    silenced: frozenset[str] = frozenset()

    def publish(self, consent: Consent) -> Receipt:
        assert consent.target.author_handle not in self.silenced, "a reply to somebody who opted out"
        return super().publish(consent)


class Restored(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp())
        self.tent: HouseInATent = pitch(self.root, FakeClock())
        self.platform = Watched(self.tent.publishers["samples"])
        self.tent.publishers["samples"] = self.platform
        self.count = 0
        self.erased: set[str] = set()
        self.backup: Path | None = None

    def teardown(self) -> None:
        self.tent.beat()
        report = verified(self.tent)
        assert report.verdict is Verdict.OK, report.sentence
        self.tent.wiring.stores.close()
        shutil.rmtree(self.root)

    @initialize()
    def a_day_begins(self) -> None:
        for who in PEOPLE[:2]:
            self.somebody_asks(who, answered=True)
        self.a_backup_is_made()

    @rule(who=WHO, answered=st.booleans())
    def somebody_asks(self, who: str, *, answered: bool) -> None:
        if who in self.erased:
            return
        self.count += 1
        self.tent.hear(post(f"p{self.count}", who, "@fjordfon_hilft Warum geht das Internet nicht?", root=f"by {who}"))
        if answered:
            self.somebody_answers(who)

    @rule(who=WHO)
    def somebody_answers(self, who: str) -> None:
        if not self.known(who):
            return
        try:
            self.tent.approve(who, own_words(self.count))
        except (Stale, AssertionError):
            return
        self.tent.clock.advance(10_000)

    def known(self, who: str) -> bool:
        return self.tent.store.row("SELECT 1 FROM cases WHERE author_handle = :who", who=who) is not None

    @rule(who=WHO)
    def somebody_opts_out(self, who: str) -> None:
        if self.known(who):
            self.platform.silenced |= {who}
            with self.tent.store.write() as tx:
                house, bob = self.tent.wiring.house(tx), self.tent.user("bob")
                outgoing.opt_out(tx, house, self.tent.case(who)["id"], user=bob, now=self.tent.clock.now())

    @rule(who=WHO)
    def somebody_is_erased(self, who: str) -> None:
        if not self.known(who) or who in self.erased:
            return
        with self.tent.store.write() as tx:
            erasure.ask(tx, self.tent.wiring.keys, "replay", who, user=self.tent.user("bob"), now=self.tent.clock.now())
        if erasure.work(self.tent.store, self.tent.wiring.keys, self.tent.clock):
            self.erased.add(who)

    @rule(number=st.integers(0, 20))
    def a_reply_is_taken_back(self, number: int) -> None:
        rows = [row for row in dispatches.in_state(self.tent.store, DispatchState.SENT) if row["remote_id"]]
        if rows:
            with self.tent.store.write() as tx:
                house, bob, row = self.tent.wiring.house(tx), self.tent.user("bob"), rows[number % len(rows)]
                outgoing.retract(tx, house, row["id"], reason="falsch", user=bob, now=self.tent.clock.now())

    @rule()
    def the_worker_works(self) -> None:
        self.tent.clock.advance(70_000)
        self.tent.send()

    @rule()
    def an_answer_is_lost_on_its_way_back(self) -> None:
        self.platform.lost = [Uncertain("The line broke.")]

    @rule()
    def a_backup_is_made(self) -> None:
        if self.backup is not None:
            self.backup.unlink()
        self.backup = save(self.tent)

    @precondition(lambda self: self.backup)
    @rule(again=st.booleans())
    def the_backup_comes_into_force(self, *, again: bool) -> None:
        assert self.backup is not None
        put_back(self.tent, self.backup)
        if again:
            lift_stop(self.tent)
            self.tent.listen()
            self.the_worker_works()

    @invariant()
    def no_post_has_two_replies(self) -> None:
        targets = [reply.in_reply_to for reply in self.tent.said()]
        assert len(targets) == len(set(targets))

    @invariant()
    def no_byte_of_an_erased_person_is_in_the_database(self) -> None:
        whole = b"".join(place.read_bytes() for place in (self.root / "data").glob("earshot.db*")).lower()
        assert [who for who in sorted(self.erased) if who.encode() in whole] == []

    @invariant()
    def the_ledger_verifies_quickly(self) -> None:
        report = compare(self.tent.store, self.root / "checkpoints", self.tent.wiring.keys.known).report
        assert report.verdict is Verdict.OK, report.sentence


Restored.TestCase.settings = settings(max_examples=12, stateful_step_count=20, deadline=None)
TestRestored = Restored.TestCase
