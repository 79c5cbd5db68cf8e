"""What config/templates releases passes the rules on our own words once a person has filled its gaps."""

import re
from pathlib import Path

import pytest
from gate_facts import answer, draft

from bot.config.load import load
from bot.model import Outcome

TEMPLATES = load(Path(__file__).parents[2] / "config").templates
WORDINGS = [
    (f"{template.template} {place}", wording)
    for template in TEMPLATES
    if template.released
    for place, wording in enumerate(template.wordings, start=1)
]
GAP = re.compile(r"\[[^\]]+\]")


def filled(wording: str, gap: str) -> str:
    told = re.sub(r"\{contact:\w+\}", "https://fjordfon.example/x", wording).replace("{name}", "Fjordfon")
    return "@lena_m " + GAP.sub(gap, told) + " ^AB"


def test_there_are_released_wordings_with_and_without_gaps() -> None:
    assert {bool(GAP.search(wording)) for _, wording in WORDINGS} == {True, False}


@pytest.mark.parametrize("gap", ["bis 18 Uhr", "morgen", "by Friday"])
@pytest.mark.parametrize("wording", [wording for _, wording in WORDINGS], ids=[name for name, _ in WORDINGS])
@pytest.mark.parametrize("rule", ["C-16", "C-22", "C-23", "C-24", "C-26", "C-32"])
def test_every_released_wording_passes_with_its_gaps_filled(rule: str, wording: str, gap: str) -> None:
    result = answer(rule, reply=draft(text=filled(wording, gap), template_text=wording))
    assert result.outcome is Outcome.ALLOW, (result.code, dict(result.evidence))
