"""What happened after a backup, as far as the journal tells, brought into a database that does not know it.

All in one transaction, on a copy that is not in force yet. Who opted out or was erased stays so; what was deleted goes
again; what may have been sent is uncertain; nothing that waited to leave leaves without a new approval.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.errors import EarshotError
from bot.gate.folding import placed_people
from bot.keys import Keys
from bot.ledger import entries, gaps
from bot.ledger.journal import ALARMS, POST, REQUEST, STAFF, Line
from bot.ledger.verify import Walk
from bot.model import AlarmKind, CaseState, DispatchState, EntryKind, Platform, Visibility
from bot.model.retention import DAY_MS
from bot.protect import erasure
from bot.protect.alarm import raise_alarm
from bot.protect.backup import Backup
from bot.protect.ladder import forget_at
from bot.store import (
    batches,
    cases,
    copies,
    dispatches,
    evidence,
    holds,
    ladder,
    leases,
    mentions,
    opt_ins,
    opt_outs,
    people,
    users,
)
from bot.store import house as house_rows
from bot.store.db import Row, Tx
from bot.withdrawal import take_out, withdraw

CAUSE = "restored"
LOOK_MS = 60_000
"""A reply that may have left is looked for this long after a restore, when a worker runs again."""
REVIEW_MS = 2 * DAY_MS
"""A conversation that a restore closes again is reviewed within this."""
HOLD_REVIEW_MS = 7 * DAY_MS
"""A hold whose words a restore lost is reviewed within this."""
_HELD = "nach einer Wiederherstellung nachzutragen / to be written again after a restore"
_STOPPED = "Wiederherstellung aus einer Sicherung / restored from a backup"


@dataclass(slots=True)
class Counts:
    """How much a restore changed, for the person at the terminal. The ledger has how much the journal told."""

    begun: int = 0
    reopened: int = 0
    opt_outs: int = 0
    erasures: int = 0
    erasures_waiting: int = 0
    deletions: int = 0
    retracts: int = 0
    alarms: int = 0
    alarms_lost: int = 0
    holds: int = 0
    holds_lost: int = 0


class Replay:
    """One restore's changes. ``now`` is in UTC milliseconds; ``lines`` are those of the journal after the backup."""

    def __init__(self, tx: Tx, keys: Keys, now: int, lines: Sequence[Line]) -> None:
        self._tx, self._keys, self._now, self._lines = tx, keys, now, lines
        self._posts = {keys.author(POST, row["canonical_key"]): int(row["id"]) for row in copies.posts(tx)}
        self.counts = Counts()

    def _told(self, kind: str) -> list[tuple[str, ...]]:
        return [line.words for line in self._lines if line.kind == kind]

    def run(self, backup: Backup, walk: Walk, lost: frozenset[gaps.Seen], *, blind: bool) -> Counts:
        """Everything, in an order in which no later step undoes an earlier one.

        Raises:
            EarshotError: the signing key was changed in a way that neither the ledger nor the journal tells.
        """
        tx, now = self._tx, self._now
        new_keys = self._new_keys(walk)
        # What waited for the journal is in this database already.
        copies.brought(tx)
        # First of all, because it stands right after the last entry that was kept.
        self._declare(backup, walk, lost, new_keys, blind=blind)
        copies.note_restore(tx, backup=backup.id, backup_at=backup.made_at, blind=blind, at=now)
        if house_rows.stop(tx) is None:
            house_rows.begin_stop(tx, user_id=None, reason=_STOPPED, at=now)
            entries.append(tx, EntryKind.KILL, {"step": "stopped", "by": "operator"}, now)
        self._what_may_have_left()
        self._needs_approval()
        self._take_back_again()
        for author_key, platform in self._told("opt_out"):
            self.counts.opt_outs += opt_outs.add(tx, author_key, platform, None, now)
        for (author_key,) in self._told("opt_in_over"):
            opt_ins.withdraw(tx, author_key, now)
        for author_key, platform in self._told("closed"):
            self._closed_again(author_key, platform)
        for (post_key,) in self._told("gone"):
            self._gone_again(post_key)
        for (post_key,) in self._told("forbidden"):
            self._forbidden_again(post_key)
        self._alarms_again()
        self._held_again()
        for (post_key,) in self._told("erased"):
            people.remember_erased(tx, post_key, now)
        copies.nothing_is_fresh(tx, now)
        leases.nobody_has_any(tx)
        self._erase_again()
        return self.counts

    # the ledger -----------------------------------------------------------------------------------

    def _new_keys(self, walk: Walk) -> list[tuple[str, ...]]:
        """KEY entries that are lost, as the journal tells of them, oldest first."""
        ring = walk.ring
        missing = [key.hex() for key in self._keys.known if ring is None or key not in ring.keys]
        told = {words[1]: words for words in self._told("key")}
        if not set(missing) <= told.keys():
            raise EarshotError(
                "The signing key is another one than when this backup was made, and the journal does not tell of the "
                "change. Take a newer backup, or put back the keys of that time."
            )
        return [told[key] for key in missing]

    def _declare(
        self, backup: Backup, walk: Walk, lost: frozenset[gaps.Seen], new_keys: list[tuple[str, ...]], *, blind: bool
    ) -> None:
        tx, now, ring = self._tx, self._now, walk.ring
        in_force = bytes.fromhex(new_keys[-1][1]) if new_keys or ring is None else ring.current
        signer = self._keys.signer_of(in_force)
        told: dict[str, entries.Value] = {"backup": backup.id, "backup_at": backup.made_at, "blind": blind}
        told |= Counter(line.kind for line in self._lines)
        gaps.declare(tx, walk.seq, lost, signer, at=now, **told)
        for words in new_keys:
            names = ("old", "new", "signed_by_old", "signed_by_new")
            entries.append(tx, EntryKind.KEY, dict(zip(names, words, strict=True)), now)

    # replies --------------------------------------------------------------------------------------

    def _what_may_have_left(self) -> None:
        """Replies that were on their way at the backup, and those that the journal saw begin since."""
        tx = self._tx
        for row in copies.on_the_way(tx):
            self._uncertain(row, self._keys.author(REQUEST, row["request_key"]), row["updated_at"], decided=True)
        rows = {self._keys.author(REQUEST, row["request_key"]): row for row in copies.outgoing(tx)}
        for line in self._lines:
            if line.kind != "begun":
                continue
            post_key, request = line.words
            if request not in rows:
                self._lost(post_key, request, line.at)
            elif rows[request]["state"] == DispatchState.QUEUED:
                self._uncertain(rows[request], request, line.at, decided=False)

    def _lost(self, post_key: str, request: str, at: int) -> None:
        """A reply of which nothing is left but that it began: its post waits for a look."""
        self.counts.begun += 1
        known = {"post_key": post_key, "request": request, "begun_at": at, "decided": False}
        copies.began(self._tx, {**known, "mention_id": self._posts.get(post_key), "dispatch_id": None})

    def _uncertain(self, row: Row, request: str, at: int, *, decided: bool) -> None:
        tx, now, was = self._tx, self._now, DispatchState(row["state"])
        columns: dict[str, object] = {"claimed_until": now + LOOK_MS}
        if was is not DispatchState.UNCERTAIN:
            columns |= {"cause": copies.LOST, "started_at": row["started_at"] or at}
        if not dispatches.set_state(tx, row["id"], was, DispatchState.UNCERTAIN, now, **columns):
            return
        self.counts.begun += 1
        target = {"mention_id": row["mention_id"], "dispatch_id": row["id"], "request": request, "begun_at": at}
        post_key = self._keys.author(POST, row["canonical_target"])
        copies.began(tx, {**target, "post_key": post_key, "decided": decided})
        if was is not DispatchState.UNCERTAIN:
            fields: dict[str, entries.Value] = {"dispatch": row["id"], "draft": row["draft_id"], "cause": CAUSE}
            entries.append(tx, EntryKind.SEND_RESULT, {**fields, "result": "uncertain"}, now)
            cases.follow(tx, row["case_id"], CaseState.FAILED, now, why=CAUSE)

    def _needs_approval(self) -> None:
        batches.withdraw_all(self._tx, self._now)
        for case_id in copies.unsent(self._tx):
            withdraw(self._tx, case_id, self._now, cause=CAUSE)
            cases.follow(self._tx, case_id, CaseState.NEW, self._now, why=CAUSE)
            self.counts.reopened += 1

    def _take_back_again(self) -> None:
        """Replies that people wanted gone, and that this database takes for standing."""
        wanted = {request for (request,) in self._told("retract")}
        for row in copies.outgoing(self._tx):
            if self._keys.author(REQUEST, row["request_key"]) not in wanted or not row["remote_id"]:
                continue
            was, to = DispatchState.SENT, DispatchState.RETRACTING
            if dispatches.set_state(self._tx, row["id"], was, to, self._now, claimed_until=0):
                self.counts.retracts += 1
                fields: dict[str, entries.Value] = {"dispatch": row["id"], "step": "asked", "by": "operator"}
                entries.append(self._tx, EntryKind.RETRACT, fields, self._now)

    # people ---------------------------------------------------------------------------------------

    def _closed_again(self, author_key: str, platform: str) -> None:
        """Nobody answers this author until a review says otherwise; the warnings before it are lost."""
        found = ladder.of_author(self._tx, author_key)
        if found.closed_at is not None:
            return
        after = replace(found, closed_at=self._now)
        ladder_id = ladder.put(self._tx, author_key, platform, after, forget_at=forget_at(after, self._now))
        if ladder.open_review(self._tx, ladder_id) is None:
            due = self._now + REVIEW_MS
            ladder.begin_review(self._tx, ladder_id, cause="closed", at=self._now, by=None, due_at=due)

    def _gone_again(self, post_key: str) -> None:
        row = mentions.by_id(self._tx, self._posts.get(post_key, 0))
        if row is not None and row["text_hash"]:
            take_out(self._tx, row, Visibility.UNKNOWN, self._now, cause="gone")
            self.counts.deletions += 1

    def _forbidden_again(self, post_key: str) -> None:
        row = mentions.by_id(self._tx, self._posts.get(post_key, 0))
        if row is not None and row["case_id"] is not None:
            evidence.forbid(self._tx, row["case_id"], self._now)

    def _alarms_again(self) -> None:
        """Alarms that stood at the end of the lost time ring again: what was decided about them nobody knows."""
        standing: dict[tuple[str, str], bool] = {}
        for line in self._lines:
            if line.kind in ALARMS:
                standing[ALARMS[line.kind], line.words[0]] = line.kind == "acute"
            elif line.kind.endswith("_over"):
                standing.pop((line.kind.removesuffix("_over"), line.words[0]), None)
        for (kind, post_key), acute in standing.items():
            case_id = self._case_of(post_key)
            if case_id is None:
                self.counts.alarms_lost += 1
                continue
            raise_alarm(self._tx, case_id=case_id, kind=AlarmKind(kind), acute=acute, why=CAUSE, now=self._now)
            self.counts.alarms += 1

    def _held_again(self) -> None:
        """Holds that the backup does not know. Their words are lost, so a person looks at them within a week."""
        standing: dict[str, tuple[str, ...]] = {}
        for line in self._lines:
            if line.kind == "held":
                standing[line.words[0]] = line.words[1:]
            elif line.kind == "held_over":
                standing.pop(line.words[0], None)
        staff = {self._keys.author(STAFF, str(row["id"])): int(row["id"]) for row in users.every(self._tx)}
        for post_key, by in standing.items():
            case_id, who = self._case_of(post_key), [staff.get(key) for key in by]
            if case_id is None or who[0] is None:
                self.counts.holds_lost += 1
            elif holds.of_case(self._tx, case_id, self._now) is None:
                asked_by, approved_by = who[0], who[1] if len(who) > 1 else None
                told = {"classification": _HELD, "basis": _HELD, "asked_by": asked_by, "approved_by": approved_by}
                review_at = self._now + HOLD_REVIEW_MS
                holds.ask(self._tx, {**told, "case_id": case_id, "at": self._now, "review_at": review_at})
                self.counts.holds += 1

    def _case_of(self, post_key: str) -> int | None:
        row = mentions.by_id(self._tx, self._posts.get(post_key, 0))
        return None if row is None else row["case_id"]

    def _erase_again(self) -> None:
        """Accounts that were to be erased. Evidence of an open escalation waits for people, as it does otherwise."""
        wanted = {author_key for (author_key,) in self._told("erasure")}
        for row in copies.accounts(self._tx) if wanted else ():
            platform, author_id = row["platform"], row["author_id"]
            key = self._keys.author(platform, author_id)
            if key not in wanted:
                continue
            if erasure.escalated(self._tx, platform, author_id, self._now):
                self.counts.erasures_waiting += 1
                continue
            copies.let_go_of(self._tx, platform, author_id)
            self._ask_again(platform, author_id)
        self._erase_names_again(wanted)

    def _erase_names_again(self, wanted: set[str]) -> None:
        """People of whom nothing was held but that others name them."""
        for platform in Platform if wanted else ():
            told = people.words_with(self._tx, platform, "")
            for name in sorted({name for words in told for name, _ in placed_people(words)}):
                if self._keys.author(platform, f"{erasure.BY_NAME}{name}") in wanted:
                    self._ask_again(platform, f"{erasure.BY_NAME}{name}")

    def _ask_again(self, platform: str, author_id: str) -> None:
        asked = {"platform": platform, "author_id": author_id, "author_key": self._keys.author(platform, author_id)}
        job, _ = people.ask_erasure(self._tx, {**asked, "asked_at": self._now, "asked_by": None})
        fields: dict[str, entries.Value] = {"step": "asked", "erasure": job, "platform": platform}
        entries.append(self._tx, EntryKind.DELETION, {**fields, "by": "operator"}, self._now)
        self.counts.erasures += 1
