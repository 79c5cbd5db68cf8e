"""The contract between the stages and the outside world: what an adapter must do, and must not do.

Adapters import ``model``, ``errors``, ``ports``, ``egress`` and their own SDK, nothing else of the
house. They never sleep, retry or log a customer's words; they raise from ``bot.errors``.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from bot.model import Consent, Finding, Identity, Mention, Notice, Page, PostStatus, Receipt, Target, Thread


class Clock(Protocol):
    """The only source of time."""

    def now(self) -> int:
        """UTC milliseconds since 1970."""
        ...

    def monotonic(self) -> int:
        """Milliseconds that never jump, for durations and for measuring clock skew."""
        ...


class Connector(Protocol):
    """Reads public posts from one source of one platform. It writes nothing anywhere."""

    name: str
    """Unique name of the source, as configured; the cursor is kept under it."""

    def fetch(self, cursor: str, limit: int) -> Page:
        """Read at most ``limit`` posts that came after ``cursor`` ("" at first), oldest first.

        The page's cursor is opaque to the caller and is stored in one transaction with the posts.
        Fetching twice with one cursor brings the same posts again, or later states of them.
        A post that is not public may be returned with its visibility and an empty text.

        Raises:
            RateLimited: the platform asks to wait; ``retry_after`` seconds.
            Transient: it may work at the next poll.
            Unauthorised: the credentials were refused.
            Permanent: polling again will not help.
        """
        ...

    def since(self, at: int) -> str:
        """A cursor that begins at ``at``, in UTC milliseconds, as far back as the platform serves its posts."""
        ...


class Bell(Protocol):
    """Hears that a source has something new, and nothing of what it is: only its reader brings posts."""

    rest_s: float
    """Seconds between two polls that it may cause, so that it never uses up the platform's allowance."""

    def listen(self, ring: Callable[[], None]) -> None:
        """Call ``ring`` whenever there is something new; return after ``hang_up``.

        Raises:
            RateLimited: the platform asks to wait; ``retry_after`` seconds.
            Transient: it may work later.
            Permanent: the platform has no such bell, or not for us.
        """
        ...

    def hang_up(self) -> None:
        """End ``listen`` for good, from any thread and at once."""
        ...

    def check(self) -> None:
        """Listen until the platform agrees, and hang up. Raises as ``listen`` does."""
        ...


class Publisher(Protocol):
    """Writes on one platform as one of our accounts: a public reply, and taking that reply back."""

    def identity(self) -> Identity:
        """Our account as the platform knows it by our credentials. It sends nothing that anybody could see.

        Raises:
            Transient: the platform did not answer.
            Unauthorised: the credentials were refused.
            Permanent: something else is wrong with the account or the leave that it gave.
        """
        ...

    def inspect(self, target: Target) -> PostStatus:
        """Fetch the target post now and say what can be known of it. A missing post is a status, not an error.

        Raises:
            Transient: the platform did not answer; nothing is known.
            Unauthorised: the credentials were refused.
        """
        ...

    def thread(self, target: Target, root: str, most: int) -> Thread:
        """Read the thread around a post once, for evidence: ``most`` posts at most, first what hangs on it itself.

        ``root`` is the native id of the thread's beginning, "" where it is not known. A post that is not for everyone
        is counted and its words go nowhere. Nothing else of the authors is asked for.

        Raises:
            Transient: the platform did not answer.
            Permanent: it does not show us the thread.
        """
        ...

    def publish(self, consent: Consent) -> Receipt:
        """Send exactly ``consent.text`` as a public reply, with one request, and read it back.

        Raises:
            Transient: refused before anything was created; the same text may be tried later.
            Permanent: refused for good; nothing was created.
            Uncertain: no clear answer; the reply may exist.
            Held: it waits for the platform's moderators, who may let it through at any time.
        """
        ...

    def find(self, target: Target, text: str, since: int) -> Receipt | None:
        """Look for our own reply to ``target`` on our timeline or in the thread; ``None`` if it is not there.

        ``text`` is "" when a restore lost its words: then any reply of ours to it since ``since`` is the one, and
        ``None`` proves nothing.

        Raises:
            Transient: the platform did not answer; nothing is known.
            Held: it waits for the platform's moderators.
        """
        ...

    def retract(self, receipt: Receipt) -> None:
        """Delete our own post that ``receipt`` proves. Deleting what is already gone is a success.

        Raises:
            Permanent: the platform does not offer it, or refuses.
            Transient: it may work later.
        """
        ...


class Detector(Protocol):
    """Looks at texts and says what it finds. Pure: no I/O, no clock, the same answer every time."""

    name: str
    version: str

    def detect(self, texts: Sequence[str]) -> Sequence[Finding]:
        """One finding per text, in order. Any text is allowed: empty, huge, binary, broken surrogates."""
        ...


class Notifier(Protocol):
    """Tells the team. There is no notifier that reaches a customer."""

    def notify(self, notice: Notice) -> None:
        """Deliver ``notice``.

        Raises:
            Transient: it may work later.
        """
        ...


class RefusalSink(Protocol):
    """Where the HTTP door records a request that it refuses, before it raises."""

    def refused(self, platform: str, endpoint: str, reason: str) -> None:
        """Count one refusal; ``endpoint`` is a template without ids or query."""
        ...


class RateBudget(Protocol):
    """How much of a platform's allowance is left, shared by all processes."""

    def spend(self, bucket: str, cost: int = 1) -> None:
        """Take ``cost`` from ``bucket``.

        Raises:
            RateLimited: the bucket is empty until its reset.
        """
        ...

    def learn(self, bucket: str, remaining: int, reset_at: int, most: int) -> None:
        """Take over what the platform's own headers say; ``reset_at`` in UTC milliseconds, ``most`` a full bucket."""
        ...


class Purse(Protocol):
    """What reading and writing on a platform that bills them has cost, shared by all processes. Micro-dollars."""

    def pay(self, what: str, micro: int) -> None:
        """Note that ``what`` ("read", "post") was billed."""
        ...

    def spent(self) -> float:
        """The share of today's or this month's budget that is gone, whichever is larger; 0 where there is none."""
        ...


class Keeper(Protocol):
    """Says whether a watch hears a text, without keeping anything of it."""

    def __call__(self, mention: Mention) -> bool:
        """True when the post names the brand or one of its watches."""
        ...
