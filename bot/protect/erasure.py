"""Erasure at a person's request (Art. 17): everything about one account on one platform, down to the last byte.

Three steps, each safe to be killed in and to be done again: the request is noted and what was about to leave is called
back; all rows go in one transaction with their DELETION entry; the file is rewritten, and the job closes only when the
write-ahead file is empty. The ledger stays whole: what it could open of the person is destroyed with the salts.
"""

import re

from bot.config.models import Brand
from bot.errors import NotAllowed, Stale
from bot.keys import Keys
from bot.ledger import entries
from bot.model import AlarmKind, CaseState, EntryKind, Platform, Role
from bot.ports import Clock
from bot.protect.evidence import shelf
from bot.store import alarms, ladder, opt_ins, people, purge, upkeep
from bot.store import log as ledger_rows
from bot.store.db import Reader, Row, Store, Tx
from bot.withdrawal import withdraw

CAUSE = "erasure"
COVER = "\N{FULL BLOCK}"
BY_NAME = "@"
"""Stands before a name in the place of an id, where nothing is held of somebody but that others name them."""
POSTS = "post"
"""Stands in the place of a platform where a post's own key is made."""


def need_senior(user: Row) -> None:
    """Refuse everyone who may not see what is held of a person."""
    if user["role"] != Role.SENIOR:
        raise NotAllowed("Your role does not allow this.")


def account(reader: Reader, platform: str, name: str) -> str | None:
    """The id of the one account that a handle (with or without "@") or an id stands for; None if nothing is held of it.

    Raises:
        Stale: several accounts have used the handle; names their ids.
    """
    found = sorted({row["author_id"] for row in people.accounts(reader, platform, name.strip().removeprefix("@"))})
    if len(found) > 1:
        raise Stale(f"Several accounts have used this handle. Ask again with one of their ids: {', '.join(found)}")
    return found[0] if found else None


def somebody(reader: Reader, brand: Brand, platform: str, name: str) -> str | None:
    """As ``account``; of whom nothing is held but that others name them, "@" and the name stands for the id.

    Our own accounts are nobody.

    Raises:
        Stale: see ``account``.
    """
    found, bare = account(reader, platform, name), name.strip().removeprefix("@").casefold()
    if (
        found is not None
        or not bare
        or bare in {own.handle.casefold() for own in brand.accounts.get(Platform(platform), ())}
    ):
        return found
    hit = _naming([bare])
    told = (words for needle in _needles([bare]) for words in people.words_with(reader, platform, needle))
    return f"{BY_NAME}{bare}" if any(map(hit.search, told)) else None


def names_of(reader: Reader, platform: str, author_id: str) -> list[str]:
    """Every handle under which an account is known."""
    return [author_id[1:]] if author_id.startswith(BY_NAME) else people.handles(reader, platform, author_id)


def _needles(names: list[str]) -> list[str]:
    return [f"{sign}{name.lower()}" for name in names for sign in ("@", "u/")]


def _naming(names: list[str]) -> re.Pattern[str]:
    """Finds the handles, with "@" or as Reddit writes people; the sign before it is the first group."""
    known = "|".join(map(re.escape, names))
    return re.compile(rf"(@|(?<![\w/])/?u/)(?:{known})(?!\w|[-.@]\w)", re.IGNORECASE)


def escalated(reader: Reader, platform: str, author_id: str, now: int) -> list[int]:
    """Cases that first need a decision: evidence of a threat goes under a legal hold, or the case is closed (P-13)."""
    cases = people.cases_of(reader, platform, author_id, now)
    return [row["id"] for row in cases if row["held"] is None and _undecided(reader, row)]


def _undecided(reader: Reader, case: Row) -> bool:
    """Whether people still have a case in their hands that may be evidence."""
    return case["state"] == CaseState.ESCALATED or alarms.of_case(reader, case["id"], AlarmKind.THREAT) is not None


def ask(tx: Tx, keys: Keys, platform: str, author_id: str, *, user: Row, now: int) -> int:
    """A person had their account's data erased; the worker does it at once. Returns the job's number.

    Raises:
        Stale: an escalated case stands open without a legal hold.
    """
    need_senior(user)
    waiting = escalated(tx, platform, author_id, now)
    if waiting:
        raise Stale(
            f"Case {waiting[0]} is escalated. Place a legal hold on it if it is evidence, or close it; then erase."
        )
    asked = {"platform": platform, "author_id": author_id, "author_key": keys.author(platform, author_id)}
    job, fresh = people.ask_erasure(tx, {**asked, "asked_at": now, "asked_by": user["id"]})
    if fresh:
        for case in people.cases_of(tx, platform, author_id, now):
            withdraw(tx, case["id"], now, cause=CAUSE)
        fields: dict[str, entries.Value] = {"step": "asked", "erasure": job, "platform": platform}
        entries.append(tx, EntryKind.DELETION, {**fields, "by": keys.staff(user["id"], now)}, now)
    return job


def work(store: Store, keys: Keys, clock: Clock) -> int:
    """Go on with every open erasure; returns how many were closed.

    One waits for a reply that is on its way, for a legal hold to end, or for a reader that keeps the file busy.
    """
    jobs = people.open_erasures(store)
    for job in jobs:
        if job["erased_at"] is None:
            with store.write() as tx:
                _erase(tx, keys, job["id"], clock.now())
    ready = [row["id"] for row in people.open_erasures(store) if row["erased_at"] is not None]
    if ready:
        # What was evidence went with its case's rows; its file goes before the job can close.
        shelf.sweep(store, shelf.folder_of(store.path))
    if not ready or not purge.settle(store, clock.now(), every_ms=0):
        return 0
    with store.write() as tx:
        closed = [job_id for job_id in ready if people.close_erasure(tx, job_id, clock.now())]
        for job_id in closed:
            entries.append(tx, EntryKind.DELETION, {"step": "closed", "erasure": job_id}, clock.now())
    return len(closed)


def _erase(tx: Tx, keys: Keys, job_id: int, now: int) -> None:
    """All rows of one job, as they are now; what is held stays, and keeps the job open."""
    job = people.erasure(tx, job_id)
    if job is None or job["erased_at"] is not None:
        return
    platform, author_id = job["platform"], job["author_id"]
    if people.on_the_way(tx, platform, author_id):
        return
    cases = people.cases_of(tx, platform, author_id, now)
    free, held = [row["id"] for row in cases if row["held"] is None], [row for row in cases if row["held"]]
    posts = [
        row for row in people.posts_of(tx, platform, author_id) if row["case_id"] is None or row["case_id"] in free
    ]
    if held and not free and not posts:
        return
    for post in posts:
        people.remember_erased(tx, keys.author(POSTS, post["canonical_key"]), now)
    names = names_of(tx, platform, author_id)
    people.erase_cases(tx, free)
    alarms.tidy(tx, now)
    people.erase_posts_without_case(tx, platform, author_id)
    people.forget_quotes(tx, platform, author_id)
    _forget_names(tx, keys, platform, author_id, names)
    upkeep.want_rewrite(tx, now)
    fields: dict[str, entries.Value] = {"erasure": job_id, "platform": platform}
    fields |= {"step": "erased", "cases": len(free), "posts": len(posts), "held": len(held)}
    if not held:
        ledger_rows.erase(tx, job["author_key"])
        ladder.forget(tx, job["author_key"])
        opt_ins.forget(tx, job["author_key"])
        # It opens to the keyed digest alone: whoever has our key and the id can show that it was done.
        fields["author"] = entries.commit(tx, "erased", "erasures", {"author_key": job["author_key"]})
        people.erased(tx, job_id, now)
    entries.append(tx, EntryKind.DELETION, fields, now)


def _forget_names(tx: Tx, keys: Keys, platform: str, author_id: str, names: list[str]) -> None:
    """Cover the person's handles in the words of others, and rename threads that are named after them."""
    needles = _needles(names)
    if needles:
        hit = _naming(names)
        people.mask_names(tx, platform, needles, lambda words: hit.sub(_covered, words))
        for needle in needles:
            people.forget_openings(tx, needle)
    for name in {author_id, *names}:
        inside = re.compile(rf"(?<![\w.-]){re.escape(name)}(?![\w.-])", re.IGNORECASE)

        def renamed(thread: str, inside: re.Pattern[str] = inside) -> str:
            # A number that happens to be the same names another thing: only what is an address can hold a name.
            if "/" not in thread or not inside.search(thread):
                return thread
            return f"{people.ERASED}{keys.author(POSTS, thread)[:32]}"

        people.rename_threads(tx, platform, name.lower(), renamed)


def _covered(found: re.Match[str]) -> str:
    return found[1] + COVER * (len(found[0]) - len(found[1]))
