"""People and platforms in any order: never two replies to a post, never a forbidden one, each with its proof."""

import json
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

from bot.errors import GateRefused, PlatformError, Stale, Transient, Uncertain
from bot.ledger.verify import Verdict, verify
from bot.model import Consent, DispatchState, Lane, Outcome, Receipt
from bot.model.ladder import Ladder
from bot.review import acts, outgoing
from bot.store import copies, dispatches, drafts, ladder
from bot.store import house as house_rows
from bot.store.db import Row

PEOPLE = st.sampled_from(["alice", "bob"])
WORDS = st.sampled_from(
    [
        "Warum geht das Internet nicht?",
        "Seit Tagen kein Internet, das ist furchtbar.",
        "danke, ihr seid super!",
        "Ihr Idioten, eure Mitarbeiterin ist eine dumme Kuh!",
        "stopp",
    ]
)


class Watched(Moody):
    """A platform that fails the test when a reply arrives that must never leave."""

    deleted: frozenset[str] = frozenset()
    silenced: frozenset[str] = frozenset()
    closed: frozenset[str] = frozenset()
    stopped = False

    kill: tuple[str, bool] | None = None

    def _turn(self, act: str) -> None:
        if self.kill == (act, False):
            raise Killed
        super()._turn(act)

    def publish(self, consent: Consent) -> Receipt:
        assert not self.stopped, "a reply left under stop-all"
        assert consent.target.native_id not in self.deleted, "a reply to a deleted post"
        assert consent.target.author_handle not in self.silenced, "a reply to somebody who opted out"
        assert consent.target.author_handle not in self.closed, "a reply to somebody whose ladder has ended"
        receipt = super().publish(consent)
        if self.kill == ("publish", True):
            raise Killed
        return receipt


class Killed(BaseException):
    """The process ends here. No handler of the house catches it, as none catches a kill."""


class AnyOrder(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp())
        self.tent: HouseInATent = pitch(self.root, FakeClock())
        self.platform = Watched(self.tent.publishers["samples"])
        self.tent.publishers["samples"] = self.platform
        self.posts: dict[str, tuple[str, str]] = {}
        self.backup: Path | None = None

    def teardown(self) -> None:
        self.tent.beat()
        report = verified(self.tent)
        assert report.verdict is Verdict.OK, report.sentence
        self.tent.wiring.stores.close()
        shutil.rmtree(self.root)

    def some(self, number: int) -> str:
        return list(self.posts)[number % len(self.posts)]

    def hear(self, native_id: str, author: str, words: str) -> None:
        self.posts[native_id] = (author, words)
        if words == "stopp":
            self.platform.silenced |= {author}
        self.tent.hear(post(native_id, author, f"@fjordfon_hilft {words}", root=f"thread of {author}"))

    @precondition(lambda self: self.posts)
    @rule(number=st.integers(0, 50), words=WORDS, edit=st.booleans())
    def author_goes_on(self, number: int, words: str, *, edit: bool) -> None:
        native_id = self.some(number)
        self.hear(native_id if edit else str(len(self.posts) + 1), self.posts[native_id][0], f"{words} Nachtrag")

    @precondition(lambda self: self.posts)
    @rule(number=st.integers(0, 50), act=st.sampled_from(["delete", "protect", "opt out", "escalate", "close", "stop"]))
    def something_forbids_replies(self, number: int, act: str) -> None:
        acts_by_name = {
            "delete": self.delete,
            "protect": self.protect,
            "opt out": self.opt_out,
            "escalate": self.escalate,
            "close": self.close_the_ladder,
        }
        if act == "stop":
            self.stop()
        else:
            acts_by_name[act](number)

    def delete(self, number: int) -> None:
        self.change(number, exists=False)

    def protect(self, number: int) -> None:
        self.change(number, visibility="followers")

    def change(self, number: int, **state: object) -> None:
        """From now on nobody may answer this post any more."""
        native_id = self.some(number)
        self.platform.deleted |= {native_id}
        states = self.tent.timeline.with_suffix(".status.jsonl")
        with states.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"id": native_id, **state}) + "\n")

    def case_of(self, number: int) -> Row:
        return self.tent.case(self.posts[self.some(number)][0])

    def opt_out(self, number: int) -> None:
        case = self.case_of(number)
        self.platform.silenced |= {case["author_handle"]}
        with self.tent.store.write() as tx:
            house, user = self.tent.wiring.house(tx), self.tent.user("alice")
            outgoing.opt_out(tx, house, case["id"], user=user, now=self.tent.clock.now())

    def close_the_ladder(self, number: int) -> None:
        """The last warning was spoken, as dispatch and desk write it."""
        case, now = self.case_of(number), self.tent.clock.now()
        self.platform.closed |= {case["author_handle"]}
        with self.tent.store.write() as tx:
            key = self.tent.wiring.keys.author(case["platform"], case["author_id"])
            ladder.put(tx, key, case["platform"], Ladder(closed_at=now), forget_at=now + 366 * 86_400_000)

    @rule()
    def a_backup_is_made(self) -> None:
        if self.backup is not None:
            self.backup.unlink()
        self.backup = save(self.tent)

    @precondition(lambda self: self.backup)
    @rule(lifted=st.booleans())
    def the_backup_comes_into_force(self, *, lifted: bool) -> None:
        assert self.backup is not None
        put_back(self.tent, self.backup)
        self.platform.stopped = not lifted
        if lifted:
            lift_stop(self.tent)
        self.tent.listen()

    @precondition(lambda self: self.posts)
    @rule(number=st.integers(0, 50), name=PEOPLE)
    def person_approves(self, number: int, name: str) -> None:
        self.open_and_approve(self.case_of(number), name)

    @initialize()
    def a_day_has_begun(self) -> None:
        for name in ("alice", "bob"):
            self.ordinary_reply(name, wait=True)

    @rule(name=PEOPLE, wait=st.booleans())
    def ordinary_reply(self, name: str, *, wait: bool) -> None:
        """What happens all day long: a question, an approval, the countdown."""
        native_id = str(len(self.posts) + 1)
        self.hear(native_id, f"kim{native_id}", "Warum geht das Internet nicht?")
        self.open_and_approve(self.tent.case(f"kim{native_id}"), name)
        if wait:
            self.tent.clock.advance(10_000)

    @rule(name=PEOPLE)
    def ordinary_reply_of_somebody_else(self, name: str) -> None:
        self.ordinary_reply(name, wait=True)

    def open_and_approve(self, case: Row, name: str) -> None:
        try:
            with self.tent.store.write() as tx:
                acts.open_case(tx, self.tent.wiring.house(tx), case["id"], self.tent.user(name), self.tent.clock.now())
            self.tent.beat()
            draft = drafts.open_of_case(self.tent.store, case["id"])
            if draft is not None:
                self.approve(draft, name)
        except Stale:
            return

    def approve(self, draft: Row, name: str) -> None:
        with self.tent.store.write() as tx:
            acts.approve(
                tx,
                self.tent.wiring.house(tx),
                draft["id"],
                version=draft["version"],
                text=own_words(draft["mention_id"]),
                user=self.tent.user(name),
                now=self.tent.clock.now(),
            )

    @precondition(lambda self: self.posts)
    @rule(number=st.integers(0, 50), name=PEOPLE, held=st.sampled_from(["C-12", "C-13", "C-02"]))
    def person_releases(self, number: int, name: str, held: str) -> None:
        draft = drafts.open_of_case(self.tent.store, self.case_of(number)["id"])
        if draft is None:
            return
        try:
            with self.tent.store.write() as tx:
                house, user, now = self.tent.wiring.house(tx), self.tent.user(name), self.tent.clock.now()
                acts.release(tx, house, draft["id"], rule=held, reason="dauert an", user=user, now=now)
        except (Stale, GateRefused):
            return

    def dispatch(self, number: int) -> int | None:
        rows = self.tent.store.rows("SELECT id FROM dispatches ORDER BY id")
        return rows[number % len(rows)]["id"] if rows else None

    @rule(number=st.integers(0, 50), act=st.sampled_from(["cancel", "retract", "retry", "resolve"]))
    def person_acts_on_a_reply(self, number: int, act: str) -> None:
        dispatch_id = self.dispatch(number)
        if dispatch_id is None:
            return
        user, now = self.tent.user("alice"), self.tent.clock.now()
        try:
            with self.tent.store.write() as tx:
                house = self.tent.wiring.house(tx)
                if act == "cancel":
                    outgoing.cancel(tx, house, dispatch_id, user=user, now=now)
                elif act == "retract":
                    outgoing.retract(tx, house, dispatch_id, reason="falsch", user=user, now=now)
                elif act == "retry":
                    outgoing.retry(tx, dispatch_id, user=user, now=now)
                else:
                    there = self.is_there(dispatch_id)
                    outgoing.resolve(tx, house, dispatch_id, sent=there, user=self.tent.user("bob"), now=now)
        except Stale:
            return

    def is_there(self, dispatch_id: int) -> bool:
        """What a person sees who looks at the platform."""
        row = dispatches.by_id(self.tent.store, dispatch_id)
        assert row is not None
        return row["canonical_target"].rsplit(":", 1)[1] in {reply.in_reply_to for reply in self.tent.said()}

    def escalate(self, number: int) -> None:
        with self.tent.store.write() as tx:
            house, user, now = self.tent.wiring.house(tx), self.tent.user("alice"), self.tent.clock.now()
            acts.escalate(tx, house, self.case_of(number)["id"], lane=Lane.THREAT, user=user, now=now)

    def stop(self) -> None:
        self.platform.stopped = True
        with self.tent.store.write() as tx:
            house, user = self.tent.wiring.house(tx), self.tent.user("alice")
            outgoing.stop(tx, house, reason="Probe", user=user, now=self.tent.clock.now())

    @precondition(lambda self: self.platform.stopped)
    @rule(both=st.booleans())
    def people_lift_the_stop(self, *, both: bool) -> None:
        for name in ("alice", "bob") if both else ("alice",):
            with self.tent.store.write() as tx:
                outgoing.lift_stop(tx, self.tent.wiring.house(tx), user=self.tent.user(name), now=self.tent.clock.now())
        self.platform.stopped = house_rows.stop(self.tent.store) is not None

    @rule(
        act=st.sampled_from(["inspect", "publish", "find", "retract"]),
        error=st.sampled_from([Transient("No."), Uncertain("No.")]),
        lost=st.booleans(),
    )
    def platform_stumbles(self, act: str, error: PlatformError, *, lost: bool) -> None:
        self.platform.moods[act] = [error]
        self.platform.lost = [Uncertain("The line broke.")] if lost else []

    @rule(act=st.sampled_from(["inspect", "publish", "find", "retract"]), after=st.booleans())
    def worker_is_killed(self, act: str, *, after: bool) -> None:
        """In the middle of an act, or right after a reply left: what is committed stays, nothing else does."""
        self.platform.kill = (act, after)
        try:
            self.tent.send()
        except Killed:
            pass
        finally:
            self.platform.kill = None

    @rule(ms=st.sampled_from([10_000, 10_000, 70_000, 70_000, 5 * 3_600_000, 8 * 86_400_000]))
    def time_passes(self, ms: int) -> None:
        self.tent.clock.advance(ms)

    @rule()
    def worker_sends(self) -> None:
        self.tent.send()

    @rule()
    def worker_sends_a_minute_later(self) -> None:
        self.tent.clock.advance(70_000)
        self.tent.send()

    @invariant()
    def no_post_has_two_replies(self) -> None:
        targets = [reply.in_reply_to for reply in self.tent.said()]
        assert len(targets) == len(set(targets))

    @invariant()
    def every_reply_has_its_whole_proof(self) -> None:
        decisions, approvals = self.tent.entries("DECISION"), self.tent.entries("APPROVAL")
        results = self.tent.entries("SEND_RESULT")
        told = [entry["dispatch"] for entry in results if entry["result"] in {"sent", "found"}]
        assert len(told) == len(set(told))
        sent = (DispatchState.SENT, DispatchState.RETRACTING, DispatchState.RETRACTED)
        rows = dispatches.in_state(self.tent.store, *sent)
        assert sorted(row["id"] for row in rows) == sorted(told)
        for row in [*rows, *dispatches.in_state(self.tent.store, DispatchState.UNCERTAIN)]:
            lost = copies.of_dispatch(self.tent.store, row["id"])
            if lost is not None and not lost["decided"]:
                continue
            about = [entry for entry in decisions if (entry["draft"], entry["phase"]) == (row["draft_id"], "dispatch")]
            assert {Outcome.ALLOW, Outcome.NOTE} & {entry["outcome"] for entry in about}
            assert row["text_hash"] in {entry["text_hash"] for entry in approvals if entry["draft"] == row["draft_id"]}

    @invariant()
    def the_ledger_verifies(self) -> None:
        assert verify(self.tent.store).verdict is Verdict.OK

    @invariant()
    def no_release_covers_what_is_missing(self) -> None:
        for entry in self.tent.entries("DECISION"):
            assert not [one for one in entry["others"] if one["missing"] and one["released"]]

    @invariant()
    def a_case_in_the_outbox_has_a_reply_there_and_no_other_has(self) -> None:
        queued = self.tent.store.rows(
            """SELECT c.state FROM dispatches d JOIN cases c ON c.id = d.case_id WHERE d.state = 'queued'
            AND d.attempts = 0"""
        )
        assert {row["state"] for row in queued} <= {"outbox"}


AnyOrder.TestCase.settings = settings(max_examples=12, stateful_step_count=25, deadline=None)
TestEveryOrder = AnyOrder.TestCase
