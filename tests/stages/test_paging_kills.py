"""kill -9 at every point of paging: no alarm is forgotten, and nobody is paged twice with one page."""

from collections import Counter
from pathlib import Path

import pytest
from alarms import Pagers, Watch
from clocks import FakeClock
from port_doubles import die, killed
from tents import HouseInATent

from bot.ledger.verify import Verdict, verify

pytestmark = pytest.mark.crash


class DeadlyClock(FakeClock):
    """Ends the process when it is asked for the ``last``-th time."""

    def __init__(self, clock: FakeClock, last: int) -> None:
        super().__init__(clock.now())
        self._left = last

    def now(self) -> int:
        self._left -= 1
        if not self._left:
            die()
        return super().now()


def go_on(watch: Watch) -> None:
    """The next worker, until the first two rounds are over."""
    watch.run_for(9)


def check(watch: Watch) -> None:
    """Everybody in the first two rounds was told or somebody else was in their place, and no page came twice."""
    links = Counter(each["body"].partition("/ack/")[2].split()[0] for each in watch.pagers.got)
    assert max(links.values()) == 1, "a page came twice"
    told = {each["channel"] for each in watch.pagers.got}
    assert "EARSHOT_PAGE_HEAD" in told
    assert len(told) >= 2, "of the first round somebody was told"
    store = watch.tent.store
    assert store.value("SELECT count(*) FROM pages WHERE state IN ('due', 'sending')") == 0
    marked = store.value("SELECT count(*) FROM pages WHERE state = 'sent'")
    assert len([step for step in watch.steps() if step == "paged"]) == marked
    assert verify(store).verdict is Verdict.OK


@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_right_before_or_after_a_page_leaves_the_next_person_is_paged_at_once(
    tent: HouseInATent, tmp_path: Path, moment: str
) -> None:
    place = tmp_path / "pages.jsonl"
    Watch(tent, Pagers(place)).threaten()
    deadly = Watch(tent, Pagers(place, **{moment: die}))
    assert killed(deadly.page_as_another_process)
    watch = Watch(tent, Pagers(place))
    watch.run_for(0.9)
    assert "EARSHOT_PAGE_HEAD" in watch.pagers.channels, "within the minute, too"
    assert "EARSHOT_PAGE_BOARD" in watch.pagers.channels
    go_on(watch)
    check(watch)


@pytest.mark.parametrize("last", range(1, 10))
def test_killed_at_any_step_an_alarm_is_neither_forgotten_nor_paged_twice(
    tent: HouseInATent, tmp_path: Path, last: int
) -> None:
    watch = Watch(tent, Pagers(tmp_path / "pages.jsonl"))
    watch.threaten()
    assert killed(lambda: watch.page_as_another_process(DeadlyClock(tent.clock, last))), "the clock is asked so often"
    go_on(watch)
    check(watch)
