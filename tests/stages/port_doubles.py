"""Small doubles of the ports, and how tests kill, wait and starve: a platform whose answers a test decides."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bot.errors import PlatformError
from bot.model import (
    Author,
    Consent,
    Identity,
    Mention,
    Page,
    Platform,
    PostStatus,
    Receipt,
    Target,
    Thread,
    Visibility,
)
from bot.ports import Publisher
from bot.store.db import Store

PATIENCE_S = 30.0
"""How long a test waits for something that happens at once on an idle machine."""


class Moody:
    """A publisher that raises what the test put in line for an act, and else does what the real one does."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher
        self.moods: dict[str, list[PlatformError]] = {"inspect": [], "publish": [], "find": [], "retract": []}
        self.lost: list[PlatformError] = []
        """Raised after the reply was really published: an answer that never arrived."""
        self.meanwhile: dict[str, Callable[[], None]] = {}
        self.calls: list[str] = []

    def _turn(self, act: str) -> None:
        self.calls.append(act)
        if act in self.meanwhile:
            self.meanwhile.pop(act)()
        if self.moods[act]:
            raise self.moods[act].pop(0)

    def identity(self) -> Identity:
        return self._publisher.identity()

    def inspect(self, target: Target) -> PostStatus:
        self._turn("inspect")
        return self._publisher.inspect(target)

    def thread(self, target: Target, root: str, most: int) -> Thread:
        return self._publisher.thread(target, root, most)

    def publish(self, consent: Consent) -> Receipt:
        self._turn("publish")
        receipt = self._publisher.publish(consent)
        if self.lost:
            raise self.lost.pop(0)
        return receipt

    def find(self, target: Target, text: str, since: int) -> Receipt | None:
        self._turn("find")
        return self._publisher.find(target, text, since)

    def retract(self, receipt: Receipt) -> None:
        self._turn("retract")
        self._publisher.retract(receipt)


class Feed:
    """A connector that hands out pages or raises errors in the order that the test gave them."""

    def __init__(self, *answers: Page | Exception, name: str = "samples") -> None:
        self.name = name
        self.answers = list(answers)
        self.asked: list[str] = []

    def fetch(self, cursor: str, limit: int) -> Page:
        self.asked.append(cursor)
        if not self.answers:
            return Page((), cursor)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def mention(native_id: str = "1", text: str = "@fjordfon_hilft Geht nicht?", **more: object) -> Mention:
    """A public post that mentions us, as a connector hands it over."""
    author = Author(str(more.pop("author", "kim")), str(more.pop("handle", "kim")))
    known: dict[str, object] = {
        "platform": Platform.REPLAY,
        "surface": "replay",
        "account": "fjordfon_hilft",
        "native_id": native_id,
        "canonical_key": f"replay:replay:{native_id}",
        "text": text,
        "author": author,
        "created_at": 1_790_000_000_000,
        "visibility": Visibility.PUBLIC,
        "own_mentions": ("fjordfon_hilft",),
    }
    return Mention(**{**known, **more})


def killed(work: Callable[[], object]) -> bool:
    """Run ``work`` in a forked process; True if it was ended by SIGKILL."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        finally:
            os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL


def die() -> None:
    """End this process as a power cut does."""
    os.kill(os.getpid(), signal.SIGKILL)


def until(condition: Callable[[], object], what: str) -> None:
    """Ask ``condition`` until it holds; fails with ``what`` after ``PATIENCE_S``."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"in vain: {what}"
        os.sched_yield()


@contextmanager
def no_room(store: Store) -> Iterator[None]:
    """As long as this lasts, the database cannot grow by a page."""
    pages = store.value("PRAGMA page_count")
    store.connection.execute(f"PRAGMA max_page_count = {pages}")
    yield
    store.connection.execute("PRAGMA max_page_count = 1073741823")


@contextmanager
def held_by_another(store: Store) -> Iterator[None]:
    """As long as this lasts, another connection is in the middle of writing and ours does not wait long."""
    store.connection.execute("PRAGMA busy_timeout = 20")
    other = Store(store.path)
    with other.write():
        yield
    other.close()
