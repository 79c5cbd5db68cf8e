"""Where the wiring puts files: a reply never lands where the process happens to stand."""

from pathlib import Path

import pytest
from clocks import FakeClock
from tents import HouseInATent

from bot.connectors.replay import Source as ReplaySource
from bot.connectors.replay import timeline_of
from bot.errors import EarshotError
from bot.settings import Settings
from bot.wiring import Wiring


@pytest.mark.parametrize(
    ("timeline", "file"), [("", "s.timeline.jsonl"), ("said.jsonl", "said.jsonl"), ("a/b.jsonl", "a/b.jsonl")]
)
def test_a_timeline_stands_below_the_data_folder(tent: HouseInATent, timeline: str, file: str) -> None:
    source = ReplaySource(kind="replay", name="s", file="p.jsonl", account="fjordfon_hilft", timeline=timeline)
    assert timeline_of(source, tent.wiring.settings.data_dir) == tent.wiring.settings.data_dir / file


def test_without_keys_no_database_is_made(tmp_path: Path, clock: FakeClock) -> None:
    wiring = Wiring(Settings(data_dir=tmp_path / "data"), clock)
    with pytest.raises(EarshotError, match="earshot init"):
        wiring.stores()
    assert list(tmp_path.iterdir()) == []
