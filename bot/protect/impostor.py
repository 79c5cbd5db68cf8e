"""What makes an account that answers our customers a false helper (E-13). Pure: signs in, a judgement out.

Only posts that stand in threads which we hold are judged, each by itself: nobody looks for an account's other posts
(E-09), and a judgement opens a case for people, it does nothing to the account.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

SUSPECTED_FROM = 750
"""Weight from which a post is a false helper's; at most 1000."""

FAST_MS = 60_000
"""A person who reads a post, thinks and types an offer of help takes longer."""

_READ = 5_000
_PHONE = re.compile(r"(?<![\w/.-])(?:\+|00|0|\(0)\d{1,4}(?:[ ()/.-]{0,3}\d{2,}){2,5}(?![\w/])")
_MESSENGER = re.compile(r"\b(?:wa\.me|t\.me|api\.whatsapp\.com|signal\.me)/\S")
_TOOL = re.compile(
    r"\b(?:any ?desk|team ?viewer|quick ?support|ultra ?viewer|rust ?desk|supremo|ammyy|aero ?admin|zoho assist"
    r"|dw ?service|screen ?connect|connect ?wise|log ?me ?in|splash ?top|fernwartung\w{0,10}"
    r"|remote ?(?:access|support|desktop))\b"
)
_LINK = re.compile(r"https?://([^\s/?#:]{1,200})|(?<![\w@.-])((?:[\w-]{1,63}\.){1,4}[a-z]{2,12})(?=[/\s,;!?)]|\.?$)")


class Signal(StrEnum):
    """One sign of a false helper."""

    LOOKALIKE = "lookalike"
    REMOTE_TOOL = "remote-tool"
    SCAM_WORDS = "scam-words"
    PHONE = "phone"
    OTHER_LINK = "other-link"
    FAST = "fast"
    NEW_ACCOUNT = "new-account"


WEIGHTS = {
    Signal.LOOKALIKE: 850,
    Signal.REMOTE_TOOL: 500,
    Signal.SCAM_WORDS: 500,
    Signal.PHONE: 400,
    Signal.OTHER_LINK: 350,
    Signal.FAST: 200,
    Signal.NEW_ACCOUNT: 150,
}
"""Per mille. A name that is nearly ours is enough; what a helpful stranger may do as well needs company."""


@dataclass(frozen=True, slots=True)
class Own:
    """What is ours: hosts in lower case, and numbers as digits alone."""

    hosts: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Reply:
    """A post by an account that is not ours. ``after_ms``: how long after a customer's post to us it answers that post.

    ``after_ms`` is None where it answers no customer of ours. ``new_account`` is None where the platform does not say.
    """

    text: str
    lookalike: bool
    scam_words: bool
    new_account: bool | None
    after_ms: int | None


@dataclass(frozen=True, slots=True)
class Suspicion:
    """The signs and what they weigh together, per mille."""

    signals: tuple[Signal, ...]
    weight: int

    @property
    def code(self) -> str:
        """The reason as triage writes one: "false_helper lookalike,phone 1000"."""
        return f"false_helper {','.join(self.signals)} {self.weight}"


def suspicion(reply: Reply, own: Own) -> Suspicion | None:
    """Whether this is a false helper's post; None if not.

    Besides the name, all signs count only in an answer to a customer of ours.
    """
    signals = tuple(_signals(reply, own))
    weight = min(1000, sum(WEIGHTS[signal] for signal in signals))
    return Suspicion(signals, weight) if weight >= SUSPECTED_FROM else None


def _signals(reply: Reply, own: Own) -> Iterator[Signal]:
    if reply.lookalike:
        yield Signal.LOOKALIKE
    if reply.after_ms is None:
        return
    text = reply.text[:_READ].casefold()
    if _TOOL.search(text):
        yield Signal.REMOTE_TOOL
    if reply.scam_words:
        yield Signal.SCAM_WORDS
    if _MESSENGER.search(text) or any(not _is_ours(number[0], own.numbers) for number in _PHONE.finditer(text)):
        yield Signal.PHONE
    if any(not _below(found[1] or found[2], own.hosts) for found in _LINK.finditer(text)):
        yield Signal.OTHER_LINK
    if 0 <= reply.after_ms <= FAST_MS:
        yield Signal.FAST
    if reply.new_account:
        yield Signal.NEW_ACCOUNT


def _is_ours(number: str, ours: Collection[str]) -> bool:
    return digits(number) in ours


def digits(number: str) -> str:
    """A number's digits without what stands for its country or trunk."""
    return re.sub(r"\D", "", number).removeprefix("00").removeprefix("49").lstrip("0")


def _below(host: str, ours: Collection[str]) -> bool:
    return any(host == own or host.endswith(f".{own}") for own in ours)
