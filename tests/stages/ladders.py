"""An author who attacks people, and everybody at the desk whom the ladder needs, in a tent of their own."""

from dataclasses import dataclass

from tents import HouseInATent, post

from bot.model import CaseState, Role
from bot.model.ladder import Ladder, Step
from bot.protect import ladder as machine
from bot.review import acts, ladder
from bot.review.acts import Verdict
from bot.store import drafts, users
from bot.store import ladder as rows
from bot.store.db import Row

AUTHOR = "wutbuerger"
RUDE = "Du bist so ein Vollidiot, du dummes Arschloch!"
HARSH = "Euer Tarif ist der letzte Dreck und der Router Elektroschrott!"
HOUR = 3_600_000
DAY = 24 * HOUR
PEOPLE = (("carla", Role.SENIOR), ("dora", Role.SENIOR), ("emil", Role.AGENT))


@dataclass
class Staircase:
    """The tent with one author's conversation, walked step by step through the real stages."""

    tent: HouseInATent
    posts: int = 0

    def __post_init__(self) -> None:
        with self.tent.store.write() as tx:
            for name, role in PEOPLE:
                users.add(
                    tx,
                    name=name,
                    role=role,
                    initials=name[:2].upper(),
                    password_hash="-",
                    trained=False,
                    at=self.tent.clock.now(),
                )

    @property
    def now(self) -> int:
        return int(self.tent.clock.now())

    @property
    def case(self) -> Row:
        return self.tent.case(AUTHOR)

    @property
    def key(self) -> str:
        return self.tent.wiring.keys.author("replay", self.case["author_id"])

    @property
    def ladder(self) -> Ladder:
        return rows.of_author(self.tent.store, self.key)

    @property
    def step(self) -> Step:
        return machine.step_of(self.ladder, self.now)

    def rude(self, text: str = RUDE, **more: object) -> None:
        """The author writes; by itself an hour after what was before."""
        self.tent.clock.advance(HOUR)
        self.posts += 1
        self.tent.hear(post(f"r{self.posts}", AUTHOR, text, **more))
        self.tent.beat()

    def propose(self, name: str = "alice") -> Row:
        with self.tent.store.write() as tx:
            house = self.tent.wiring.house(tx)
            draft_id = ladder.warn(tx, house, self.case["id"], user=self.tent.user(name), now=self.now)
        self.tent.beat()
        found = drafts.by_id(self.tent.store, draft_id)
        assert found is not None
        return found

    def approve(self, draft_id: int, name: str) -> Verdict:
        """Approve the draft as it stands, releasing first what one person may release."""
        user = self.tent.user(name)
        if self.case["state"] == CaseState.FAILED:  # somebody takes the case again first
            with self.tent.store.write() as tx:
                acts.open_case(tx, self.tent.wiring.house(tx), self.case["id"], user, self.now)
            self.tent.beat()
        with self.tent.store.write() as tx:
            house, draft = self.tent.wiring.house(tx), drafts.by_id(tx, draft_id)
            assert draft is not None
            version, text = draft["version"], draft["text"]
            verdict = acts.approve(tx, house, draft_id, version=version, text=text, user=user, now=self.now)
        for result in verdict.decision.open_rules:
            if verdict.kind == "held" and result.outcome.name == "HOLD_SELF":
                with self.tent.store.write() as tx:
                    acts.release(tx, house, draft_id, rule=result.rule, reason="seen", user=user, now=self.now)
        if verdict.kind == "held":
            draft = drafts.by_id(self.tent.store, draft_id)
            assert draft is not None
            with self.tent.store.write() as tx:
                verdict = acts.approve(
                    tx, house, draft_id, version=draft["version"], text=draft["text"], user=user, now=self.now
                )
        return verdict

    def warn(self, first: str = "alice", second: str = "bob") -> None:
        """One whole step: proposed, approved twice, delivered."""
        draft = self.propose(first)
        assert self.approve(draft["id"], first).kind == "waiting"
        assert self.approve(draft["id"], second).kind == "queued"
        self.deliver()

    def deliver(self) -> None:
        self.tent.clock.advance(20_000)
        self.tent.send()

    def climb(self, steps: int) -> None:
        for _ in range(steps):
            self.rude()
            self.warn()
