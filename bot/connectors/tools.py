"""What a connector is given besides its source: time, secrets, the places of files, and what the door needs."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.egress.door import DEADLINE_S, Door
from bot.egress.recorder import Recorder
from bot.egress.rules import Rule
from bot.ports import Clock, Purse, RateBudget, RefusalSink


class _Free:
    """A purse for platforms that bill nothing."""

    def pay(self, what: str, micro: int) -> None:
        """Nothing is billed."""

    def spent(self) -> float:
        """Nothing is."""
        return 0.0


FREE: Final = _Free()


@dataclass(frozen=True, slots=True)
class Tools:
    """Made by wiring, once for readers and once for writers.

    Attributes:
        clock: the only source of time.
        refusals: where the door records what it refuses.
        budget: what is left of the platform's allowance. The readers' one leaves half of it to people.
        secret: name of a secret -> the secret; raises ``EarshotError`` that says which one is missing.
        config_dir: where files named in a source stand.
        data_dir: where a connector may write files of its own.
        terms: what the watches that hear this platform listen for, as written.
        together: of the watches that name no word alone, the groups that they ask for: a post holds a term of each.
        purse: what a platform that bills its answers may still cost.
        keep: whether a watch hears a text. For sources of everything that anybody says; it spares the rest the mapping.
        deadline_s: seconds that one request to the platform may take, with all of its answer.
        recorder: is told what is read from the platform and what it answers, for evidence.
    """

    clock: Clock
    refusals: RefusalSink
    budget: RateBudget
    secret: Callable[[str], str]
    config_dir: Path
    data_dir: Path
    terms: tuple[str, ...] = ()
    purse: Purse = FREE
    keep: Callable[[str], bool] = lambda _: True
    together: tuple[tuple[tuple[str, ...], ...], ...] = ()
    deadline_s: float = DEADLINE_S
    recorder: Recorder | None = None

    def door(self, platform: str, hosts: Iterable[str], rules: Sequence[Rule], account: str) -> Door:
        """The way out to ``hosts`` for what ``rules`` name; ``account`` is the one whose allowance it spends."""
        return Door(
            platform,
            hosts,
            rules,
            self.refusals,
            budget=self.budget,
            account=account,
            deadline_s=self.deadline_s,
            recorder=self.recorder,
        )
